/** Conditions of a status: found by type, changed so that the time of transition is true. */
import { isQualifiedName, patternMessage } from './names.ts'
import type { Path, Problems } from './problems.ts'

/** What the conditions of all kinds have in common; some older ones have no more than this. */
export interface ConditionLike {
  type: string
  status: string
  reason?: string
  message?: string
  observedGeneration?: number
  lastTransitionTime?: string | null
}

export function findCondition<T extends ConditionLike>(
  conditions: readonly T[] | null | undefined,
  type: string,
): T | undefined {
  return conditions?.find((condition) => condition.type === type)
}

export function hasConditionStatus(
  conditions: readonly ConditionLike[] | null | undefined,
  type: string,
  status: string,
): boolean {
  return findCondition(conditions, type)?.status === status
}

/**
 * The list with one condition added or changed; the same list when nothing changes. The time of
 * transition is that of `next`, else `now`, and moves only with the status.
 */
export function withCondition<T extends ConditionLike>(
  conditions: readonly T[],
  next: T,
  now: string,
): readonly T[] {
  const current = findCondition(conditions, next.type)
  if (!current) return [...conditions, { ...next, lastTransitionTime: transition(next, now) }]
  const isMoved = current.status !== next.status
  const since = isMoved ? transition(next, now) : current.lastTransitionTime
  const merged = { ...current, ...next, ...(since !== undefined && { lastTransitionTime: since }) }
  if (!isMoved && isSame(current, merged)) return conditions
  return conditions.map((condition) => (condition === current ? merged : condition))
}

const transition = (condition: ConditionLike, now: string): string =>
  condition.lastTransitionTime || now

function isSame(current: ConditionLike, merged: ConditionLike): boolean {
  return Object.entries(merged).every(
    ([field, value]) => (current as unknown as Record<string, unknown>)[field] === value,
  )
}

/** The same list when there is no such condition. */
export function withoutCondition<T extends ConditionLike>(
  conditions: readonly T[],
  type: string,
): readonly T[] {
  const kept = conditions.filter((condition) => condition.type !== type)
  return kept.length === conditions.length ? conditions : kept
}

const MAX_REASON_BYTES = 1024
const MAX_MESSAGE_BYTES = 32 * 1024
const STATUSES = ['True', 'False', 'Unknown']
const REASON_PATTERN = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?'
const REASON = /^[A-Za-z][A-Za-z0-9_,:]*(?<![,:])$/
const reasonMessage = patternMessage(
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'",
  REASON_PATTERN,
  'my_name',
  'MY_NAME',
  'MyName',
  'ReasonA,ReasonB',
  'ReasonA:ReasonB',
)

/** For kinds whose conditions are of the common `meta/v1` type. */
export function validateConditions(
  conditions: readonly ConditionLike[] | null | undefined,
  at: Path,
  problems: Problems,
): void {
  const types = new Set<string>()
  for (const [position, condition] of (conditions ?? []).entries()) {
    const place = at.index(position)
    if (types.has(condition.type)) problems.duplicate(place.child('type'), condition.type)
    types.add(condition.type)
    validateCondition(condition, place, problems)
  }
}

export function validateCondition(condition: ConditionLike, at: Path, problems: Problems): void {
  const { type, status, reason = '', message = '', observedGeneration = 0 } = condition
  for (const problem of isQualifiedName(type)) problems.invalid(at.child('type'), type, problem)
  if (!STATUSES.includes(status)) problems.notSupported(at.child('status'), status, STATUSES)
  if (observedGeneration < 0) {
    const detail = 'must be greater than or equal to zero'
    problems.invalid(at.child('observedGeneration'), observedGeneration, detail)
  }
  if (!condition.lastTransitionTime) {
    problems.required(at.child('lastTransitionTime'), 'must be set')
  }
  if (reason === '') problems.required(at.child('reason'), 'must be set')
  else {
    if (!REASON.test(reason)) problems.invalid(at.child('reason'), reason, reasonMessage)
    if (Buffer.byteLength(reason) > MAX_REASON_BYTES) {
      problems.tooLong(at.child('reason'), MAX_REASON_BYTES)
    }
  }
  if (Buffer.byteLength(message) > MAX_MESSAGE_BYTES) {
    problems.tooLong(at.child('message'), MAX_MESSAGE_BYTES)
  }
}
