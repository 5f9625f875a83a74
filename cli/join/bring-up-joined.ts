/** Starts the node of this machine in a cluster whose control plane is on another one. */

import { accessBy, nodesReady } from '../api-access.ts'
import { ensureSupervisor, unlessEnded } from '../bring-up.ts'
import type { ClusterDescription } from '../cluster.ts'
import type { ClusterFiles } from '../cluster-files.ts'
import type { CommandContext } from '../command.ts'
import { fileThere } from '../supervisor/file-there.ts'
import { takenOver } from '../supervisor/processes.ts'
import { withDeadline } from '../with-deadline.ts'

const START_TIMEOUT_MS = 60_000
const READY_TIMEOUT_MS = 60_000

interface Values {
  readonly engine: string
  readonly wait: boolean
}

/** Lets go of the lock as soon as there is a supervisor. */
export async function bringUpJoined(
  cluster: ClusterDescription,
  files: ClusterFiles,
  { engine, wait }: Values,
  context: CommandContext,
  lock: Disposable,
): Promise<void> {
  const { clock, random, signal, progress, host } = context
  const [node] = cluster.nodes
  if (!node) throw new Error(`${files.cluster}: found no node, wanted that of this machine`)
  const startedAtMs = Math.floor(clock.now() / 1000) * 1000
  const logFile = files.log(`${node.name}/kubelet`)
  const started = await progress.step(`Node "${node.name}" known to the cluster`, async () => {
    const supervising = await ensureSupervisor(cluster, files, engine, host)
    const { supervisor } = supervising
    await withDeadline(
      (within) =>
        unlessEnded(supervisor, clock, within, async (until) => {
          await takenOver(files, supervisor, clock, until)
          lock[Symbol.dispose]()
          await fileThere(files.node(node.name).kubeconfig, until)
        }),
      {
        ...{ clock, signal, logFile },
        timeoutMs: START_TIMEOUT_MS,
        failure: 'the cluster gives the node no certificate',
      },
    )
    return supervising
  })
  if (!wait) return
  await progress.step(`Ready: ${node.name}`, () =>
    withDeadline(
      async (within) => {
        await using access = await accessBy(files.node(node.name).kubeconfig, clock)
        const awaited = { names: [node.name], sinceMs: started.isNew ? startedAtMs : 0 }
        await nodesReady(access, awaited, random, within)
      },
      {
        ...{ clock, signal, logFile },
        timeoutMs: READY_TIMEOUT_MS,
        failure: `${node.name} is not Ready`,
      },
    ),
  )
}
