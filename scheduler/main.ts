/** The scheduler as a process: one replica works, others wait to take over. */
import { readFile } from 'node:fs/promises'
import { monitoringAddressOf, startComponent } from '#client/component.ts'
import { leadAsTold, replicaIdentity } from '#client/leader-flags.ts'
import { inBackground } from '#daemon/in-background.ts'
import { runService, type ServiceContext } from '#daemon/service.ts'
import { kubernetesVersion } from '#daemon/version.ts'
import { defaultConfig, parseConfig } from './config.ts'
import { DEBUG_PATH, DebugPage } from './debug-page.ts'
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
  const parts = { clock, random, log }
  const config = values.config ? parseConfig(await readFile(values.config, 'utf8')) : defaultConfig
  await using started = new AsyncDisposableStack()
  const { kubeconfig } = values
  const monitoring = monitoringAddressOf(values)
  const debugPage = new DebugPage()
  const pages = new Map([[DEBUG_PATH, debugPage.page]])
  const component = started.use(
    await startComponent({ userAgent: 'kube-scheduler', kubeconfig, monitoring, pages }, context),
  )
  const { client, metrics } = component
  const instance = replicaIdentity(context)
  const figures = schedulerMetrics(metrics)
  const work = (signal: AbortSignal): Promise<void> =>
    runScheduler({ ...config, ...parts, client, metrics: figures, instance, debugPage }, signal)
  started.use(
    inBackground('scheduler', context, (signal) =>
      leadAsTold(values, context, client, instance, work, signal),
    ),
  )
  const everything = started.move()
  return { [Symbol.asyncDispose]: () => everything.disposeAsync() }
}
