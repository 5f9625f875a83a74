/** Figures about scheduling, under upstream's names. */
import type { Metrics } from '#daemon/metrics.ts'
import type { SchedulingQueue } from './queue.ts'

export interface SchedulerMetrics {
  attempted(
    result: 'scheduled' | 'unschedulable' | 'error',
    profile: string,
    durationMs: number,
  ): void
  bound(durationMs: number, attempts: number): void
  /** Whose pods are counted. */
  watch(queue: SchedulingQueue): void
}

const DURATIONS = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5]
const ATTEMPTS = [1, 2, 4, 8, 16]

export function schedulerMetrics(metrics: Metrics): SchedulerMetrics {
  const labels = ['result', 'profile'] as const
  const attempts = metrics.counter({
    name: 'scheduler_schedule_attempts_total',
    help: 'Attempts to find a node, by result.',
    labels,
  })
  const durations = metrics.histogram({
    name: 'scheduler_scheduling_attempt_duration_seconds',
    help: 'Time that a decision takes.',
    labels,
    buckets: DURATIONS,
  })
  const bindings = metrics.histogram({
    name: 'scheduler_binding_duration_seconds',
    help: 'Time until the API server has taken a binding.',
    buckets: DURATIONS,
  })
  const perPod = metrics.histogram({
    name: 'scheduler_pod_scheduling_attempts',
    help: 'Attempts that it took to bind a pod.',
    buckets: ATTEMPTS,
  })
  let watched: SchedulingQueue | undefined
  metrics.gauge<'queue'>({
    name: 'scheduler_pending_pods',
    help: 'Pods that wait, by the part of the queue.',
    labels: ['queue'],
    readAll: () => {
      if (!watched) return []
      const { active, backoff, failed, unschedulable, gated } = watched.counts()
      return [
        [{ queue: 'active' }, active],
        [{ queue: 'backoff' }, backoff + failed],
        [{ queue: 'unschedulable' }, unschedulable],
        [{ queue: 'gated' }, gated],
      ]
    },
  })
  return {
    attempted(result, profile, durationMs) {
      attempts.inc({ result, profile })
      durations.observe({ result, profile }, durationMs / 1000)
    },
    bound(durationMs, count) {
      bindings.observe(durationMs / 1000)
      perPod.observe(count)
    },
    watch(queue) {
      watched = queue
    },
  }
}
