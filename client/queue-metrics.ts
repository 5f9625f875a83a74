/** What queues do, in figures, under upstream's names. */
import type { Metrics } from '#daemon/metrics.ts'

export interface QueueMetrics {
  added(): void
  retried(): void
  depth(length: number): void
  /** From being added to being taken. */
  waited(durationMs: number): void
  /** From being taken to being done. */
  worked(durationMs: number): void
  /** Gives a way to ask how long work that is not done yet has been going on. */
  watch(read: () => { readonly longestMs: number; readonly totalMs: number }): void
}

const BUCKETS = [1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 100]
const LABELS = ['name'] as const

/** One set of figures for all queues of a process, told apart by name. */
export function queueMetrics(metrics: Metrics): (name: string) => QueueMetrics {
  const of = (name: string, help: string) => ({ name: `workqueue_${name}`, help, labels: LABELS })
  const depth = metrics.gauge(of('depth', 'Keys that wait for a worker.'))
  const adds = metrics.counter(of('adds_total', 'Keys added.'))
  const retries = metrics.counter(of('retries_total', 'Keys added again after a failure.'))
  const waits = metrics.histogram({
    ...of('queue_duration_seconds', 'Time that a key waits for a worker.'),
    buckets: BUCKETS,
  })
  const work = metrics.histogram({
    ...of('work_duration_seconds', 'Time that the work on a key takes.'),
    buckets: BUCKETS,
  })
  const readers = new Set<() => { readonly longestMs: number; readonly totalMs: number }>()
  metrics.gauge({
    name: 'workqueue_longest_running_processor_seconds',
    help: 'How long the oldest work in progress has been going on.',
    read: () => Math.max(0, ...[...readers].map((read) => read().longestMs)) / 1000,
  })
  metrics.gauge({
    name: 'workqueue_unfinished_work_seconds',
    help: 'How long all work in progress has been going on.',
    read: () => [...readers].reduce((sum, read) => sum + read().totalMs, 0) / 1000,
  })
  return (name) => ({
    added: () => adds.inc({ name }),
    retried: () => retries.inc({ name }),
    depth: (length) => depth.set({ name }, length),
    waited: (durationMs) => waits.observe({ name }, durationMs / 1000),
    worked: (durationMs) => work.observe({ name }, durationMs / 1000),
    watch: (read) => void readers.add(read),
  })
}
