/** `nanokube up` and `nanokube start`: a cluster that runs when the command ends. */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { option } from '#daemon/options.ts'
import { bringUp, bringUpFlags, checkEngine } from '../bring-up.ts'
import { clusterFlags, engineFlags, existing, existingHere, filesOf } from '../chosen-cluster.ts'
import {
  type ClusterDescription,
  NODES_MAX,
  readCluster,
  usualNames,
  withApiAddresses,
  writeCluster,
} from '../cluster.ts'
import type { ClusterFiles } from '../cluster-files.ts'
import { lockCluster } from '../cluster-lock.ts'
import { CommandError, defineCommand } from '../command.ts'
import { bringUpJoined } from '../join/bring-up-joined.ts'
import { newCluster } from '../new-cluster.ts'
import { checkApiAddresses } from '../ports.ts'
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
      'api-address': option.list({
        help:
          'Addresses of this machine, under which others reach the API server too; ' +
          'nodes that join are told the first.',
      }),
    },
    ...bringUpFlags,
  },
  async run(values, _words, context) {
    const files = filesOf(values)
    checkApiAddresses(values.apiAddress)
    if (values.nodes > 0 || (await readCluster(files.cluster))?.nodes.length) {
      await checkEngine(values.engine)
    }
    using lock = await lockCluster(files, context)
    const present = await readCluster(files.cluster)
    if (present?.joined) {
      if (values.apiPort !== undefined || values.apiAddress.length > 0) await existingHere(values)
      return bringUpJoined(present, files, values, context, lock)
    }
    const { apiAddress: apiAddresses } = values
    const wishes = { ...values, apiAddresses, nodeNames: usualNames(values.nodes) }
    const cluster = present
      ? await movedTo(present, files, { apiPort: values.apiPort, apiAddresses })
      : await newCluster(wishes, files, context)
    await bringUp(cluster, files, values, context, lock)
  },
})

interface Place {
  readonly apiPort: number | undefined
  /** Those of before unless there are any. */
  readonly apiAddresses: readonly string[]
}

/** The port and the addresses of a cluster can change while nothing of it runs. */
async function movedTo(
  cluster: ClusterDescription,
  files: ClusterFiles,
  { apiPort = cluster.apiPort, apiAddresses: given }: Place,
): Promise<ClusterDescription> {
  const apiAddresses = given.length > 0 ? given : (cluster.apiAddresses ?? [])
  const moved = withApiAddresses({ ...cluster, apiPort }, apiAddresses)
  if (isDeepStrictEqual(moved, cluster)) return cluster
  if (await runningSupervisor(files)) {
    const textOf = (each: ClusterDescription): string =>
      [each.apiPort, ...(each.apiAddresses ?? [])].join(' at ')
    const flag = apiPort === cluster.apiPort ? '--api-address' : '--api-port'
    throw new CommandError(
      `${flag}: cluster "${cluster.name}" runs on ${textOf(cluster)}, wanted ${textOf(moved)}`,
      'Stop it first: nanokube stop',
    )
  }
  // Each says the old one until the server writes it anew, and the services wait for theirs.
  for (const name of await readdir(files.pki)) {
    if (name.endsWith('.kubeconfig')) await rm(join(files.pki, name))
  }
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
    if (cluster.joined) return bringUpJoined(cluster, files, values, context, lock)
    await bringUp(cluster, files, values, context, lock)
  },
})
