/** `nanokube delete`: nothing of the cluster is left, on the Engine, on disk or in a kubeconfig. */
import { rm } from 'node:fs/promises'
import { option } from '#daemon/options.ts'
import { Engine } from '#engine/engine.ts'
import { clusterFlags, engineFlags, existingHere } from '../chosen-cluster.ts'
import { lockCluster } from '../cluster-lock.ts'
import { defineCommand } from '../command.ts'
import { removeFromKubeconfig, userKubeconfig } from '../kubeconfig-file.ts'
import { unmountBelow } from '../mounts.ts'
import { removeFromEngine } from '../supervisor/machine.ts'
import { stopProcesses } from './stop.ts'

export const deleteCluster = defineCommand({
  name: 'delete',
  summary: 'Stops a cluster and removes everything that is in it.',
  options: {
    ...clusterFlags,
    ...engineFlags,
    'Kubeconfig flags': {
      kubeconfig: option.text({
        help: 'File to take the cluster out of; that of kubectl unless given.',
      }),
    },
  },
  async run(values, _words, context) {
    const { files } = await existingHere(values)
    using _lock = await lockCluster(files, context)
    const { cluster } = await existingHere(values)
    const { progress, host, clock } = context
    await progress.step('Processes stopped', () => stopProcesses(files, context))
    if (cluster.nodes.length > 0) {
      await progress.step('Containers and network removed', async () => {
        await using engine = new Engine(values.engine)
        await removeFromEngine(engine, cluster)
      })
    }
    await progress.step('Files removed', async () => {
      await unmountBelow(files.directory)
      await rm(files.directory, { recursive: true })
      const path = values.kubeconfig ?? userKubeconfig(host.environment)
      await removeFromKubeconfig(path, cluster.name, clock)
    })
    progress.report(
      { type: 'deleted', cluster: cluster.name },
      `Cluster "${cluster.name}" is deleted.`,
    )
  },
})
