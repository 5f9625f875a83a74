/** What every service beside the API server begins with: the way there, health checks, figures. */
import { createHealth, type Health } from '#daemon/health.ts'
import { systemHost } from '#daemon/host.ts'
import { addProcessMetrics, createMetrics, type Metrics } from '#daemon/metrics.ts'
import { type MonitoringAddress, type Page, startMonitoring } from '#daemon/monitoring.ts'
import { type OptionValues, option } from '#daemon/options.ts'
import type { ServiceContext } from '#daemon/service.ts'
import { Connection } from './connection.ts'
import { InformerSet } from './informer-set.ts'
import { loadTarget } from './load-kubeconfig.ts'
import { MultiplexedWatches } from './multiplex.ts'
import { Client } from './rest.ts'
import { restMetrics } from './rest-metrics.ts'

export const apiServerFlags = {
  kubeconfig: option.text({
    help:
      'File that says which API server to work for, and as whom; unless given, $KUBECONFIG, ' +
      '~/.kube/config or the service account of the pod.',
  }),
}

export const monitoringFlags = (port: number) => ({
  'monitoring-address': option.text({
    help: 'Loopback address to serve health checks and metrics on, over plain HTTP.',
    default: '127.0.0.1',
  }),
  'monitoring-port': option.port({
    help: 'Port to serve health checks and metrics on.',
    default: port,
  }),
})

type MonitoringFlags = OptionValues<{ flags: ReturnType<typeof monitoringFlags> }>

export const monitoringAddressOf = (values: MonitoringFlags): MonitoringAddress => ({
  host: values.monitoringAddress,
  port: values.monitoringPort,
})

export interface ComponentOptions {
  /** As the API server finds it in its logs, and as the owner of fields. */
  readonly userAgent: string
  readonly kubeconfig: string | undefined
  readonly monitoring: MonitoringAddress
  /** What it tells there besides, by path. */
  readonly pages?: ReadonlyMap<string, Page>
}

export interface Component extends AsyncDisposable {
  readonly client: Client
  /** A client like that one, over a connection of somebody else. */
  readonly clientOver: (connection: Connection) => Client
  readonly health: Health
  readonly metrics: Metrics
}

/** Whether the API server answers is not asked: whoever has work to do there will see. */
export async function startComponent(
  { userAgent, kubeconfig, monitoring, pages }: ComponentOptions,
  { clock, log }: Pick<ServiceContext, 'clock' | 'log'>,
): Promise<Component> {
  const { environment } = systemHost
  const target = await loadTarget({ path: kubeconfig, environment, clock })
  await using started = new AsyncDisposableStack()
  const metrics = createMetrics()
  addProcessMetrics(metrics)
  const health = createHealth(clock, log)
  started.use(await startMonitoring({ health, metrics, log, ...(pages && { pages }) }, monitoring))
  const connection = started.use(new Connection({ ...target, userAgent, clock }))
  const requests = restMetrics(metrics, connection.server.host)
  const clientOver = (over: Connection): Client =>
    new Client({
      connection: over,
      metrics: requests,
      warn: (message) => log.warn('warning of the API server', { warning: message }),
    })
  const parts = started.move()
  return {
    client: clientOver(connection),
    clientOver,
    health,
    metrics,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

/** The caches that all parts of a service share. */
export function sharedInformers(
  client: Client,
  { clock, random, log }: Pick<ServiceContext, 'clock' | 'random' | 'log'>,
  started: AsyncDisposableStack,
): InformerSet {
  const transport = started.use(new MultiplexedWatches(client.connection))
  return started.use(new InformerSet({ client, transport, clock, random, log }))
}
