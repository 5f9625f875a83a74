/** Rules about node selectors, which pods, volumes and others share. */
import { dnsSubdomainName, isLabelKey, isLabelValue } from '../names.ts'
import type {
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
} from '../parts/core/node-selector.ts'
import type { Path, Problems } from '../problems.ts'

export interface NodeSelectorRules {
  /** In a preference a value that no node can have does no harm. */
  readonly allowInvalidValues?: boolean
}

export function validateNodeSelector(
  { nodeSelectorTerms }: NodeSelector,
  at: Path,
  problems: Problems,
  rules: NodeSelectorRules = {},
): void {
  const place = at.child('nodeSelectorTerms')
  if (!nodeSelectorTerms?.length) {
    problems.required(place, 'must have at least one node selector term')
  }
  for (const [position, term] of (nodeSelectorTerms ?? []).entries()) {
    validateNodeSelectorTerm(term, place.index(position), problems, rules)
  }
}

export function validateNodeSelectorTerm(
  { matchExpressions, matchFields }: NodeSelectorTerm,
  at: Path,
  problems: Problems,
  rules: NodeSelectorRules = {},
): void {
  for (const [position, requirement] of (matchExpressions ?? []).entries()) {
    checkExpression(requirement, at.child('matchExpressions').index(position), problems, rules)
  }
  for (const [position, requirement] of (matchFields ?? []).entries()) {
    checkField(requirement, at.child('matchFields').index(position), problems)
  }
}

function checkExpression(
  { key, operator, values = [] }: NodeSelectorRequirement,
  at: Path,
  problems: Problems,
  rules: NodeSelectorRules,
): void {
  checkCount(operator, values.length, at, problems)
  for (const message of isLabelKey(key)) problems.invalid(at.child('key'), key, message)
  if (rules.allowInvalidValues) return
  for (const [position, value] of values.entries()) {
    for (const message of isLabelValue(value)) {
      problems.invalid(at.child('values').index(position), value, message)
    }
  }
}

function checkCount(operator: string, count: number, at: Path, problems: Problems): void {
  const place = at.child('values')
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (!count) problems.required(place, "must be specified when `operator` is 'In' or 'NotIn'")
      break
    case 'Exists':
    case 'DoesNotExist':
      if (count) {
        const detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
        problems.forbidden(place, detail)
      }
      break
    case 'Gt':
    case 'Lt':
      if (count !== 1) {
        const detail = "must be specified single value when `operator` is 'Lt' or 'Gt'"
        problems.required(place, detail)
      }
      break
    default:
      problems.invalid(at.child('operator'), operator, 'not a valid selector operator')
  }
}

function checkField(requirement: NodeSelectorRequirement, at: Path, problems: Problems): void {
  const { key, operator, values = [] } = requirement
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length !== 1) {
      const detail =
        "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
      problems.required(at.child('values'), detail)
    }
  } else problems.invalid(at.child('operator'), operator, 'not a valid selector operator')
  if (key !== 'metadata.name') {
    problems.invalid(at.child('key'), key, 'not a valid field selector key')
    return
  }
  for (const [position, value] of values.entries()) {
    for (const message of dnsSubdomainName(value)) {
      problems.invalid(at.child('values').index(position), value, message)
    }
  }
}
