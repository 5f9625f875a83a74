/** Label selectors: their text, their object form, and the predicate both become. */
import {
  type LabelPredicate,
  LabelSelectorError,
  type Labels,
  newRequirement,
  type Requirement,
  requirementTest,
  type SelectorOperator,
} from './label-requirement.ts'
import { parseLabelSelectorText } from './label-selector-parser.ts'
import { isLabelValue, isQualifiedName } from './names.ts'
import type { Path, Problems } from './problems.ts'

export {
  type LabelPredicate,
  LabelSelectorError,
  type Labels,
  type Requirement,
  type SelectorOperator,
}

/** All requirements must hold; none select everything. */
export interface LabelSelector {
  readonly requirements: readonly Requirement[]
  readonly selectsNothing: boolean
  readonly matches: LabelPredicate
}

export interface LabelSelectorRequirement {
  key: string
  operator: string
  values?: readonly string[] | null
}

/** As it stands in objects. */
export interface LabelSelectorObject {
  matchLabels?: Labels | null
  matchExpressions?: readonly LabelSelectorRequirement[] | null
}

export const everything: LabelSelector = selectorOf([])
export const nothing: LabelSelector = {
  requirements: [],
  selectsNothing: true,
  matches: () => false,
}

/** `a=b,c!=d,e in (f,g),!h`; throws `LabelSelectorError` with upstream's message. */
export function parseLabelSelector(text: string): LabelSelector {
  if (text === '') return everything
  return selectorOf(parseLabelSelectorText(text))
}

/** Requirements in the order of their keys, as upstream prints and evaluates them. */
export function selectorOf(requirements: readonly Requirement[]): LabelSelector {
  const ordered = requirements.toSorted((a, b) => compareText(a.key, b.key))
  return { requirements: ordered, selectsNothing: false, matches: compiled(ordered) }
}

const compareText = (a: string, b: string): number => (a < b ? -1 : Number(a > b))

export function matchesLabels(selector: LabelSelector, labels: Labels | null | undefined): boolean {
  return selector.matches(labels)
}

/** The value that a selector insists on for a key, if it insists on one. */
export function requiredLabel(selector: LabelSelector, key: string): string | undefined {
  const requirement = selector.requirements.find((each) => each.key === key)
  if (!requirement || !['=', '==', 'in'].includes(requirement.operator)) return undefined
  return requirement.values.length === 1 ? requirement.values[0] : undefined
}

function compiled(requirements: readonly Requirement[]): LabelPredicate {
  const tests = requirements.map(requirementTest)
  const [first, second] = tests
  if (!first) return () => true
  if (!second) return (labels) => first(labels ?? noLabels)
  return (labels) => {
    const present = labels ?? noLabels
    for (const test of tests) if (!test(present)) return false
    return true
  }
}

const noLabels: Labels = {}

const infix: Partial<Record<SelectorOperator, string>> = {
  '=': '=',
  '==': '==',
  '!=': '!=',
  gt: '>',
  lt: '<',
}

/** Text that parses to the same selector. */
export function formatSelector(selector: LabelSelector): string {
  return selector.requirements.map(formatRequirement).join(',')
}

function formatRequirement({ key, operator, values }: Requirement): string {
  if (operator === 'exists') return key
  if (operator === '!') return `!${key}`
  const sign = infix[operator]
  if (sign !== undefined) return `${key}${sign}${values.join(',')}`
  return `${key} ${operator} (${values.toSorted(compareText).join(',')})`
}

const objectOperators = new Map<string, SelectorOperator>([
  ['In', 'in'],
  ['NotIn', 'notin'],
  ['Exists', 'exists'],
  ['DoesNotExist', '!'],
])

/** No selector selects nothing, an empty one everything. */
export function selectorFromObject(object: LabelSelectorObject | null | undefined): LabelSelector {
  if (!object) return nothing
  const requirements: Requirement[] = []
  for (const [key, value] of Object.entries(object.matchLabels ?? {})) {
    requirements.push(newRequirement(key, '=', [value]))
  }
  for (const { key, operator, values } of object.matchExpressions ?? []) {
    const known = objectOperators.get(operator)
    if (!known) {
      const shown = JSON.stringify(operator)
      throw new LabelSelectorError(`${shown} is not a valid label selector operator`)
    }
    requirements.push(newRequirement(key, known, values ?? []))
  }
  return requirements.length === 0 ? everything : selectorOf(requirements)
}

/** Exactly these labels, unchecked: for labels that were validated where they come from. */
export function selectorFromLabels(labels: Labels | null | undefined): LabelSelector {
  const entries = Object.entries(labels ?? {})
  if (entries.length === 0) return everything
  return selectorOf(entries.map(([key, value]) => ({ key, operator: '=', values: [value] })))
}

/** `key=value` of a plain set of labels, sorted. */
export function formatLabels(labels: Labels | null | undefined): string {
  return formatSelector(selectorFromLabels(labels))
}

export interface LabelSelectorRules {
  /** Objects stored before values were checked may keep what they have. */
  allowInvalidValues?: boolean
}

export function validateLabelSelector(
  object: LabelSelectorObject | null | undefined,
  at: Path,
  problems: Problems,
  rules: LabelSelectorRules = {},
): void {
  if (!object) return
  validateLabels(object.matchLabels, at.child('matchLabels'), problems)
  for (const [position, requirement] of (object.matchExpressions ?? []).entries()) {
    const place = at.child('matchExpressions').index(position)
    validateRequirement(requirement, place, problems, rules)
  }
}

function validateRequirement(
  { key, operator, values }: LabelSelectorRequirement,
  at: Path,
  problems: Problems,
  rules: LabelSelectorRules,
): void {
  const given = values ?? []
  if (operator === 'In' || operator === 'NotIn') {
    if (given.length === 0) {
      const detail = "must be specified when `operator` is 'In' or 'NotIn'"
      problems.required(at.child('values'), detail)
    }
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (given.length > 0) {
      const detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
      problems.forbidden(at.child('values'), detail)
    }
  } else problems.invalid(at.child('operator'), operator, 'not a valid selector operator')
  for (const problem of isQualifiedName(key)) problems.invalid(at.child('key'), key, problem)
  if (rules.allowInvalidValues) return
  for (const [position, value] of given.entries()) {
    for (const problem of isLabelValue(value)) {
      problems.invalid(at.child('values').index(position), value, problem)
    }
  }
}

export function validateLabels(
  labels: Labels | null | undefined,
  at: Path,
  problems: Problems,
): void {
  for (const [key, value] of Object.entries(labels ?? {})) {
    for (const problem of isQualifiedName(key)) problems.invalid(at, key, problem)
    for (const problem of isLabelValue(value)) problems.invalid(at, value, problem)
  }
}
