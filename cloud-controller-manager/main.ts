/** The cloud-controller-manager as a process: one replica works, others wait to take over. */
import { chosen } from '#client/chosen.ts'
import { Connection } from '#client/connection.ts'
import { leadAsTold, replicaIdentity } from '#client/leader-flags.ts'
import { loadTarget } from '#client/load-kubeconfig.ts'
import { Client } from '#client/rest.ts'
import { restMetrics } from '#client/rest-metrics.ts'
import { runControllers } from '#client/run-controllers.ts'
import { createHealth } from '#daemon/health.ts'
import { systemHost } from '#daemon/host.ts'
import { inBackground } from '#daemon/in-background.ts'
import { addProcessMetrics, createMetrics } from '#daemon/metrics.ts'
import { startMonitoring } from '#daemon/monitoring.ts'
import { runService, type ServiceContext } from '#daemon/service.ts'
import { kubernetesVersion } from '#daemon/version.ts'
import { cloudControllers } from './controllers.ts'
import { type Flags, flags } from './flags.ts'
import type { CloudProvider } from './provider.ts'
import { providers } from './providers.ts'

const NAME = 'cloud-controller-manager'
const GRACE_MS = 30_000

await runService({
  name: NAME,
  summary: 'Does for the cluster what a cloud would do: addresses for Services, facts about nodes.',
  version: kubernetesVersion.text,
  options: flags,
  graceMs: GRACE_MS,
  start,
})

async function start(values: Flags, context: ServiceContext): Promise<AsyncDisposable> {
  const { clock, random, log } = context
  const controllers = cloudControllers(providerFor(values), {
    updatePeriodMs: values.nodeStatusUpdateFrequency,
    monitorPeriodMs: values.nodeMonitorPeriod,
  })
  const wanted = chosen(controllers, values.controllers)
  const { environment } = systemHost
  const target = await loadTarget({ path: values.kubeconfig, environment, clock })
  await using started = new AsyncDisposableStack()
  const metrics = createMetrics()
  addProcessMetrics(metrics)
  const health = createHealth(clock, log)
  const { monitoringAddress: host, monitoringPort: port } = values
  started.use(await startMonitoring({ health, metrics, log }, { host, port }))
  const connection = started.use(new Connection({ ...target, userAgent: NAME, clock }))
  const requests = restMetrics(metrics, connection.server.host)
  const clientOver = (over: Connection): Client =>
    new Client({
      connection: over,
      metrics: requests,
      warn: (message) => log.warn('warning of the API server', { warning: message }),
    })
  const client = clientOver(connection)
  const hasOwnAccounts = values.useServiceAccountCredentials
  const parts = { client, clientOver, metrics, clock, random, log, hasOwnAccounts }
  const work = (signal: AbortSignal): Promise<void> => runControllers(wanted, parts, signal)
  const identity = replicaIdentity(context)
  started.use(
    inBackground(NAME, context, (signal) =>
      leadAsTold(values, context, client, identity, work, signal),
    ),
  )
  const running = started.move()
  return { [Symbol.asyncDispose]: () => running.disposeAsync() }
}

function providerFor(values: Flags): CloudProvider {
  const make = providers[values.cloudProvider]
  if (make) return make(values)
  const known = Object.keys(providers).join(', ')
  throw new RangeError(`--cloud-provider: found "${values.cloudProvider}", wanted one of ${known}`)
}
