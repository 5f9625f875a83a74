/** What a client does, in figures, under the names that every Kubernetes client uses. */
import type { Clock } from '#daemon/clock.ts'
import type { Metrics } from '#daemon/metrics.ts'

export interface Observation extends Disposable {
  answered(code: number): void
}

export interface RestMetrics {
  begin(method: string, clock: Clock): Observation
}

const BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60]

export function restMetrics(metrics: Metrics, host: string): RestMetrics {
  const requests = metrics.counter({
    name: 'rest_client_requests_total',
    help: 'Requests by code, method and host; <error> when there was no answer.',
    labels: ['code', 'method', 'host'],
  })
  const durations = metrics.histogram({
    name: 'rest_client_request_duration_seconds',
    help: 'Time until the answer was there.',
    labels: ['verb', 'host'],
    buckets: BUCKETS,
  })
  return {
    begin(method, clock) {
      const begunAt = clock.monotonic()
      let outcome = '<error>'
      return {
        answered(code) {
          outcome = String(code)
        },
        [Symbol.dispose]() {
          requests.inc({ code: outcome, method, host })
          durations.observe({ verb: method, host }, (clock.monotonic() - begunAt) / 1000)
        },
      }
    },
  }
}
