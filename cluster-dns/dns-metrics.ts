/** Figures about questions and replies, under the names that CoreDNS gives them. */
import type { Metrics } from '#daemon/metrics.ts'
import { codeName, typeName } from './message.ts'
import type { ServedQuestion } from './server.ts'

export interface DnsMetrics {
  served(served: ServedQuestion): void
  cached(outcome: 'success' | 'denial' | 'miss'): void
  attempted(to: string, durationMs: number, code: number | undefined): void
  /** Time from a change of endpoints until they are in the answers. */
  programmed(durationMs: number): void
}

const DURATIONS = [
  0.000_25, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024,
  2.048, 4.096, 8.192,
]
const SIZES = [0, 100, 200, 300, 400, 511, 1023, 2047, 4095, 8291, 16_000, 32_000, 48_000, 64_000]
const PROGRAMMING = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30]
/** One zone, and one place where it is served. */
const ZONE = '.'
const SERVER = 'dns://:53'
const shared = { server: SERVER, zone: ZONE } as const

export function dnsMetrics(metrics: Metrics, cacheSize: () => number): DnsMetrics {
  const requests = metrics.counter({
    name: 'coredns_dns_requests_total',
    help: 'Questions, by type, protocol and IP family (1 is IPv4).',
    labels: ['server', 'zone', 'proto', 'family', 'type'],
  })
  const responses = metrics.counter({
    name: 'coredns_dns_responses_total',
    help: 'Replies, by code and by who knew.',
    labels: ['server', 'zone', 'rcode', 'plugin'],
  })
  const durations = metrics.histogram({
    name: 'coredns_dns_request_duration_seconds',
    help: 'Time until the reply is sent.',
    labels: ['server', 'zone'],
    buckets: DURATIONS,
  })
  const [requestSizes, responseSizes] = sizes(metrics)
  metrics.gauge({
    name: 'coredns_cache_entries',
    help: 'Replies of others that are kept.',
    read: cacheSize,
  })
  return {
    ...cacheFigures(metrics),
    ...foreignFigures(metrics),
    served({ protocol: proto, isIpv6, question, answered, requestBytes, durationMs }) {
      const family = isIpv6 ? '2' : '1'
      requests.inc({ ...shared, proto, family, type: typeName(question.type) })
      responses.inc({ ...shared, rcode: codeName(answered.code), plugin: answered.source })
      durations.observe(shared, durationMs / 1000)
      requestSizes.observe({ ...shared, proto }, requestBytes)
      responseSizes.observe({ ...shared, proto }, answered.bytes.length)
    },
  }
}

function sizes(metrics: Metrics) {
  const histogram = (what: 'request' | 'response') =>
    metrics.histogram({
      name: `coredns_dns_${what}_size_bytes`,
      help: `Size of each ${what}.`,
      labels: ['server', 'zone', 'proto'],
      buckets: SIZES,
    })
  return [histogram('request'), histogram('response')] as const
}

function cacheFigures(metrics: Metrics): Pick<DnsMetrics, 'cached'> {
  const hits = metrics.counter({
    name: 'coredns_cache_hits_total',
    help: 'Questions about other names that were answered from what is kept.',
    labels: ['server', 'type'],
  })
  const misses = metrics.counter({
    name: 'coredns_cache_misses_total',
    help: 'Questions about other names that others had to be asked for.',
    labels: ['server'],
  })
  return {
    cached(outcome) {
      if (outcome === 'miss') misses.inc({ server: SERVER })
      else hits.inc({ server: SERVER, type: outcome })
    },
  }
}

function foreignFigures(metrics: Metrics): Pick<DnsMetrics, 'attempted' | 'programmed'> {
  const requests = metrics.histogram({
    name: 'coredns_proxy_request_duration_seconds',
    help: 'Time that other servers take, by server and code of the reply.',
    labels: ['proxy_name', 'to', 'rcode'],
    buckets: DURATIONS,
  })
  const programming = metrics.histogram({
    name: 'coredns_kubernetes_dns_programming_duration_seconds',
    help: 'Time from a change of endpoints until they are in the answers.',
    labels: ['service_kind'],
    buckets: PROGRAMMING,
  })
  return {
    attempted(to, durationMs, code) {
      const rcode = code === undefined ? '' : codeName(code)
      requests.observe({ proxy_name: 'forward', to, rcode }, durationMs / 1000)
    },
    programmed(durationMs) {
      programming.observe({ service_kind: 'headless_with_selector' }, durationMs / 1000)
    },
  }
}
