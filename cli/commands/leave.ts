/** `nanokube leave`: takes the node of this machine out of a cluster that runs on another one. */
import { rm } from 'node:fs/promises'
import { Node } from '#api/kinds/core/node.ts'
import { isReason } from '#api/status.ts'
import { option } from '#daemon/options.ts'
import { Engine } from '#engine/engine.ts'
import { accessBy } from '../api-access.ts'
import { clusterFlags, engineFlags, existing } from '../chosen-cluster.ts'
import type { ClusterFiles } from '../cluster-files.ts'
import { lockCluster } from '../cluster-lock.ts'
import { type CommandContext, CommandError, defineCommand } from '../command.ts'
import { drainNode } from '../join/drain.ts'
import { unmountBelow } from '../mounts.ts'
import { removeFromEngine } from '../supervisor/machine.ts'
import { withDeadline } from '../with-deadline.ts'
import { stopProcesses } from './stop.ts'

const DELETE_TIMEOUT_MS = 15_000

export const leave = defineCommand({
  name: 'leave',
  summary: 'Takes the node of this machine out of the cluster that it has joined.',
  options: {
    ...clusterFlags,
    ...engineFlags,
    'Leave flags': {
      drain: option.boolean({
        help: 'First let all pods go where budgets for disruptions allow it, as kubectl drain does.',
      }),
      'drain-timeout': option.duration({ help: 'How long that may take.', default: 300_000 }),
    },
  },
  async run(values, _words, context) {
    const { files } = await existing(values)
    using _lock = await lockCluster(files, context)
    const { cluster } = await existing(values)
    const { progress, clock, signal } = context
    const name = cluster.nodes[0]?.name
    if (!cluster.joined || name === undefined) {
      throw new CommandError(
        `cluster "${cluster.name}": its control plane is on this machine, so nothing has joined`,
        'To remove the whole cluster: nanokube delete. To take out a node: nanokube node remove',
      )
    }
    if (values.drain) {
      await progress.step(`Drained: ${name}`, () =>
        withDeadline(
          async (within) => {
            await using access = await accessBy(files.node(name).kubeconfig, clock)
            await drainNode(access.client, name, clock, within)
          },
          { clock, signal, timeoutMs: values.drainTimeout, failure: `${name} is not drained` },
        ),
      )
    }
    await progress.step('Processes stopped', () => stopProcesses(files, context))
    const why = await deleteOwnNode(files, name, context)
    await progress.step('Containers and network removed', async () => {
      await using engine = new Engine(values.engine)
      await removeFromEngine(engine, cluster)
    })
    await progress.step('Files removed', async () => {
      await unmountBelow(files.directory)
      await rm(files.directory, { recursive: true })
    })
    progress.report(
      { type: 'left', node: name, isDeleted: why === undefined },
      `Node "${name}" has left the cluster.`,
    )
    if (why !== undefined) {
      progress.advise(
        `Its object is still there (${why}). Where kubectl works: kubectl delete node ${name}`,
      )
    }
  },
})

/** Why it could not be: the rights of nodes do not hold it, unless somebody has given them more. */
async function deleteOwnNode(
  files: ClusterFiles,
  name: string,
  { clock, signal }: CommandContext,
): Promise<string | undefined> {
  try {
    await withDeadline(
      async (within) => {
        await using access = await accessBy(files.node(name).kubeconfig, clock)
        await access.client.delete(Node, { name }, { signal: within })
      },
      { clock, signal, timeoutMs: DELETE_TIMEOUT_MS, failure: 'node not deleted' },
    )
  } catch (error) {
    signal.throwIfAborted()
    const { cause } = error as Error
    return isReason(cause, 'NotFound') ? undefined : (error as Error).message
  }
  return undefined
}
