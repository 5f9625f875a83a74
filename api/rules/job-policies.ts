/** Rules of the policies that end a Job early: which failures count, and when it has succeeded. */
import { isQualifiedName } from '../names.ts'
import type {
  JobSpec,
  PodFailurePolicy,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
  SuccessPolicy,
  SuccessPolicyRule,
} from '../parts/batch/job-spec.ts'
import type { Path, Problems } from '../problems.ts'
import { validateNonNegative } from './int-or-percent.ts'
import { countIndexes, IndexesError } from './job-indexes.ts'

const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore']
const operators = ['In', 'NotIn']
const statuses = ['False', 'True', 'Unknown']
const failureRulesMax = 20
const exitCodesMax = 255
const podConditionsMax = 20
const successRulesMax = 20
const succeededIndexesLengthMax = 64 * 1024

export function validatePodFailurePolicy(
  spec: JobSpec,
  policy: PodFailurePolicy,
  at: Path,
  problems: Problems,
): void {
  const rules = policy.rules ?? []
  const rulesAt = at.child('rules')
  if (rules.length > failureRulesMax) problems.tooMany(rulesAt, rules.length, failureRulesMax)
  for (const [position, rule] of rules.entries()) {
    validateFailureRule(spec, rule, rulesAt.index(position), problems)
  }
}

function validateFailureRule(
  spec: JobSpec,
  rule: PodFailurePolicyRule,
  at: Path,
  problems: Problems,
): void {
  const { action, onExitCodes, onPodConditions } = rule
  validateWord(action, actions, at.child('action'), problems)
  if (action === 'FailIndex' && spec.backoffLimitPerIndex === undefined) {
    problems.invalid(at.child('action'), action, 'requires the backoffLimitPerIndex to be set')
  }
  if (onExitCodes) validateExitCodes(spec, onExitCodes, at.child('onExitCodes'), problems)
  if (onPodConditions) {
    validatePodConditions(onPodConditions, at.child('onPodConditions'), problems)
  }
  if (onExitCodes && onPodConditions?.length) {
    const detail = 'specifying both OnExitCodes and OnPodConditions is not supported'
    problems.invalidTogether(at, detail)
  }
  if (!onExitCodes && !onPodConditions?.length) {
    const detail = 'specifying one of OnExitCodes and OnPodConditions is required'
    problems.invalidTogether(at, detail)
  }
}

function validateWord(
  word: string,
  supported: readonly string[],
  at: Path,
  problems: Problems,
): void {
  if (!word)
    problems.required(at, `valid values: [${supported.map((each) => `"${each}"`).join(' ')}]`)
  else if (!supported.includes(word)) problems.notSupported(at, word, supported)
}

function validateExitCodes(
  { template }: JobSpec,
  { operator, containerName, values }: PodFailurePolicyOnExitCodesRequirement,
  at: Path,
  problems: Problems,
): void {
  validateWord(operator, operators, at.child('operator'), problems)
  const { containers, initContainers } = template.spec
  const names = [...(containers ?? []), ...(initContainers ?? [])].map(({ name }) => name)
  if (containerName !== undefined && !names.includes(containerName)) {
    const detail = 'must be one of the container or initContainer names in the pod template'
    problems.invalid(at.child('containerName'), containerName, detail)
  }
  const valuesAt = at.child('values')
  const codes = values ?? []
  if (codes.length === 0) problems.invalid(valuesAt, values, 'at least one value is required')
  else if (codes.length > exitCodesMax) problems.tooMany(valuesAt, codes.length, exitCodesMax)
  for (const [position, code] of codes.entries()) {
    const place = valuesAt.index(position)
    if (operator === 'In' && code === 0) {
      problems.invalid(place, code, 'must not be 0 for the In operator')
    }
    if (codes.indexOf(code) < position) problems.duplicate(place, code)
  }
  if (codes.some((code, position) => position > 0 && codes[position - 1]! > code)) {
    problems.invalid(valuesAt, values, 'must be ordered')
  }
}

function validatePodConditions(
  patterns: readonly PodFailurePolicyOnPodConditionsPattern[],
  at: Path,
  problems: Problems,
): void {
  if (patterns.length > podConditionsMax) problems.tooMany(at, patterns.length, podConditionsMax)
  for (const [position, { type, status }] of patterns.entries()) {
    const place = at.index(position)
    for (const each of isQualifiedName(type)) problems.invalid(place.child('type'), type, each)
    validateWord(status, statuses, place.child('status'), problems)
  }
}

export function validateSuccessPolicy(
  spec: JobSpec,
  policy: SuccessPolicy,
  at: Path,
  problems: Problems,
): void {
  const rules = policy.rules ?? []
  const rulesAt = at.child('rules')
  if (!rules.length) {
    const detail = 'at least one rules must be specified when the successPolicy is specified'
    problems.required(rulesAt, detail)
  }
  if (rules.length > successRulesMax) problems.tooMany(rulesAt, rules.length, successRulesMax)
  for (const [position, rule] of rules.entries()) {
    validateSuccessRule(spec.completions ?? 0, rule, rulesAt.index(position), problems)
  }
}

function validateSuccessRule(
  completions: number,
  { succeededIndexes, succeededCount }: SuccessPolicyRule,
  at: Path,
  problems: Problems,
): void {
  if (succeededCount === undefined && succeededIndexes === undefined) {
    const detail = 'at least one of succeededCount or succeededIndexes must be specified'
    problems.required(at, detail)
  }
  const indexesAt = at.child('succeededIndexes')
  const total = validateIndexes(succeededIndexes, completions, indexesAt, problems)
  if (succeededCount === undefined) return
  const place = at.child('succeededCount')
  validateNonNegative(succeededCount, place, problems)
  if (succeededCount > completions) {
    const detail = `must be less than or equal to ${completions} (the number of specified completions)`
    problems.invalid(place, succeededCount, detail)
  }
  if (succeededIndexes !== undefined && succeededCount > total) {
    const detail = `must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`
    problems.invalid(place, succeededCount, detail)
  }
}

function validateIndexes(
  text: string | undefined,
  completions: number,
  at: Path,
  problems: Problems,
): number {
  if (text === undefined) return 0
  if (text.length > succeededIndexesLengthMax) problems.tooLong(at, succeededIndexesLengthMax)
  try {
    return countIndexes(text, completions)
  } catch (error) {
    if (!(error instanceof IndexesError)) throw error
    problems.invalid(at, text, `error parsing succeededIndexes: ${error.message}`)
    return 0
  }
}
