/** `nanokube kubeconfig`: the administrator's access to a cluster, for whoever wants the text. */
import { readFile } from 'node:fs/promises'
import { clusterFlags, existingHere } from '../chosen-cluster.ts'
import { defineCommand } from '../command.ts'

export const kubeconfig = defineCommand({
  name: 'kubeconfig',
  summary: 'Prints the kubeconfig of the administrator of a cluster.',
  options: clusterFlags,
  async run(values, _words, { host }) {
    const { files } = await existingHere(values)
    host.output.write(await readFile(files.adminKubeconfig, 'utf8'))
  },
})
