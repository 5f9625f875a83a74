/** `nanokube stop`, or `down`: everything ends and is kept; `nanokube up` goes on from there. */

import type { OptionValues } from '#daemon/options.ts'
import { hasEnded, sendSignal } from '#daemon/other-processes.ts'
import { Engine } from '#engine/engine.ts'
import { clusterFlags, engineFlags, existing } from '../chosen-cluster.ts'
import type { ClusterFiles } from '../cluster-files.ts'
import { lockCluster } from '../cluster-lock.ts'
import { type CommandContext, defineCommand } from '../command.ts'
import { endLeftOvers } from '../supervisor/left-overs.ts'
import { stopContainers } from '../supervisor/machine.ts'
import { runningSupervisor } from '../supervisor/processes.ts'
import { withDeadline } from '../with-deadline.ts'

const STOP_TIMEOUT_MS = 70_000

const stopping = {
  summary: 'Stops a cluster and keeps what is in it.',
  options: { ...clusterFlags, ...engineFlags },
}

export const stop = defineCommand({ name: 'stop', ...stopping, run: stopCluster })

export const down = defineCommand({
  name: 'down',
  ...stopping,
  summary: 'The same as stop: what is in the cluster is kept.',
  run: stopCluster,
})

async function stopCluster(
  values: OptionValues<typeof stopping.options>,
  _words: readonly string[],
  context: CommandContext,
): Promise<void> {
  const { files } = await existing(values)
  using _lock = await lockCluster(files, context)
  const { cluster } = await existing(values)
  const { progress } = context
  await progress.step('Processes stopped', () => stopProcesses(files, context))
  if (cluster.nodes.length > 0) {
    await progress.step('Containers stopped', async () => {
      await using engine = new Engine(values.engine)
      await stopContainers(engine, cluster)
    })
  }
  progress.report(
    { type: 'stopped', cluster: cluster.name },
    `Cluster "${cluster.name}" is stopped.`,
  )
  progress.advise('Start it again with: nanokube start. Remove it with: nanokube delete')
}

/** Also those of a supervisor that was killed. */
export async function stopProcesses(files: ClusterFiles, context: CommandContext): Promise<void> {
  const { clock, signal } = context
  const supervisor = await runningSupervisor(files)
  if (supervisor !== undefined) {
    sendSignal(supervisor, 'SIGTERM')
    await withDeadline((within) => hasEnded(supervisor, clock, within), {
      clock,
      signal,
      timeoutMs: STOP_TIMEOUT_MS,
      failure: 'the supervisor does not end',
      logFile: files.log('supervisor'),
    })
  }
  await withDeadline((within) => endLeftOvers(files, { clock, signal: within }), {
    clock,
    signal,
    timeoutMs: STOP_TIMEOUT_MS,
    failure: 'processes of the cluster do not end',
  })
}
