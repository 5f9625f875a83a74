/** `nanokube stop`: everything ends, and everything is kept; `nanokube up` goes on from there. */
import { Engine } from '#kubelet/docker/engine/engine.ts'
import { clusterFlags, engineFlags, existing } from '../chosen-cluster.ts'
import type { ClusterFiles } from '../cluster-files.ts'
import { type CommandContext, defineCommand } from '../command.ts'
import { stopContainers } from '../supervisor/machine.ts'
import { hasEnded, runningSupervisor } from '../supervisor/processes.ts'
import { withDeadline } from '../with-deadline.ts'

const STOP_TIMEOUT_MS = 70_000

export const stop = defineCommand({
  name: 'stop',
  summary: 'Stops a cluster and keeps what is in it.',
  options: { ...clusterFlags, ...engineFlags },
  async run(values, _words, context) {
    const { files, cluster } = await existing(values)
    const { progress } = context
    await progress.step('Processes stopped', () => stopProcesses(files, context))
    if (cluster.nodes.length === 0) return
    await progress.step('Containers stopped', async () => {
      await using engine = new Engine(values.engine)
      await stopContainers(engine, cluster)
    })
  },
})

export async function stopProcesses(
  files: ClusterFiles,
  { clock, signal }: CommandContext,
): Promise<void> {
  const supervisor = await runningSupervisor(files)
  if (supervisor === undefined) return
  process.kill(supervisor, 'SIGTERM')
  await withDeadline((within) => hasEnded(supervisor, within), {
    clock,
    signal,
    timeoutMs: STOP_TIMEOUT_MS,
    failure: 'the supervisor does not end',
    logFile: files.log('supervisor'),
  })
}
