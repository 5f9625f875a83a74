/** Which nodes a node selector means, and which of them a pod may run on. */
import { requirementTest, type SelectorOperator } from '../label-requirement.ts'
import type {
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
} from '../parts/core/node-selector.ts'
import type { PodSpec } from '../parts/core/pod-spec.ts'

/** What a selector looks at. */
export interface NodeLike {
  readonly metadata: {
    readonly name: string
    readonly labels?: Readonly<Record<string, string>> | undefined
  }
}

export type NodeTest = (node: NodeLike) => boolean

const operators: Readonly<Record<string, SelectorOperator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
  Gt: 'gt',
  Lt: 'lt',
}
const NAME_FIELD = 'metadata.name'
const noLabels = {}

/** A term without conditions means no node at all. */
export function termTest({ matchExpressions, matchFields }: NodeSelectorTerm): NodeTest {
  const labels = (matchExpressions ?? []).map(compiled)
  const fields = (matchFields ?? []).map(compiled)
  if (labels.length + fields.length === 0) return () => false
  return ({ metadata }) =>
    labels.every((test) => test(metadata.labels ?? noLabels)) &&
    fields.every((test) => test({ [NAME_FIELD]: metadata.name }))
}

/** One term is enough. */
export function nodeSelectorTest({ nodeSelectorTerms }: NodeSelector): NodeTest {
  const terms = (nodeSelectorTerms ?? []).map(termTest)
  return (node) => terms.some((test) => test(node))
}

/** What the pod insists on, by its node selector and by its affinity. */
export function requiredNodeTest({ nodeSelector, affinity }: PodSpec): NodeTest | undefined {
  const wanted = Object.entries(nodeSelector ?? {})
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  if (wanted.length === 0 && !required) return undefined
  const test = required && nodeSelectorTest(required)
  return (node) => {
    const labels: Readonly<Record<string, string>> = node.metadata.labels ?? noLabels
    return wanted.every(([key, value]) => labels[key] === value) && (!test || test(node))
  }
}

/**
 * The only nodes that terms leave by name; undefined where some term leaves others. A term that
 * wants two names at once leaves none.
 */
export function namedNodes(
  selector: NodeSelector | null | undefined,
): ReadonlySet<string> | undefined {
  const terms = selector?.nodeSelectorTerms
  if (!terms?.length) return undefined
  const names = new Set<string>()
  for (const { matchFields } of terms) {
    const lists = (matchFields ?? [])
      .filter(({ key, operator }) => key === NAME_FIELD && operator === 'In')
      .map(({ values }) => new Set(values))
    if (lists.length === 0) return undefined
    for (const name of lists.reduce((a, b) => a.intersection(b))) names.add(name)
  }
  return names
}

function compiled({ key, operator, values }: NodeSelectorRequirement) {
  const known = operators[operator]
  if (!known) return () => false
  return requirementTest({ key, operator: known, values: values ?? [] })
}
