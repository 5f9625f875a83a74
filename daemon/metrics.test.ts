/** Metrics come out in Prometheus' text form, and process figures are plausible. */
import { expect, test } from 'vitest'
import { addProcessMetrics, createMetrics } from './metrics.ts'

test('counters, gauges and histograms print as Prometheus reads them', async () => {
  const metrics = createMetrics()
  const requests = metrics.counter({
    name: 'apiserver_request_total',
    help: 'Requests.',
    labels: ['verb', 'code'],
  })
  requests.inc({ verb: 'GET', code: '200' })
  requests.inc({ verb: 'GET', code: '200' }, 2)
  metrics.gauge({ name: 'depth', help: 'Waiting.', read: () => 7 })
  const seconds = metrics.histogram({ name: 'took_seconds', help: 'Time.', buckets: [0.1, 1] })
  seconds.observe(0.5)
  expect(await metrics.text()).toBe(`# HELP apiserver_request_total Requests.
# TYPE apiserver_request_total counter
apiserver_request_total{verb="GET",code="200"} 3

# HELP depth Waiting.
# TYPE depth gauge
depth 7

# HELP took_seconds Time.
# TYPE took_seconds histogram
took_seconds_bucket{le="0.1"} 0
took_seconds_bucket{le="1"} 1
took_seconds_bucket{le="+Inf"} 1
took_seconds_sum 0.5
took_seconds_count 1
`)
  expect(metrics.contentType).toContain('text/plain; version=0.0.4')
})

test('a gauge with labels is read when asked for, and forgets what is gone', async () => {
  const metrics = createMetrics()
  const objects = new Map([['pods', 2]])
  metrics.gauge({
    name: 'objects',
    help: 'Stored.',
    labels: ['resource'],
    readAll: () => [...objects].map(([resource, count]) => [{ resource }, count] as const),
  })
  expect(await metrics.text()).toContain('objects{resource="pods"} 2')
  objects.clear()
  expect(await metrics.text()).not.toContain('pods')
})

test('two services in one process do not share figures', async () => {
  const [one, other] = [createMetrics(), createMetrics()]
  one.counter({ name: 'a_total', help: 'A.' }).inc()
  other.counter({ name: 'a_total', help: 'A.' })
  expect(await one.text()).toContain('a_total 1')
  expect(await other.text()).toContain('a_total 0')
})

test('a name that is taken is refused', () => {
  const metrics = createMetrics()
  metrics.counter({ name: 'a_total', help: 'A.' })
  expect(() => metrics.gauge({ name: 'a_total', help: 'B.' })).toThrow('a_total')
})

test('a total that somebody else keeps is read anew each time', async () => {
  const metrics = createMetrics()
  let total = 3
  metrics.counter({ name: 'read_total', help: 'R.', readTotal: () => total })
  expect(await metrics.text()).toContain('read_total 3')
  total = 5
  expect(await metrics.text()).toContain('read_total 5')
})

test('process figures are plausible and never go back', async () => {
  const metrics = createMetrics()
  addProcessMetrics(metrics)
  const read = async (name: string): Promise<number> => {
    const line = (await metrics.text()).split('\n').find((each) => each.startsWith(`${name} `))
    return Number(line?.split(' ')[1])
  }
  expect(await read('process_resident_memory_bytes')).toBeGreaterThan(10e6)
  expect(await read('process_open_fds')).toBeGreaterThan(2)
  expect(await read('process_max_fds')).toBeGreaterThan(100)
  expect(await read('nodejs_heap_used_bytes')).toBeGreaterThan(1e6)
  const startedAt = await read('process_start_time_seconds')
  expect(Math.abs(startedAt - (Date.now() / 1_000 - process.uptime()))).toBeLessThan(5)
  const before = await read('process_cpu_seconds_total')
  expect(before).toBeGreaterThan(0)
  expect(await read('process_cpu_seconds_total')).toBeGreaterThanOrEqual(before)
  expect(await read('nodejs_eventloop_active_seconds_total')).toBeGreaterThanOrEqual(0)
})
