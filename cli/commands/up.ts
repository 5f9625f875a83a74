/** `nanokube up` and `nanokube start`: a cluster that runs when the command ends. */
import { option } from '#daemon/options.ts'
import { bringUp, bringUpFlags, checkEngine } from '../bring-up.ts'
import { clusterFlags, engineFlags, existing, filesOf } from '../chosen-cluster.ts'
import { NODES_MAX, readCluster, usualNames } from '../cluster.ts'
import { lockCluster } from '../cluster-lock.ts'
import { defineCommand } from '../command.ts'
import { newCluster } from '../new-cluster.ts'

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
    const cluster = present ?? (await newCluster(wishes, files, context))
    await bringUp(cluster, files, values, context, lock)
  },
})

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
