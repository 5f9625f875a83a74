/**
 * How many pods a question means: on each node, and in each domain of a topology. Whoever asks
 * again gets the same numbers without anybody looking at all pods, as they are kept up pod by pod.
 */
import type { NodeInfo } from './node-info.ts'
import type { PodInfo } from './pod-info.ts'

export interface Question {
  /** Questions with the same key are the same. */
  readonly key: string
  readonly means: (pod: PodInfo) => boolean
}

/** Questions that are remembered; those not asked for longest go first. */
const QUESTIONS_MAX = 128

interface Tally extends Question {
  readonly byNode: Map<NodeInfo, number>
  /** By topology key and value; made when somebody asks, void when labels of nodes change. */
  readonly byDomain: Map<string, Map<string, number>>
}

export class Tallies {
  readonly #nodes: () => Iterable<NodeInfo>
  readonly #tallies = new Map<string, Tally>()

  constructor(nodes: () => Iterable<NodeInfo>) {
    this.#nodes = nodes
  }

  byNode(question: Question): ReadonlyMap<NodeInfo, number> {
    return this.#tallyFor(question).byNode
  }

  byDomain(question: Question, topologyKey: string): ReadonlyMap<string, number> {
    const { byNode, byDomain } = this.#tallyFor(question)
    const known = byDomain.get(topologyKey)
    if (known) return known
    const sums = new Map<string, number>()
    for (const [{ labels }, count] of byNode) addTo(sums, labels[topologyKey], count)
    byDomain.set(topologyKey, sums)
    return sums
  }

  /** Counts a pod that came to a node (1) or has left it (-1). */
  count(pod: PodInfo, node: NodeInfo, sign: 1 | -1): void {
    for (const { means, byNode, byDomain } of this.#tallies.values()) {
      if (!means(pod)) continue
      addTo(byNode, node, sign)
      for (const [topologyKey, sums] of byDomain) addTo(sums, node.labels[topologyKey], sign)
    }
  }

  /** Labels of a node with pods are others. */
  relabel(): void {
    for (const { byDomain } of this.#tallies.values()) byDomain.clear()
  }

  /** What questions mean has changed. */
  clear(): void {
    this.#tallies.clear()
  }

  #tallyFor(question: Question): Tally {
    const { key } = question
    const known = this.#tallies.get(key)
    const tally = known ?? this.#tallyFrom(question)
    if (known) this.#tallies.delete(key)
    this.#tallies.set(key, tally)
    if (this.#tallies.size > QUESTIONS_MAX) {
      this.#tallies.delete(this.#tallies.keys().next().value!)
    }
    return tally
  }

  #tallyFrom(question: Question): Tally {
    const byNode = new Map<NodeInfo, number>()
    for (const node of this.#nodes()) {
      let count = 0
      for (const pod of node.pods.values()) if (question.means(pod)) count++
      if (count > 0) byNode.set(node, count)
    }
    return { ...question, byNode, byDomain: new Map() }
  }
}

/** Leaves nothing behind where the sum is nothing. */
export function addTo<K>(sums: Map<K, number>, key: K | undefined, amount: number): void {
  if (key === undefined) return
  const sum = (sums.get(key) ?? 0) + amount
  if (sum === 0) sums.delete(key)
  else sums.set(key, sum)
}
