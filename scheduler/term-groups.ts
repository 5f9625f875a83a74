/** What pods that run say about others: equal terms once, with how much they weigh where. */
import type { NodeInfo } from './node-info.ts'
import type { AffinityTerm, PodInfo } from './pod-info.ts'
import { addTo } from './tallies.ts'

export interface TermGroup {
  readonly term: AffinityTerm
  /** By the value of the topology key of the term. */
  readonly sums: ReadonlyMap<string, number>
}

interface Group extends TermGroup {
  readonly sums: Map<string, number>
  members: number
}

type Groups = Map<string, Group>

export class TermGroups {
  readonly #nodes: () => Iterable<NodeInfo>
  readonly #apart: Groups = new Map()
  readonly #together: Groups = new Map()
  readonly #wishes: Groups = new Map()
  #isVoid = false

  constructor(nodes: () => Iterable<NodeInfo>) {
    this.#nodes = nodes
  }

  /** Whom pods do not bear beside them, with the number of pods. */
  get apart(): Iterable<TermGroup> {
    return this.#renewed(this.#apart)
  }

  get hasApart(): boolean {
    return this.#apart.size > 0
  }

  /** With whom pods have to be, with the number of pods. */
  get together(): Iterable<TermGroup> {
    return this.#renewed(this.#together)
  }

  /** Whom pods would rather have beside them, or not, with the sum of their weights. */
  get wishes(): Iterable<TermGroup> {
    return this.#renewed(this.#wishes)
  }

  /** Counts the terms of a pod that came to a node (1) or has left it (-1). */
  count({ affinity, antiAffinity, hasAffinity }: PodInfo, node: NodeInfo, sign: 1 | -1): void {
    if (!hasAffinity) return
    for (const term of antiAffinity.required) join(this.#apart, term, node, 1, sign)
    for (const term of affinity.required) join(this.#together, term, node, 1, sign)
    for (const term of affinity.preferred) join(this.#wishes, term, node, term.weight, sign)
    for (const term of antiAffinity.preferred) join(this.#wishes, term, node, -term.weight, sign)
  }

  /** Labels of a node with pods are others. */
  relabel(): void {
    this.#isVoid = true
  }

  #renewed(groups: Groups): Iterable<TermGroup> {
    if (this.#isVoid) {
      this.#isVoid = false
      for (const each of [this.#apart, this.#together, this.#wishes]) each.clear()
      for (const node of this.#nodes()) {
        for (const pod of node.pods.values()) this.count(pod, node, 1)
      }
    }
    return groups.values()
  }
}

function join(
  groups: Groups,
  term: AffinityTerm,
  { labels }: NodeInfo,
  amount: number,
  sign: 1 | -1,
): void {
  const key = `${term.topologyKey} ${term.key}`
  const group = groups.get(key) ?? { term, sums: new Map<string, number>(), members: 0 }
  groups.set(key, group)
  addTo(group.sums, labels[term.topologyKey], sign * amount)
  group.members += sign
  if (group.members === 0) groups.delete(key)
}
