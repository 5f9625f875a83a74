/** How far a Job has come, and whether it has to end: what its pods say, counted or not. Pure. */
import type { Job } from '#api/kinds/batch/job.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import type { SuccessPolicyRule } from '#api/parts/batch/job-spec.ts'
import { isActive, isTerminating, timeToMs } from '../pods.ts'
import type { FinishedPod } from './job-backoff.ts'
import { type Ending, endingOf, failing, succeeding } from './job-conditions.ts'
import {
  allFailuresOf,
  failsIndex,
  failureVerdict,
  isCounted,
  restartsTooOften,
} from './job-failures.ts'
import {
  countOf,
  countShared,
  hasIndex,
  type Intervals,
  intervalsOf,
  withIndexes,
} from './job-intervals.ts'
import type { JobMemory } from './job-memory.ts'
import {
  finishedAtMs,
  hasFailed,
  indexWithin,
  isIndexed,
  isSuspended,
  isTracked,
} from './job-pods.ts'

export interface Survey {
  readonly pods: readonly Pod[]
  readonly active: readonly Pod[]
  readonly terminating: readonly Pod[]
  /** UIDs of pods that are still to be counted, or counted and not yet let go. */
  readonly tracked: ReadonlySet<string>
  /** Those that count already, and those that are going to. */
  readonly succeeded: number
  readonly failed: number
  readonly finished: readonly FinishedPod[]
  /** Only of Indexed Jobs. */
  readonly indexes: IndexSurvey | undefined
}

export interface IndexSurvey {
  /** As the status says. */
  readonly before: Intervals
  readonly succeeded: Intervals
  /** Undefined unless failures are counted for each index. */
  readonly failed: Intervals | undefined
  /** The last failed pod of each index that waits for its next one, which takes its count over. */
  readonly waiting: ReadonlyMap<number, Pod>
}

export function surveyJob(job: Job, pods: readonly Pod[], memory: JobMemory): Survey {
  const { released, finished } = memory
  const { status } = job
  const unreleased = pods.filter((pod) => isTracked(pod) && !released.has(pod.metadata.uid))
  const tracked = new Set(unreleased.map(({ metadata }) => metadata.uid))
  const valid = isIndexed(job)
    ? unreleased.filter((pod) => indexWithin(pod, job) !== undefined)
    : unreleased
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {}
  const isNew = (uids: readonly string[]) => {
    const known = new Set(uids)
    return ({ metadata }: Pod): boolean => !known.has(metadata.uid)
  }
  const succeededNow = valid.filter(isNew(succeeded)).filter(hasSucceeded)
  const failedNow = valid
    .filter(isNew(failed))
    .filter((pod) => hasFailed(pod, job) && isCounted(job, pod))
  const active = pods.filter(isActive)
  const indexes = isIndexed(job) ? surveyIndexes(job, valid, active) : undefined
  return {
    pods,
    active,
    terminating: pods.filter(isTerminating),
    tracked,
    succeeded: indexes
      ? countOf(indexes.succeeded)
      : (status.succeeded ?? 0) + succeeded.length + succeededNow.length,
    failed: (status.failed ?? 0) + failed.length + failedNow.length,
    finished,
    indexes,
  }
}

const hasSucceeded = ({ status }: Pod): boolean => status.phase === 'Succeeded'

function surveyIndexes(job: Job, valid: readonly Pod[], active: readonly Pod[]): IndexSurvey {
  const { completions = 0, backoffLimitPerIndex } = job.spec
  const { completedIndexes, failedIndexes } = job.status
  const indexesOf = (pods: readonly Pod[]): number[] =>
    pods.map((pod) => indexWithin(pod, job)).filter((index) => index !== undefined)
  const before = intervalsOf(completedIndexes, completions)
  const succeeded = withIndexes(before, indexesOf(valid.filter(hasSucceeded)))
  if (backoffLimitPerIndex === undefined) {
    return { before, succeeded, failed: undefined, waiting: new Map() }
  }
  const failed = withIndexes(
    intervalsOf(failedIndexes, completions),
    indexesOf(valid.filter((pod) => failsIndex(job, pod))),
  )
  const taken = withIndexes([...succeeded, ...failed], indexesOf(active))
  return { before, succeeded, failed, waiting: waitingPods(job, valid, taken) }
}

/** The count of an index must not get lost between its last pod and its next. */
function waitingPods(job: Job, valid: readonly Pod[], taken: Intervals): ReadonlyMap<number, Pod> {
  const waiting = new Map<number, Pod>()
  for (const pod of valid) {
    const index = indexWithin(pod, job)
    if (index === undefined || !hasFailed(pod, job) || hasIndex(taken, index)) continue
    const last = waiting.get(index)
    if (!last || isLater(pod, last)) waiting.set(index, pod)
  }
  return waiting
}

const isLater = (pod: Pod, other: Pod): boolean =>
  allFailuresOf(pod) >= allFailuresOf(other) && finishedAtMs(pod) >= finishedAtMs(other)

/** Why the Job has to end, if it has to, apart from having done all there is to do. */
export function judgeJob(job: Job, survey: Survey, nowMs: number): Ending | undefined {
  return (
    endingOf(job) ??
    policyFailure(job, survey, nowMs) ??
    limitFailure(job, survey, nowMs) ??
    indexFailure(job, survey, nowMs) ??
    policySuccess(job, survey, nowMs)
  )
}

function policyFailure(job: Job, { pods }: Survey, nowMs: number): Ending | undefined {
  const { podFailurePolicy } = job.spec
  if (!podFailurePolicy) return undefined
  for (const pod of pods.filter((each) => hasFailed(each, job))) {
    const { message } = failureVerdict(podFailurePolicy, pod)
    if (message !== undefined) return failing('PodFailurePolicy', message, nowMs)
  }
  return undefined
}

function limitFailure(job: Job, { pods, failed }: Survey, nowMs: number): Ending | undefined {
  if (failed > (job.spec.backoffLimit ?? 0) || restartsTooOften(job, pods)) {
    const message = 'Job has reached the specified backoff limit'
    return failing('BackoffLimitExceeded', message, nowMs)
  }
  const left = deadlineMs(job, nowMs)
  return left !== undefined && left <= 0
    ? failing('DeadlineExceeded', 'Job was active longer than specified deadline', nowMs)
    : undefined
}

/** How long it may go on; undefined when no deadline is running. */
export function deadlineMs(job: Job, nowMs: number): number | undefined {
  const { activeDeadlineSeconds } = job.spec
  const startedAt = timeToMs(job.status.startTime)
  if (activeDeadlineSeconds === undefined || isSuspended(job) || startedAt === undefined) {
    return undefined
  }
  return startedAt + activeDeadlineSeconds * 1000 - nowMs
}

function indexFailure({ spec }: Job, { indexes }: Survey, nowMs: number): Ending | undefined {
  if (!indexes?.failed) return undefined
  const failed = countOf(indexes.failed)
  const { maxFailedIndexes, completions = 0 } = spec
  if (maxFailedIndexes !== undefined && failed > maxFailedIndexes) {
    const message = 'Job has exceeded the specified maximal number of failed indexes'
    return failing('MaxFailedIndexesExceeded', message, nowMs)
  }
  return failed > 0 && failed + countOf(indexes.succeeded) >= completions
    ? failing('FailedIndexes', 'Job has failed indexes', nowMs)
    : undefined
}

function policySuccess({ spec }: Job, { indexes }: Survey, nowMs: number): Ending | undefined {
  const { successPolicy, completions = 0 } = spec
  if (!indexes || !successPolicy || indexes.succeeded.length === 0) return undefined
  const met = successPolicy.rules?.findIndex((rule) => isMet(rule, indexes.succeeded, completions))
  return met !== undefined && met >= 0
    ? succeeding('SuccessPolicy', `Matched rules at index ${met}`, nowMs)
    : undefined
}

function isMet(
  { succeededIndexes, succeededCount }: SuccessPolicyRule,
  succeeded: Intervals,
  completions: number,
): boolean {
  if (succeededIndexes === undefined) {
    return succeededCount !== undefined && countOf(succeeded) >= succeededCount
  }
  const required = intervalsOf(succeededIndexes, completions)
  return countShared(required, succeeded) >= (succeededCount ?? countOf(required))
}
