/** The cluster's DNS server as a process. */
import { readFile } from 'node:fs/promises'
import { monitoringAddressOf, sharedInformers, startComponent } from '#client/component.ts'
import { runService, type ServiceContext } from '#daemon/service.ts'
import { kubernetesVersion } from '#daemon/version.ts'
import { dnsMetrics } from './dns-metrics.ts'
import { type Flags, flags, parseServer, parseStubDomains, serversIn } from './flags.ts'
import { startReadiness } from './readiness.ts'
import { ReplyCache } from './reply-cache.ts'
import { runDns } from './run.ts'
import { addressText, type ServerAddress } from './upstream.ts'

const GRACE_MS = 60_000
/** All servers together: clients give up after five seconds. */
const DEADLINE_MS = 5000

await runService({
  name: 'cluster-dns',
  summary: 'Answers for the names of Services and pods, and asks others for all other names.',
  version: kubernetesVersion.text,
  options: flags,
  graceMs: GRACE_MS,
  start,
})

async function start(values: Flags, context: ServiceContext): Promise<AsyncDisposable> {
  const { clock, random, log, signal } = context
  const listen = { host: values.listenAddress, port: values.port }
  const stubDomains = parseStubDomains(values.stubDomain)
  const servers = (await upstreamServers(values)).filter((each) => {
    const isOurselves = each.port === listen.port && isOwn(each.host, listen.host)
    if (isOurselves) {
      const server = addressText(each)
      log.warn('not asking a server for other names, as it is this one', { server })
    }
    return !isOurselves
  })
  if (servers.length === 0) log.warn('there is no server to ask for names outside of the cluster')
  await using started = new AsyncDisposableStack()
  const { kubeconfig } = values
  const monitoring = monitoringAddressOf(values)
  const component = started.use(
    await startComponent({ userAgent: 'cluster-dns', kubeconfig, monitoring }, context),
  )
  const { client, health, metrics } = component
  let isReady = false
  health.add('caches', () => {
    if (!isReady) throw new Error('not all of the cluster has been read yet')
  }, ['readyz'])
  const readiness = { host: values.healthAddress, port: values.healthPort }
  started.use(await startReadiness(() => isReady, readiness))
  const informers = sharedInformers(client, context, started)
  const cache = new ReplyCache({
    clock,
    ttlMaxSeconds: values.cacheTtl / 1000,
    entriesMax: values.cacheSize,
  })
  const figures = dnsMetrics(metrics, () => cache.size)
  const zone = {
    domain: values.clusterDomain.toLowerCase().replace(/\.$/, ''),
    ttlSeconds: Math.floor(values.ttl / 1000),
    ownService: values.dnsService,
    pods: values.pods,
  }
  const times = { timeoutMs: values.upstreamTimeout, deadlineMs: DEADLINE_MS }
  const upstream = { servers, stubDomains, ...times }
  const parts = { informers, clock, random, log, zone, upstream, cache, figures, listen }
  started.use(await runDns(parts, signal))
  isReady = true
  const running = started.move()
  return {
    async [Symbol.asyncDispose]() {
      isReady = false
      await clock.sleep(values.lameduck)
      await running.disposeAsync()
    },
  }
}

async function upstreamServers(values: Flags): Promise<readonly ServerAddress[]> {
  if (values.upstream.length > 0) {
    return values.upstream.map((text) => parseServer('upstream', text))
  }
  return values.resolvConf ? serversIn(await readFile(values.resolvConf, 'utf8')) : []
}

/** Asking ourselves would go round until the client gives up. */
function isOwn(host: string, listening: string): boolean {
  if (host === listening) return true
  const isEverywhere = listening === '0.0.0.0' || listening === '::'
  return isEverywhere && (host.startsWith('127.') || host === '::1')
}
