/** All filters of one attempt, asked about one node after the other; also about what might be. */
import type { NodeInfo } from './node-info.ts'
import type { ClusterView, NodeFilter, Refusal } from './plugin.ts'
import type { WeightedPlugin } from './plugins.ts'
import type { PodInfo } from './pod-info.ts'
import { firstRefusal, type LocalTable, type SharedWork } from './shared-work.ts'

/** Which plugins share their work about like pods, and which are asked for each pod. */
export interface PluginSplit {
  readonly shared: SharedWork
  readonly others: readonly WeightedPlugin[]
}

export class NodeTests {
  readonly table: LocalTable
  /** The only nodes that need to be looked at; all unless given. */
  readonly only: ReadonlySet<string> | undefined
  /** What is said of the nodes beside them. */
  readonly elsewhere: Refusal | undefined
  readonly #pod: PodInfo
  readonly #view: ClusterView
  readonly #others: readonly NodeFilter[]

  private constructor(pod: PodInfo, view: ClusterView, table: LocalTable, filters: NodeFilter[]) {
    this.#pod = pod
    this.#view = view
    this.table = table
    this.#others = filters
    const restricting = [...table.filters, ...filters].flatMap(({ only }) => only ?? [])
    if (restricting.length === 0) return
    this.only = restricting.map(({ names }) => names).reduce((a, b) => a.intersection(b))
    this.elsewhere = beside(restricting.map(({ plugin }) => plugin))
  }

  /** A refusal when some plugin refuses all nodes. */
  static prepare(pod: PodInfo, view: ClusterView, split: PluginSplit): NodeTests | Refusal {
    const table = split.shared.tableFor(pod)
    if ('reasons' in table) return table
    const filters: NodeFilter[] = []
    for (const { filter } of split.others) {
      const prepared = filter?.(pod, view)
      if (!prepared) continue
      if ('reasons' in prepared) return prepared
      filters.push(prepared)
    }
    return new NodeTests(pod, view, table, filters)
  }

  /** The node has to do also once those that it was promised to are there. */
  test(node: NodeInfo): Refusal | undefined {
    const { nominations } = this.#view
    if (!nominations.isEmpty) {
      const verdict = this.#testWithPromised(node)
      if (verdict) return verdict
    }
    return this.table.verdictOn(node) ?? firstRefusal(node, this.#others)
  }

  add(other: PodInfo, node: NodeInfo): void {
    node.add(other)
    for (const { adjust } of this.#others) adjust?.(other, node, 1)
  }

  remove(other: PodInfo, node: NodeInfo): void {
    node.remove(other.key)
    for (const { adjust } of this.#others) adjust?.(other, node, -1)
  }

  #testWithPromised(node: NodeInfo): Refusal | undefined {
    const promised = this.#view.nominations.on(node.name)
    if (!promised) return undefined
    const { key, priority } = this.#pod
    const coming = [...promised].filter(
      (other) => other.priority >= priority && other.key !== key && !node.pods.has(other.key),
    )
    if (coming.length === 0) return undefined
    for (const other of coming) this.add(other, node)
    try {
      return firstRefusal(node, this.table.filters) ?? firstRefusal(node, this.#others)
    } finally {
      for (const other of coming) this.remove(other, node)
    }
  }
}

/** Nodes that a plugin has ruled out by name are not looked at any further. */
function beside(names: readonly string[]): Refusal {
  const listed = names.toSorted().join(' ')
  const reasons = [`node(s) didn't satisfy plugin(s) [${listed}]`]
  return { plugin: names[0]!, reasons, isUnresolvable: true }
}
