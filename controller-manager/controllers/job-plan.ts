/** Which pods a Job lacks, which it has too many, and how long it waits for more. Pure. */
import type { Job } from '#api/kinds/batch/job.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { inDeletionOrder } from '../pods.ts'
import { backoffMs, indexBackoffMs } from './job-backoff.ts'
import { countOf, firstMissing, union, withIndexes } from './job-intervals.ts'
import { indexWithin, isIndexed, isSuspended, replacesOnlyFailed } from './job-pods.ts'
import type { IndexSurvey, Survey } from './job-survey.ts'

/** Bounds one reconcile, so that a huge Job cannot starve the others. */
const BURST_MAX = 500

/** A pod to create; of an Indexed Job with its index, and the failed pod that it stands in for. */
export interface WantedPod {
  readonly index?: number
  readonly replaced?: Pod | undefined
}

export interface PodPlan {
  readonly create: readonly WantedPod[]
  readonly remove: readonly Pod[]
  /** Until pods that have failed may be replaced. */
  readonly waitMs?: number | undefined
}

const nothing: PodPlan = { create: [], remove: [] }

/** Never both at once: what goes may have to be seen before it is known what is missing. */
export function planPods(job: Job, survey: Survey, nowMs: number): PodPlan {
  if (job.metadata.deletionTimestamp) return nothing
  const { active } = survey
  if (isSuspended(job)) return removing(active)
  const wanted = wantedActive(job, survey)
  const remove = surplus(job, active, active.length - wanted, nowMs)
  if (remove.length > 0) return removing(remove)
  const terminating = replacesOnlyFailed(job) ? survey.terminating.length : 0
  const missing = Math.min(wanted - terminating - active.length, BURST_MAX)
  if (missing <= 0) return nothing
  const { indexes } = survey
  if (indexes?.failed) return planIndexes(job, survey, indexes, missing, nowMs)
  const waitMs = backoffMs(survey.finished, nowMs)
  if (waitMs > 0) return { ...nothing, waitMs }
  const create = indexes
    ? freeIndexes(job, survey, indexes, missing).map((index) => ({ index }))
    : Array.from({ length: missing }, () => ({}))
  return { ...nothing, create }
}

/** Of a Job that ends, whatever it still has. */
export const removing = (pods: readonly Pod[]): PodPlan => ({
  ...nothing,
  remove: pods.slice(0, BURST_MAX),
})

function wantedActive({ spec }: Job, { active, succeeded }: Survey): number {
  const { completions, parallelism = 1 } = spec
  // Pods that share a queue: once one has succeeded there is no more work, and the others end.
  if (completions === undefined) return succeeded > 0 ? active.length : parallelism
  return Math.max(0, Math.min(completions - succeeded, parallelism))
}

/** At least as many as said; of an Indexed Job also pods that have no index of their own. */
function surplus(job: Job, active: readonly Pod[], atLeast: number, nowMs: number): readonly Pod[] {
  const [useless, left] = isIndexed(job) ? withoutOwnIndex(job, active, nowMs) : [[], active]
  const more = Math.max(0, atLeast - useless.length)
  return more > 0 ? [...useless, ...inDeletionOrder(left, [], nowMs).slice(0, more)] : useless
}

/** Of several pods of an index, the one that has come furthest stays. */
function withoutOwnIndex(job: Job, active: readonly Pod[], nowMs: number): [Pod[], Pod[]] {
  const byIndex = Map.groupBy(active, (pod) => indexWithin(pod, job))
  const [useless, left]: [Pod[], Pod[]] = [[], []]
  for (const [index, pods] of byIndex) {
    if (index === undefined) useless.push(...pods)
    else {
      const ordered = pods.length > 1 ? inDeletionOrder(pods, [], nowMs) : pods
      useless.push(...ordered.slice(0, -1))
      left.push(...ordered.slice(-1))
    }
  }
  return [useless, left]
}

function freeIndexes(
  job: Job,
  { active, terminating }: Survey,
  { succeeded, failed }: IndexSurvey,
  count: number,
): readonly number[] {
  const busy = replacesOnlyFailed(job) ? [...active, ...terminating] : active
  const indexes = busy.map((pod) => indexWithin(pod, job)).filter((index) => index !== undefined)
  const taken = withIndexes(union(succeeded, failed ?? []), indexes)
  return firstMissing(taken, count, job.spec.completions ?? countOf(taken))
}

/** Each index waits for itself. */
function planIndexes(
  job: Job,
  survey: Survey,
  indexes: IndexSurvey,
  missing: number,
  nowMs: number,
): PodPlan {
  const free = freeIndexes(job, survey, indexes, missing).map((index) => {
    const replaced = indexes.waiting.get(index)
    return { index, replaced, waitMs: indexBackoffMs(replaced, nowMs) }
  })
  const waits = free.map(({ waitMs }) => waitMs).filter((waitMs) => waitMs > 0)
  return {
    ...nothing,
    create: free.flatMap(({ index, replaced, waitMs }) =>
      waitMs > 0 ? [] : [{ index, replaced }],
    ),
    waitMs: waits.length > 0 ? Math.min(...waits) : undefined,
  }
}
