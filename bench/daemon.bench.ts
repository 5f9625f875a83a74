/** What a log line, a count and a name cost: every request pays some of them. */
import { systemClock } from '#daemon/clock.ts'
import { createLog } from '#daemon/log.ts'
import { createMetrics } from '#daemon/metrics.ts'
import { systemRandom } from '#daemon/random.ts'
import { type Bench, nanosecondsPerCall } from './bench.ts'

const metrics = createMetrics()
const labels = ['verb', 'resource', 'code'] as const
const counter = metrics.counter({ name: 'requests_total', help: 'Requests.', labels })
const histogram = metrics.histogram({
  name: 'request_seconds',
  help: 'Time of requests.',
  labels,
  buckets: [0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60],
})
const log = createLog({
  service: 'bench',
  level: 'info',
  format: 'json',
  colours: false,
  clock: systemClock,
  sink: { write: () => {} },
})

export const benches: readonly Bench[] = [
  cost('count with three labels', () => {
    counter.inc({ verb: 'GET', resource: 'pods', code: '200' })
  }),
  cost('observe with three labels', () => {
    histogram.observe({ verb: 'GET', resource: 'pods', code: '200' }, 0.01)
  }),
  cost('log line with two fields', () => log.info('bound pod', { object: 'Pod/a/b', node: 'n' })),
  cost('log line below the level', () => log.debug('bound pod', { object: 'Pod/a/b', node: 'n' })),
  cost('uid', () => systemRandom.uuid()),
  cost('suffix of a generated name', () => systemRandom.suffix(5)),
]

function cost(name: string, call: () => unknown): Bench {
  return { name, unit: 'ns', better: 'lower', measure: () => nanosecondsPerCall(call) }
}
