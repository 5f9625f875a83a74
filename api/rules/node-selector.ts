/** Node selectors: which nodes a pod may run on, or a volume can be reached from. */
import { dnsSubdomainName, isLabelKey, isLabelValue } from '../names.ts'
import type {
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
} from '../parts/core/node-selector.ts'
import type { Path, Problems } from '../problems.ts'

const wrongOperator = 'not a valid selector operator'

export function checkNodeSelector(selector: NodeSelector, at: Path, problems: Problems): void {
  const place = at.child('nodeSelectorTerms')
  const terms = selector.nodeSelectorTerms ?? []
  if (!terms.length) problems.required(place, 'must have at least one node selector term')
  for (const [position, term] of terms.entries()) {
    checkNodeSelectorTerm(term, place.index(position), problems)
  }
}

export function checkNodeSelectorTerm(term: NodeSelectorTerm, at: Path, problems: Problems): void {
  for (const [position, each] of (term.matchExpressions ?? []).entries()) {
    checkExpression(each, at.child('matchExpressions').index(position), problems)
  }
  for (const [position, each] of (term.matchFields ?? []).entries()) {
    checkField(each, at.child('matchFields').index(position), problems)
  }
}

function checkExpression(
  { key, operator, values = [] }: NodeSelectorRequirement,
  at: Path,
  problems: Problems,
): void {
  const place = at.child('values')
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (!values.length) {
        problems.required(place, "must be specified when `operator` is 'In' or 'NotIn'")
      }
      break
    case 'Exists':
    case 'DoesNotExist':
      if (values.length) {
        const detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
        problems.forbidden(place, detail)
      }
      break
    case 'Gt':
    case 'Lt':
      if (values.length !== 1) {
        const detail = "must be specified single value when `operator` is 'Lt' or 'Gt'"
        problems.required(place, detail)
      }
      break
    default:
      problems.invalid(at.child('operator'), operator, wrongOperator)
  }
  for (const message of isLabelKey(key)) problems.invalid(at.child('key'), key, message)
  for (const [position, value] of values.entries()) {
    for (const message of isLabelValue(value)) {
      problems.invalid(place.index(position), value, message)
    }
  }
}

/** The name is the only field of a node that can be selected by. */
function checkField(
  { key, operator, values = [] }: NodeSelectorRequirement,
  at: Path,
  problems: Problems,
): void {
  if (operator !== 'In' && operator !== 'NotIn') {
    problems.invalid(at.child('operator'), operator, wrongOperator)
  } else if (values.length !== 1) {
    const detail =
      "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
    problems.required(at.child('values'), detail)
  }
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
