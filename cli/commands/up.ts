/** `nanokube up` and `nanokube start`: a cluster that runs when the command ends. */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { option } from '#daemon/options.ts'
import { bringUp, bringUpFlags, checkEngine } from '../bring-up.ts'
import { clusterFlags, engineFlags, existing, filesOf } from '../chosen-cluster.ts'
import {
  type ClusterDescription,
  NODES_MAX,
  readCluster,
  usualNames,
  writeCluster,
} from '../cluster.ts'
import type { ClusterFiles } from '../cluster-files.ts'
import { lockCluster } from '../cluster-lock.ts'
import { CommandError, defineCommand } from '../command.ts'
import { newCluster } from '../new-cluster.ts'
import { runningSupervisor } from '../supervisor/processes.ts'

export const HOLLOW_MAX = 10_000

export const up = defineCommand({
  name: 'up',
  summary: 'Makes a cluster, or starts the one that there is.',
  options: {
    ...clusterFlags,
    ...engineFlags,
    'Flags of a new cluster': {
      nodes: option.integer({ help: 'How many nodes.', default: 1, min: 0, max: NODES_MAX }),
      hollow: option.integer({
        help: 'How many nodes more that only act as if they ran containers.',
        default: 0,
        min: 0,
        max: HOLLOW_MAX,
      }),
      'api-port': option.port({
        help: 'Port of the API server; the first free one from 6443 on unless given.',
      }),
    },
    ...bringUpFlags,
  },
  async run(values, _words, context) {
    const files = filesOf(values)
    if (values.nodes > 0 || (await readCluster(files.cluster))?.nodes.length) {
      await checkEngine(values.engine)
    }
    using lock = await lockCluster(files, context)
    const present = await readCluster(files.cluster)
    const wishes = { ...values, nodeNames: usualNames(values.nodes) }
    const cluster = present
      ? await withPort(present, files, values.apiPort)
      : await newCluster(wishes, files, context)
    await bringUp(cluster, files, values, context, lock)
  },
})

/** The port of a cluster can change while nothing of it runs. */
async function withPort(
  cluster: ClusterDescription,
  files: ClusterFiles,
  apiPort: number | undefined,
): Promise<ClusterDescription> {
  if (apiPort === undefined || apiPort === cluster.apiPort) return cluster
  if (await runningSupervisor(files)) {
    throw new CommandError(
      `--api-port: cluster "${cluster.name}" runs on ${cluster.apiPort}, wanted ${apiPort}`,
      'Stop it first: nanokube stop',
    )
  }
  // Each says the old one until the server writes it anew, and the services wait for theirs.
  for (const name of await readdir(files.pki)) {
    if (name.endsWith('.kubeconfig')) await rm(join(files.pki, name))
  }
  const moved = { ...cluster, apiPort }
  await writeCluster(files.cluster, moved)
  return moved
}

export const start = defineCommand({
  name: 'start',
  summary: 'Starts a cluster that was stopped.',
  options: { ...clusterFlags, ...engineFlags, ...bringUpFlags },
  async run(values, _words, context) {
    const { files, cluster: known } = await existing(values)
    if (known.nodes.length > 0) await checkEngine(values.engine)
    using lock = await lockCluster(files, context)
    const { cluster } = await existing(values)
    await bringUp(cluster, files, values, context, lock)
  },
})
