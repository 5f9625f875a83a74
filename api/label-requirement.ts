/** One requirement of a label selector: checked when made, then a predicate over labels. */
import { isLabelKey, isLabelValue } from './names.ts'
import { Path, Problems } from './problems.ts'

export type SelectorOperator = 'in' | 'notin' | '=' | '==' | '!=' | 'exists' | '!' | 'gt' | 'lt'

export interface Requirement {
  readonly key: string
  readonly operator: SelectorOperator
  readonly values: readonly string[]
}

export type Labels = Readonly<Record<string, string>>
export type LabelPredicate = (labels: Labels | null | undefined) => boolean

export class LabelSelectorError extends Error {
  override name = 'LabelSelectorError'
}

/** One requirement, checked; throws with every problem it has. */
export function newRequirement(
  key: string,
  operator: SelectorOperator,
  values: readonly string[],
): Requirement {
  const problems = new Problems()
  const wrongKey = isLabelKey(key)
  if (wrongKey.length > 0) problems.invalid(Path.root.child('key'), key, wrongKey.join('; '))
  checkCount(operator, values, problems)
  for (const [position, value] of values.entries()) {
    const wrong = isLabelValue(value)
    const at = Path.root.child('values').index(position).key(key)
    if (wrong.length > 0) problems.invalid(at, value, wrong.join('; '))
  }
  if (problems.list.length > 0) throw new LabelSelectorError(aggregated(problems))
  return { key, operator, values }
}

function checkCount(
  operator: SelectorOperator,
  values: readonly string[],
  problems: Problems,
): void {
  const at = Path.root.child('values')
  if (operator === 'in' || operator === 'notin') {
    if (values.length === 0) {
      problems.invalid(at, values, "for 'in', 'notin' operators, values set can't be empty")
    }
  } else if (operator === 'exists' || operator === '!') {
    if (values.length > 0) {
      problems.invalid(at, values, 'values set must be empty for exists and does not exist')
    }
  } else if (operator === 'gt' || operator === 'lt') {
    if (values.length !== 1) {
      problems.invalid(at, values, "for 'Gt', 'Lt' operators, exactly one value is required")
    }
    for (const [position, value] of values.entries()) {
      if (parseInt64(value) !== undefined) continue
      const detail = "for 'Gt', 'Lt' operators, the value must be an integer"
      problems.invalid(at.index(position), value, detail)
    }
  } else if (values.length !== 1) {
    problems.invalid(at, values, 'exact-match compatibility requires one single value')
  }
}

function aggregated(problems: Problems): string {
  const texts = new Set(problems.list.map(({ field, message }) => `${field}: ${message}`))
  const joined = [...texts].join(', ')
  return texts.size === 1 ? joined : `[${joined}]`
}

/** A label is a string; what a prototype would offer for `constructor` is not one. */
export function requirementTest({
  key,
  operator,
  values,
}: Requirement): (labels: Labels) => boolean {
  const [only] = values
  const isListed =
    values.length === 1
      ? (labels: Labels) => labels[key] === only
      : (labels: Labels) => values.includes(labels[key] as string)
  const isPresent = (labels: Labels): boolean => typeof labels[key] === 'string'
  switch (operator) {
    case '=':
    case '==':
    case 'in':
      return isListed
    case '!=':
    case 'notin':
      return (labels) => !isListed(labels)
    case 'exists':
      return isPresent
    case '!':
      return (labels) => !isPresent(labels)
    case 'gt':
    case 'lt':
      return comparison(key, operator, only ?? '')
  }
}

function comparison(key: string, operator: 'gt' | 'lt', text: string): (labels: Labels) => boolean {
  const limit = parseInt64(text)
  if (limit === undefined) return () => false
  return (labels) => {
    const value = typeof labels[key] === 'string' ? parseInt64(labels[key]) : undefined
    if (value === undefined) return false
    return operator === 'gt' ? value > limit : value < limit
  }
}

const MAX_INT64 = 2n ** 63n - 1n
const MIN_INT64 = -(2n ** 63n)

function parseInt64(text: string): bigint | undefined {
  if (!/^[-+]?[0-9]{1,40}$/.test(text)) return undefined
  const value = BigInt(text.replace(/^\+/, ''))
  return value >= MIN_INT64 && value <= MAX_INT64 ? value : undefined
}
