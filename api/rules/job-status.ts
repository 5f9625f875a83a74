/** Rules of the status of a Job: an ended Job says how it ended, and nothing is taken back. */
import type { Job, JobCondition, JobStatus } from '../kinds/batch/job.ts'
import type { Path, Problems } from '../problems.ts'
import { timeToEpoch } from '../time.ts'
import { IndexesError, parseIndexes, sharedIndex } from './job-indexes.ts'
import { validateCounters } from './workload.ts'

type ConditionType = JobCondition['type']

export function hasCondition({ conditions }: JobStatus, type: ConditionType): boolean {
  return conditions?.some((each) => each.type === type && each.status === 'True') ?? false
}

/** Complete or failed for good. */
function isJobFinished({ status }: Pick<Job, 'status'>): boolean {
  return hasCondition(status, 'Complete') || hasCondition(status, 'Failed')
}

export function validateJobStatus(next: Job, previous: Job, root: Path, problems: Problems): void {
  const at = root.child('status')
  const counters = ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const
  validateCounters(next.status, counters, at, problems)
  validateUncounted(next.status, at.child('uncountedTerminatedPods'), problems)
  validateConditions(next, at, problems)
  validateTimes(next.status, at, problems)
  validateFinished(next, at, problems)
  validateIndexes(next, at, problems)
  if ((next.status.ready ?? 0) > (next.status.active ?? 0)) {
    problems.invalid(at.child('ready'), next.status.ready, 'cannot set more ready pods than active')
  }
  validateTransition(next, previous, at, problems)
}

function validateUncounted(status: JobStatus, at: Path, problems: Problems): void {
  const seen = new Set<string>()
  for (const name of ['succeeded', 'failed'] as const) {
    const uids = status.uncountedTerminatedPods?.[name] ?? []
    for (const [position, uid] of uids.entries()) {
      const place = at.child(name).index(position)
      if (uid === '') problems.invalid(place, uid, 'must not be empty')
      else if (seen.has(uid)) problems.duplicate(place, uid)
      seen.add(uid)
    }
  }
}

/** Conditions that exclude each other, and those that need another one first. */
function validateConditions({ spec, status }: Job, at: Path, problems: Problems): void {
  const place = at.child('conditions')
  const has = (type: ConditionType) => hasCondition(status, type)
  const refuse = (isWrong: boolean, detail: string) => {
    if (isWrong) problems.invalidTogether(place, detail)
  }
  refuse(has('Complete') && has('Failed'), 'cannot set Complete=True and Failed=true conditions')
  refuse(
    has('Complete') && has('FailureTarget'),
    'cannot set Complete=True and FailureTarget=true conditions',
  )
  refuse(
    has('Failed') && !has('FailureTarget'),
    'cannot set Failed=True condition without the FailureTarget=true condition',
  )
  refuse(
    has('Complete') && !has('SuccessCriteriaMet'),
    'cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
  )
  refuse(
    has('SuccessCriteriaMet') && has('Failed'),
    'cannot set SuccessCriteriaMet=True and Failed=true conditions',
  )
  refuse(
    has('SuccessCriteriaMet') && has('FailureTarget'),
    'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions',
  )
  refuse(
    spec.successPolicy !== undefined && has('Complete') && !has('SuccessCriteriaMet'),
    'cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True',
  )
}

function validateTimes(status: JobStatus, at: Path, problems: Problems): void {
  const { startTime, completionTime } = status
  const place = at.child('completionTime')
  const isComplete = hasCondition(status, 'Complete')
  if (completionTime && !isComplete) {
    const detail = 'cannot set completionTime when there is no Complete=True condition'
    problems.invalid(place, completionTime, detail)
  }
  if (!completionTime && isComplete) {
    problems.required(place, 'completionTime is required for Complete jobs')
  }
  if (!startTime || !completionTime) return
  if (timeToEpoch(completionTime).seconds < timeToEpoch(startTime).seconds) {
    problems.invalid(place, completionTime, 'completionTime cannot be set before startTime')
  }
}

function validateFinished(job: Job, at: Path, problems: Problems): void {
  if (!isJobFinished(job)) return
  const { active, startTime, terminating, uncountedTerminatedPods: uncounted } = job.status
  if (active) problems.invalid(at.child('active'), active, 'active>0 is invalid for finished job')
  // With nothing to do it is over although it was never started.
  const isEmpty = job.spec.suspend === true && job.spec.completions === 0
  if (!startTime && !isEmpty) {
    problems.required(at.child('startTime'), 'startTime is required for finished job')
  }
  if (uncounted?.failed?.length || uncounted?.succeeded?.length) {
    const detail = 'uncountedTerminatedPods needs to be empty for finished job'
    problems.invalid(at.child('uncountedTerminatedPods'), uncounted, detail)
  }
  if (terminating) {
    const detail = 'terminating>0 is invalid for finished job'
    problems.invalid(at.child('terminating'), terminating, detail)
  }
}

function validateIndexes({ spec, status }: Job, at: Path, problems: Problems): void {
  const { completedIndexes = '', failedIndexes } = status
  const { completions, backoffLimitPerIndex } = spec
  if (completions !== undefined) {
    validateIndexesText(completedIndexes, 'completedIndexes', completions, at, problems)
    if (backoffLimitPerIndex !== undefined && failedIndexes !== undefined) {
      validateIndexesText(failedIndexes, 'failedIndexes', completions, at, problems)
    }
  }
  if (completedIndexes && spec.completionMode !== 'Indexed') {
    const detail = 'cannot set non-empty completedIndexes when non-indexed completion mode'
    problems.invalid(at.child('completedIndexes'), completedIndexes, detail)
  }
  if (failedIndexes === undefined) return
  if (backoffLimitPerIndex === undefined) {
    const detail = 'cannot set non-null failedIndexes when backoffLimitPerIndex is null'
    problems.invalid(at.child('failedIndexes'), failedIndexes, detail)
  }
  if (completions === undefined) return
  const shared = sharedIndex(completedIndexes, failedIndexes, completions)
  if (shared !== undefined) {
    const detail = `failedIndexes and completedIndexes overlap at index: ${shared}`
    problems.invalid(at.child('failedIndexes'), failedIndexes, detail)
  }
}

function validateIndexesText(
  text: string,
  name: 'completedIndexes' | 'failedIndexes',
  completions: number,
  at: Path,
  problems: Problems,
): void {
  try {
    parseIndexes(text, completions)
  } catch (error) {
    if (!(error instanceof IndexesError)) throw error
    problems.invalid(at.child(name), text, `error parsing ${name}: ${error.message}`)
  }
}

/** Indexes that have succeeded are forgotten when such a Job shrinks. */
const isElastic = ({ spec }: Job): boolean =>
  spec.completionMode === 'Indexed' && spec.completions === spec.parallelism

function validateTransition(next: Job, previous: Job, at: Path, problems: Problems): void {
  const [after, before] = [next.status, previous.status]
  for (const type of ['Failed', 'Complete', 'FailureTarget'] as const) {
    if (!hasCondition(before, type) || hasCondition(after, type)) continue
    const detail = `cannot disable the terminal ${type}=True condition`
    problems.invalidTogether(at.child('conditions'), detail)
  }
  for (const name of ['failed', 'succeeded'] as const) {
    const count = after[name] ?? 0
    if (count >= (before[name] ?? 0)) continue
    if (name === 'succeeded' && isElastic(next)) continue
    problems.invalid(at.child(name), count, `cannot decrease the ${name} counter`)
  }
  const { completionTime, startTime } = after
  if (completionTime && before.completionTime && completionTime !== before.completionTime) {
    const detail = 'completionTime cannot be mutated'
    problems.invalid(at.child('completionTime'), completionTime, detail)
  }
  // A Job that goes on again starts anew.
  const isResumed = hasCondition(before, 'Suspended') && !hasCondition(after, 'Suspended')
  const mayRestart = next.spec.suspend || (isResumed && startTime)
  if (before.startTime && before.startTime !== startTime && !mayRestart) {
    const detail = 'startTime cannot be removed for unsuspended job'
    problems.required(at.child('startTime'), detail)
  }
  if (hasCondition(before, 'SuccessCriteriaMet') && !hasCondition(after, 'SuccessCriteriaMet')) {
    const detail = 'cannot disable the SuccessCriteriaMet=True condition'
    problems.invalidTogether(at.child('conditions'), detail)
  }
}
