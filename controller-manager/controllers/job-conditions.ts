/** How a Job ends: a condition that says it is going to, then one that says it has. */
import { findCondition } from '#api/conditions.ts'
import type { Job, JobCondition, JobStatus } from '#api/kinds/batch/job.ts'
import { epochToTime } from '#api/time.ts'

export type Ending = JobCondition & { readonly type: 'FailureTarget' | 'SuccessCriteriaMet' }

export const timeText = (ms: number): string => epochToTime(Math.floor(ms / 1000))

function condition<T extends JobCondition['type']>(
  type: T,
  status: 'True' | 'False',
  [reason, message]: readonly [string, string],
  nowMs: number,
): JobCondition & { readonly type: T } {
  const now = timeText(nowMs)
  return { type, status, lastProbeTime: now, lastTransitionTime: now, reason, message }
}

export const failing = (reason: string, message: string, nowMs: number): Ending =>
  condition('FailureTarget', 'True', [reason, message], nowMs)

export const succeeding = (reason: string, message: string, nowMs: number): Ending =>
  condition('SuccessCriteriaMet', 'True', [reason, message], nowMs)

/** What has been decided before stands. */
export function endingOf({ status }: Job): Ending | undefined {
  const isEnding = (each: JobCondition): each is Ending =>
    (each.type === 'SuccessCriteriaMet' || each.type === 'FailureTarget') && each.status === 'True'
  const found = (status.conditions ?? []).filter(isEnding)
  return found.find(({ type }) => type === 'SuccessCriteriaMet') ?? found[0]
}

/** What says that it is over, once it is. */
export const endOf = ({ type, reason = '', message = '' }: Ending, nowMs: number): JobCondition =>
  condition(type === 'FailureTarget' ? 'Failed' : 'Complete', 'True', [reason, message], nowMs)

/** Whether it is Complete or Failed, and since when; undefined while it is neither. */
export function finishedCondition({ status }: Pick<Job, 'status'>): JobCondition | undefined {
  return status.conditions?.find(
    (each) => (each.type === 'Complete' || each.type === 'Failed') && each.status === 'True',
  )
}

/** In place of one of its type, or behind the others. */
export function withJobCondition(status: JobStatus, next: JobCondition): JobStatus {
  const conditions = status.conditions ?? []
  const isThere = conditions.some(({ type }) => type === next.type)
  const changed = isThere
    ? conditions.map((each) => (each.type === next.type ? next : each))
    : [...conditions, next]
  return { ...status, conditions: changed }
}

/** Undefined when the status says already whether the Job is suspended. */
export function suspension(
  status: JobStatus,
  isSuspended: boolean,
  nowMs: number,
): JobCondition | undefined {
  const current = findCondition(status.conditions, 'Suspended')
  if (isSuspended === (current?.status === 'True')) return undefined
  return isSuspended
    ? condition('Suspended', 'True', ['JobSuspended', 'Job suspended'], nowMs)
    : condition('Suspended', 'False', ['JobResumed', 'Job resumed'], nowMs)
}
