/** Whether rules are up to date, and how long changes took to get there. */
import { expect, test } from 'vitest'
import type { EndpointSlice } from '#api/kinds/discovery/endpoint-slice.ts'
import { ManualClock } from '#daemon/clock.ts'
import { createMetrics } from '#daemon/metrics.ts'
import { proxyMetrics } from './proxy-metrics.ts'

const sync = { isWhole: false, durationMs: 20 }

test('rules are healthy once they are there, and unless a change waits for a minute', () => {
  const clock = new ManualClock()
  const figures = proxyMetrics(createMetrics(), clock)
  expect(figures.isHealthy).toBe(false)
  figures.queued()
  figures.synced({ ...sync, isWhole: true })
  clock.jump(3_600_000)
  expect(figures.isHealthy).toBe(true)
  figures.queued()
  clock.jump(59_999)
  figures.queued()
  expect(figures.isHealthy).toBe(true)
  clock.jump(1)
  expect(figures.isHealthy).toBe(false)
  figures.synced(sync)
  expect(figures.isHealthy).toBe(true)
})

test('the way of a change: from the pod to the rules, but not of what was there before', async () => {
  const clock = new ManualClock()
  const metrics = createMetrics()
  const figures = proxyMetrics(metrics, clock)
  const changedAt = (time: string) =>
    figures.endpointsChanged({
      metadata: { annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': time } },
    } as unknown as EndpointSlice)
  changedAt('2029-12-31T23:00:00Z')
  figures.synced({ isWhole: true, durationMs: 300 })
  clock.jump(5000)
  changedAt('2030-01-01T00:00:03Z')
  figures.synced(sync)
  const text = await metrics.text()
  expect(text).toContain('kubeproxy_network_programming_duration_seconds_count 1\n')
  expect(text).toContain('kubeproxy_network_programming_duration_seconds_sum 2\n')
  expect(text).toContain('kubeproxy_sync_full_proxy_rules_duration_seconds_sum 0.3\n')
  expect(text).toContain('kubeproxy_sync_partial_proxy_rules_duration_seconds_sum 0.02\n')
  expect(text).toContain('kubeproxy_sync_proxy_rules_endpoint_changes_total 2\n')
})
