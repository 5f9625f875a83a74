/** The scheduler as a process: one replica works, others wait to take over. */
import { readFile } from 'node:fs/promises'
import { monitoringAddressOf, startComponent } from '#client/component.ts'
import { leadAsTold, replicaIdentity } from '#client/leader-flags.ts'
import { inBackground } from '#daemon/in-background.ts'
import { runService, type ServiceContext } from '#daemon/service.ts'
import { kubernetesVersion } from '#daemon/version.ts'
import { defaultConfig, parseConfig } from './config.ts'
import { type Flags, flags } from './flags.ts'
import { runScheduler } from './run.ts'
import { schedulerMetrics } from './scheduler-metrics.ts'

const GRACE_MS = 30_000

await runService({
  name: 'kube-scheduler',
  summary: 'Chooses nodes for pods.',
  version: kubernetesVersion.text,
  options: flags,
  graceMs: GRACE_MS,
  start,
})

async function start(values: Flags, context: ServiceContext): Promise<AsyncDisposable> {
  const { clock, random, log } = context
  const config = values.config ? parseConfig(await readFile(values.config, 'utf8')) : defaultConfig
  await using started = new AsyncDisposableStack()
  const { kubeconfig } = values
  const monitoring = monitoringAddressOf(values)
  const component = started.use(
    await startComponent({ userAgent: 'kube-scheduler', kubeconfig, monitoring }, context),
  )
  const { client, metrics } = component
  const instance = replicaIdentity(context)
  const figures = schedulerMetrics(metrics)
  const work = (signal: AbortSignal): Promise<void> =>
    runScheduler({ ...config, client, clock, random, log, metrics: figures, instance }, signal)
  started.use(
    inBackground('scheduler', context, (signal) =>
      leadAsTold(values, context, client, instance, work, signal),
    ),
  )
  const parts = started.move()
  return { [Symbol.asyncDispose]: () => parts.disposeAsync() }
}
