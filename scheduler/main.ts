/** The scheduler as a process: one replica works, others wait to take over. */
import { readFile } from 'node:fs/promises'
import { Connection } from '#client/connection.ts'
import { leadAsTold, replicaIdentity } from '#client/leader-flags.ts'
import { loadTarget } from '#client/load-kubeconfig.ts'
import { Client } from '#client/rest.ts'
import { restMetrics } from '#client/rest-metrics.ts'
import { createHealth } from '#daemon/health.ts'
import { systemHost } from '#daemon/host.ts'
import { inBackground } from '#daemon/in-background.ts'
import { addProcessMetrics, createMetrics } from '#daemon/metrics.ts'
import { startMonitoring } from '#daemon/monitoring.ts'
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
  const { environment } = systemHost
  const target = await loadTarget({ path: values.kubeconfig, environment, clock })
  await using started = new AsyncDisposableStack()
  const metrics = createMetrics()
  addProcessMetrics(metrics)
  const health = createHealth(clock, log)
  const { monitoringAddress: host, monitoringPort: port } = values
  started.use(await startMonitoring({ health, metrics, log }, { host, port }))
  const connection = started.use(new Connection({ ...target, userAgent: 'kube-scheduler', clock }))
  const client = new Client({
    connection,
    metrics: restMetrics(metrics, connection.server.host),
    warn: (message) => log.warn('warning of the API server', { warning: message }),
  })
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
