/** Figures about the rules of this node, under upstream's names, and whether they are current. */
import type { EndpointSlice } from '#api/kinds/discovery/endpoint-slice.ts'
import type { Clock } from '#daemon/clock.ts'
import type { Metrics } from '#daemon/metrics.ts'

export interface Synced {
  readonly isWhole: boolean
  readonly durationMs: number
}

export interface ProxyMetrics {
  /** Something has changed that the rules may have to follow. */
  queued(): void
  serviceChanged(): void
  endpointsChanged(slice: EndpointSlice): void
  synced(sync: Synced): void
  failed(): void
  /** Whether the rules follow within a minute, as upstream judges. */
  readonly isHealthy: boolean
  /** When the rules were last brought up to date, in milliseconds since 1970. */
  readonly lastSyncedAt: number
}

const BEHIND_MAX_MS = 60_000
const DURATIONS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20]
const LATENCIES = [0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60, 120, 300]
const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time'

export function proxyMetrics(metrics: Metrics, clock: Clock): ProxyMetrics {
  const durations = syncDurations(metrics)
  const programming = metrics.histogram({
    name: 'kubeproxy_network_programming_duration_seconds',
    help: 'Time from a change of a pod or Service until the rules follow.',
    buckets: LATENCIES,
  })
  const services = metrics.counter({
    name: 'kubeproxy_sync_proxy_rules_service_changes_total',
    help: 'Services whose rules were made again.',
  })
  const endpoints = metrics.counter({
    name: 'kubeproxy_sync_proxy_rules_endpoint_changes_total',
    help: 'Changes of slices that were seen.',
  })
  const failures = metrics.counter({
    name: 'kubeproxy_sync_proxy_rules_nftables_sync_failures_total',
    help: 'Changes of the rules that failed.',
  })
  let [queuedAt, syncedAt] = [0, 0]
  let waitingSince: number | undefined
  const triggers = new Set<number>()
  metrics.gauge({
    name: 'kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds',
    help: 'When a change was last seen.',
    read: () => queuedAt / 1000,
  })
  metrics.gauge({
    name: 'kubeproxy_sync_proxy_rules_last_timestamp_seconds',
    help: 'When the rules were last brought up to date.',
    read: () => syncedAt / 1000,
  })
  return {
    queued() {
      queuedAt = clock.now()
      waitingSince ??= clock.monotonic()
    },
    serviceChanged: () => services.inc(),
    endpointsChanged({ metadata }) {
      endpoints.inc()
      const time = metadata.annotations?.[TRIGGER_TIME]
      const at = time === undefined ? Number.NaN : Date.parse(time)
      if (at > syncedAt && syncedAt > 0) triggers.add(at)
    },
    synced({ isWhole, durationMs }) {
      waitingSince = undefined
      syncedAt = clock.now()
      durations(isWhole, durationMs / 1000)
      for (const at of triggers) programming.observe(Math.max(0, syncedAt - at) / 1000)
      triggers.clear()
    },
    failed: () => failures.inc(),
    get isHealthy() {
      const behindMs = waitingSince === undefined ? 0 : clock.monotonic() - waitingSince
      return syncedAt > 0 && behindMs < BEHIND_MAX_MS
    },
    get lastSyncedAt() {
      return syncedAt
    },
  }
}

/** All of them together, and by whether everything was written or only what differs. */
function syncDurations(metrics: Metrics): (isWhole: boolean, seconds: number) => void {
  const duration = (part: string, what: string) =>
    metrics.histogram({
      name: `kubeproxy_sync_${part}proxy_rules_duration_seconds`,
      help: `Time that ${what} takes.`,
      buckets: DURATIONS,
    })
  const every = duration('', 'a change of the rules')
  const whole = duration('full_', 'writing all rules')
  const partial = duration('partial_', 'writing those rules that differ')
  return (isWhole, seconds) => {
    every.observe(seconds)
    const kind = isWhole ? whole : partial
    kind.observe(seconds)
  }
}
