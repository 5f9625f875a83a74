/** The whole table of a decision, as it would be made now: every filter's word about every node. */
import type { NodeInfo } from './node-info.ts'
import type { ClusterView, NodeFilter, Refusal } from './plugin.ts'
import type { WeightedPlugin } from './plugins.ts'
import type { PodInfo } from './pod-info.ts'
import { scoresFrom } from './scores.ts'

export interface NodeExplanation {
  readonly name: string
  readonly isFeasible: boolean
  /** By plugin: `ok`, or why not. Unlike in a decision, the first refusal does not end it. */
  readonly filters: Readonly<Record<string, string>>
  /** By plugin, with its weight; only for nodes that would do. */
  readonly scores?: Readonly<Record<string, number>>
  readonly total?: number
}

const OK = 'ok'

export function explain(
  pod: PodInfo,
  plugins: readonly WeightedPlugin[],
  view: ClusterView,
): NodeExplanation[] {
  const { nodes } = view.snapshot
  const filters = plugins.flatMap(({ name, filter }) =>
    filter ? [{ name, prepared: filter(pod, view) }] : [],
  )
  const rows = nodes.map((node) => {
    const words = filters.map(({ name, prepared }) => [name, wordOn(node, prepared)] as const)
    const isFeasible = words.every(([, word]) => word === OK)
    return { node, isFeasible, filters: Object.fromEntries(words) }
  })
  const feasible = rows.flatMap(({ node, isFeasible }) => (isFeasible ? [node] : []))
  const scores = scoresOf(pod, plugins, view, feasible)
  return rows.map(({ node: { name }, isFeasible, filters: words }) => {
    const own = scores.get(name)
    if (!own) return { name, isFeasible, filters: words }
    const total = Object.values(own).reduce((sum, each) => sum + each, 0)
    return { name, isFeasible, filters: words, scores: own, total }
  })
}

function wordOn(node: NodeInfo, prepared: NodeFilter | Refusal | undefined): string {
  if (!prepared) return OK
  if ('reasons' in prepared) return prepared.reasons.join(', ')
  const { only, test } = prepared
  if (only && !only.names.has(node.name)) return 'the pod asks for other nodes by name'
  return test(node)?.reasons.join(', ') ?? OK
}

function scoresOf(
  pod: PodInfo,
  plugins: readonly WeightedPlugin[],
  view: ClusterView,
  nodes: readonly NodeInfo[],
): ReadonlyMap<string, Record<string, number>> {
  const found = new Map<string, Record<string, number>>(nodes.map(({ name }) => [name, {}]))
  if (nodes.length === 0) return found
  for (const { name, scorer, weight } of plugins) {
    const prepared = scorer?.(pod, view, nodes)
    if (!prepared) continue
    const scores = scoresFrom(prepared, nodes)
    for (const [at, node] of nodes.entries()) found.get(node.name)![name] = scores[at]! * weight
  }
  return found
}
