/** The controller-manager as a process: one replica works, others wait to take over. */
import { readFile } from 'node:fs/promises'
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
import { controllers, madeWith } from './controllers.ts'
import { type Flags, flags } from './flags.ts'
import { nodeSettings } from './node-settings.ts'
import { scalingSettings } from './scaling-settings.ts'

const GRACE_MS = 30_000

await runService({
  name: 'kube-controller-manager',
  summary: 'Brings what the cluster is nearer to what its objects say.',
  version: kubernetesVersion.text,
  options: flags,
  graceMs: GRACE_MS,
  start,
})

async function start(values: Flags, context: ServiceContext): Promise<AsyncDisposable> {
  const { clock, random, log } = context
  const wanted = chosen(controllers, values.controllers)
  const settings = { ...nodeSettings(values), ...scalingSettings(values) }
  const { environment } = systemHost
  const target = await loadTarget({ path: values.kubeconfig, environment, clock })
  await using started = new AsyncDisposableStack()
  const metrics = createMetrics()
  addProcessMetrics(metrics)
  const health = createHealth(clock, log)
  const { monitoringAddress: host, monitoringPort: port } = values
  started.use(await startMonitoring({ health, metrics, log }, { host, port }))
  const connection = started.use(
    new Connection({ ...target, userAgent: 'kube-controller-manager', clock }),
  )
  const requests = restMetrics(metrics, connection.server.host)
  const clientOver = (over: Connection): Client =>
    new Client({
      connection: over,
      metrics: requests,
      warn: (message) => log.warn('warning of the API server', { warning: message }),
    })
  const client = clientOver(connection)
  const rootAuthorities = await authorities(values, connection)
  const work = (signal: AbortSignal): Promise<void> =>
    runControllers(
      wanted.map((each) => madeWith(each, { rootAuthorities, ...settings })),
      {
        client,
        clientOver,
        metrics,
        clock,
        random,
        log,
        hasOwnAccounts: values.useServiceAccountCredentials,
      },
      signal,
    )
  const identity = replicaIdentity(context)
  started.use(
    inBackground('controller-manager', context, (signal) =>
      leadAsTold(values, context, client, identity, work, signal),
    ),
  )
  const parts = started.move()
  return { [Symbol.asyncDispose]: () => parts.disposeAsync() }
}

/** Those that pods shall trust; none where the API server is reached without TLS. */
async function authorities({ rootCaFile }: Flags, { credentials }: Connection): Promise<string> {
  if (rootCaFile !== undefined) return readFile(rootCaFile, 'utf8')
  const { ca = '' } = await credentials.tls()
  return ca.toString()
}
