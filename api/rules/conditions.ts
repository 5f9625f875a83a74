/** Rules about conditions in a status, where upstream checks them. */
import { isQualifiedName } from '../names.ts'
import type { Path, Problems } from '../problems.ts'

const MAX_REASON_BYTES = 1024
const MAX_MESSAGE_BYTES = 32 * 1024

interface Condition {
  readonly type: string
  readonly status: string
  readonly observedGeneration?: number
  readonly lastTransitionTime: string
  readonly reason: string
  readonly message: string
}

const statuses: readonly string[] = ['False', 'True', 'Unknown']
const REASON_SOURCE = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?'
const reasonPattern = new RegExp(`^${REASON_SOURCE}$`)
const reasonMessage =
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' " +
  `(e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '${REASON_SOURCE}')`

export function validateConditions(
  conditions: readonly Condition[] | null | undefined,
  at: Path,
  problems: Problems,
): void {
  const types = new Set<string>()
  for (const [position, each] of conditions?.entries() ?? []) {
    const path = at.index(position)
    if (types.has(each.type)) problems.duplicate(path.child('type'), each.type)
    types.add(each.type)
    validateCondition(each, path, problems)
  }
}

export function validateCondition(condition: Condition, at: Path, problems: Problems): void {
  const { type, status, observedGeneration = 0, lastTransitionTime, reason, message } = condition
  for (const text of isQualifiedName(type)) problems.invalid(at.child('type'), type, text)
  if (!statuses.includes(status)) problems.notSupported(at.child('status'), status, statuses)
  if (observedGeneration < 0) {
    const text = 'must be greater than or equal to zero'
    problems.invalid(at.child('observedGeneration'), observedGeneration, text)
  }
  if (!lastTransitionTime) problems.required(at.child('lastTransitionTime'), 'must be set')
  if (!reason) problems.required(at.child('reason'), 'must be set')
  else {
    if (!reasonPattern.test(reason)) problems.invalid(at.child('reason'), reason, reasonMessage)
    if (Buffer.byteLength(reason) > MAX_REASON_BYTES) {
      problems.tooLong(at.child('reason'), MAX_REASON_BYTES)
    }
  }
  if (Buffer.byteLength(message) > MAX_MESSAGE_BYTES) {
    problems.tooLong(at.child('message'), MAX_MESSAGE_BYTES)
  }
}
