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
  /** A node was found that so many pods have to leave. */
  preempted(victims: number): void
  /** Whose pods are counted. */
  watch(queue: SchedulingQueue): void
}

const DURATIONS = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5]
const ATTEMPTS = [1, 2, 4, 8, 16]
const VICTIMS = [1, 2, 4, 8, 16, 32, 64]

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
  const preemptions = metrics.counter({
    name: 'scheduler_preemption_attempts_total',
    help: 'Times that pods were told to leave for more important ones.',
  })
  const victims = metrics.histogram({
    name: 'scheduler_preemption_victims',
    help: 'Pods that were told to leave at a time.',
    buckets: VICTIMS,
  })
  let watched: SchedulingQueue | undefined
  metrics.gauge<'queue'>({
    name: 'scheduler_pending_pods',
    help: 'Pods that wait, by the part of the queue.',
    labels: ['queue'],
    readAll: () => {
      if (!watched) return []
      const { active, backoff, failed, unschedulable, held, gated } = watched.counts()
      return [
        [{ queue: 'active' }, active],
        [{ queue: 'backoff' }, backoff + failed],
        [{ queue: 'unschedulable' }, unschedulable + held],
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
    preempted(count) {
      preemptions.inc()
      victims.observe(count)
    },
    watch(queue) {
      watched = queue
    },
  }
}
