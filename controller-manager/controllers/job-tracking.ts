/**
 * Counts the pods of a Job, each of them once. The finalizer of a pod says that it is not counted
 * for good: first its UID goes into the status, then the finalizer is taken off, then the counter
 * goes up and the UID out of the status. Whatever interrupts this, the next look at both goes on
 * from there. What an Indexed Job has completed needs no UIDs: it is a set. Pure.
 */
import type { Job, JobCondition, JobStatus } from '#api/kinds/batch/job.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { type Ending, endOf, withJobCondition } from './job-conditions.ts'
import { isCounted } from './job-failures.ts'
import { countOf, hasIndex, textOf, withIndexes } from './job-intervals.ts'
import { completionIndexOf, hasFailed, indexWithin } from './job-pods.ts'
import type { Survey } from './job-survey.ts'

/** As upstream: keeps the status small, and one reconcile short. */
const UNCOUNTED_MAX = 500

export interface Tracking {
  /** To be stored before any pod is released. */
  readonly status: JobStatus
  readonly release: readonly Pod[]
  /** There are more to come, so the Job cannot be over yet. */
  readonly isPartial: boolean
}

interface Uncounted {
  readonly succeeded: readonly string[]
  readonly failed: readonly string[]
}

export function planTracking(
  job: Job,
  given: JobStatus,
  survey: Survey,
  ending: Ending | undefined,
): Tracking {
  const { tracked, indexes } = survey
  let status = counted(given, tracked)
  const known = uncountedOf(status)
  const pending = { succeeded: [...known.succeeded], failed: [...known.failed] }
  const done = new Set<number>()
  const release: Pod[] = []
  let isPartial = false
  for (const pod of inIndexOrder(survey)) {
    if (!tracked.has(pod.metadata.uid) || !canRelease(job, pod, survey, ending)) continue
    const { uid } = pod.metadata
    const [isKnownFailed, isKnown] = [known.failed.includes(uid), known.succeeded.includes(uid)]
    const size = done.size + pending.succeeded.length + pending.failed.length
    if (size >= UNCOUNTED_MAX && !isKnown && !isKnownFailed) {
      isPartial = true
      continue
    }
    release.push(pod)
    if (pod.status.phase === 'Succeeded' && !isKnownFailed) {
      const index = indexWithin(pod, job)
      if (!indexes) pushNew(pending.succeeded, uid)
      else if (index !== undefined && !hasIndex(indexes.before, index)) done.add(index)
    } else if (countsAsFailed(job, pod, survey, ending)) pushNew(pending.failed, uid)
  }
  status = { ...status, uncountedTerminatedPods: withoutEmpty(pending) }
  if (indexes) {
    const succeeded = withIndexes(indexes.before, done)
    status = withIndexCounts(status, textOf(succeeded), countOf(succeeded))
    if (indexes.failed) status = { ...status, failedIndexes: textOf(indexes.failed) }
  }
  if (ending && !isStated(status, ending)) status = withJobCondition(status, ending)
  return { status, release, isPartial }
}

/** Once the Job ends, every pod that has not succeeded is lost to it. */
function countsAsFailed(
  job: Job,
  pod: Pod,
  { indexes }: Survey,
  ending: Ending | undefined,
): boolean {
  if (!hasFailed(pod, job) && !ending) return false
  if (indexes && indexWithin(pod, job) === undefined) return false
  return isCounted(job, pod)
}

function canRelease(job: Job, pod: Pod, { indexes }: Survey, ending: Ending | undefined): boolean {
  if (job.metadata.deletionTimestamp || ending || pod.status.phase === 'Succeeded') return true
  if (!hasFailed(pod, job)) return false
  const index = completionIndexOf(pod)
  return index === undefined || indexes?.waiting.get(index)?.metadata.uid !== pod.metadata.uid
}

/** So that what is completed grows from below when there are too many at once. */
function inIndexOrder({ pods, indexes }: Survey): readonly Pod[] {
  if (!indexes) return pods
  const rank = (pod: Pod): number => completionIndexOf(pod) ?? -1
  return pods.toSorted((a, b) => rank(a) - rank(b))
}

/** UIDs whose pods are released or gone become numbers. */
export function counted(status: JobStatus, tracked: ReadonlySet<string>): JobStatus {
  const { succeeded, failed } = uncountedOf(status)
  const left = (uids: readonly string[]): string[] => uids.filter((uid) => tracked.has(uid))
  const [succeededLeft, failedLeft] = [left(succeeded), left(failed)]
  const { succeeded: succeededBefore = 0, failed: failedBefore = 0, ...rest } = status
  return withoutZeroCounts({
    ...rest,
    succeeded: succeededBefore + succeeded.length - succeededLeft.length,
    failed: failedBefore + failed.length - failedLeft.length,
    uncountedTerminatedPods: withoutEmpty({ succeeded: succeededLeft, failed: failedLeft }),
  })
}

/** The status of a Job that is over; undefined while pods are not counted or not gone yet. */
export function finishedStatus(
  status: JobStatus,
  ending: Ending,
  nowMs: number,
): { readonly status: JobStatus; readonly end: JobCondition } | undefined {
  const { succeeded, failed } = uncountedOf(status)
  if (succeeded.length > 0 || failed.length > 0 || status.terminating) return undefined
  const end = endOf(ending, nowMs)
  const finished = withJobCondition(status, end)
  if (end.type === 'Failed' || !end.lastTransitionTime) return { status: finished, end }
  return { status: { ...finished, completionTime: end.lastTransitionTime }, end }
}

const uncountedOf = ({ uncountedTerminatedPods }: JobStatus): Uncounted => ({
  succeeded: uncountedTerminatedPods?.succeeded ?? [],
  failed: uncountedTerminatedPods?.failed ?? [],
})

function withoutEmpty({ succeeded, failed }: Uncounted) {
  return {
    ...(succeeded.length > 0 && { succeeded: [...succeeded] }),
    ...(failed.length > 0 && { failed: [...failed] }),
  }
}

/** As it is stored: a counter that is zero is not there. */
function withoutZeroCounts(status: JobStatus): JobStatus {
  const { succeeded, failed, ...rest } = status
  return { ...rest, ...(succeeded && { succeeded }), ...(failed && { failed }) }
}

function withIndexCounts(status: JobStatus, completedIndexes: string, count: number): JobStatus {
  const { completedIndexes: _, succeeded: __, ...rest } = status
  return {
    ...rest,
    ...(completedIndexes && { completedIndexes }),
    ...(count && { succeeded: count }),
  }
}

function pushNew(uids: string[], uid: string): void {
  if (!uids.includes(uid)) uids.push(uid)
}

const isStated = ({ conditions }: JobStatus, { type }: Ending): boolean =>
  conditions?.some((each) => each.type === type && each.status === 'True') ?? false
