/** The kubelet as a process: one real node, or many that only pretend. */
import { Connection } from '#client/connection.ts'
import { loadTarget } from '#client/load-kubeconfig.ts'
import { Client } from '#client/rest.ts'
import { restMetrics } from '#client/rest-metrics.ts'
import { createHealth } from '#daemon/health.ts'
import { systemHost } from '#daemon/host.ts'
import { addProcessMetrics, createMetrics } from '#daemon/metrics.ts'
import { startMonitoring } from '#daemon/monitoring.ts'
import { runService, type ServiceContext } from '#daemon/service.ts'
import { type Flags, flags } from './flags.ts'
import { startHollowNodes } from './hollow/run-hollow.ts'
import { KUBELET_VERSION } from './node/node-object.ts'
import { startNode } from './run-node.ts'

/** A node that shuts down waits for its pods; without them it takes a moment. */
const GRACE_MS = 330_000

await runService({
  name: 'kubelet',
  summary: 'Makes the pods of one node real.',
  version: KUBELET_VERSION,
  options: flags,
  graceMs: GRACE_MS,
  start,
})

async function start(values: Flags, context: ServiceContext): Promise<AsyncDisposable> {
  const { clock, random, log, signal } = context
  const { environment } = systemHost
  await using started = new AsyncDisposableStack()
  const target = await loadTarget({ path: values.kubeconfig, environment, clock })
  const metrics = createMetrics()
  addProcessMetrics(metrics)
  const health = createHealth(clock, log)
  const { monitoringAddress: host, monitoringPort: port } = values
  started.use(await startMonitoring({ health, metrics, log }, { host, port }))
  const connection = started.use(new Connection({ ...target, userAgent: 'kubelet', clock }))
  const client = new Client({
    connection,
    metrics: restMetrics(metrics, connection.server.host),
    warn: (message) => log.warn('warning of the API server', { warning: message }),
  })
  const parts = { client, clock, random, log, metrics, health }
  const run = values.hollowNodes > 0 ? startHollowNodes : startNode
  started.use(await run(values, parts, signal))
  const all = started.move()
  return { [Symbol.asyncDispose]: () => all.disposeAsync() }
}
