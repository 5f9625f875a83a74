/** Pods that want to be with others, or apart from them; what runs already has its say too. */
import type { NodeInfo } from '../node-info.ts'
import {
  type ClusterEvent,
  type ClusterView,
  type NodeScorer,
  type Plugin,
  refusal,
  SCORE_MAX,
} from '../plugin.ts'
import { type AffinityTerm, type PodInfo, termMatches, type WeightedTerm } from '../pod-info.ts'

const NAME = 'InterPodAffinity'
const alone = refusal(NAME, "node(s) didn't match pod affinity rules", true)
const together = refusal(NAME, "node(s) didn't match pod anti-affinity rules", false)
const unwelcome = refusal(NAME, "node(s) didn't satisfy existing pods anti-affinity rules", false)
/** As upstream: what a pod that runs insists on counts little for the one to come. */
const REQUIRED_WEIGHT = 1

/** Numbers by topology key and value. */
class Places {
  readonly #sums = new Map<string, Map<string, number>>()

  get isEmpty(): boolean {
    return this.#sums.size === 0
  }

  add({ labels }: NodeInfo, topologyKey: string, amount: number): void {
    const value = labels[topologyKey]
    if (value === undefined) return
    const ofKey = this.#sums.get(topologyKey) ?? new Map<string, number>()
    this.#sums.set(topologyKey, ofKey)
    ofKey.set(value, (ofKey.get(value) ?? 0) + amount)
  }

  at({ labels }: NodeInfo, topologyKey: string): number {
    return this.#sums.get(topologyKey)?.get(labels[topologyKey] ?? '') ?? 0
  }

  sumAt(node: NodeInfo): number {
    let sum = 0
    for (const key of this.#sums.keys()) {
      if (node.labels[key] !== undefined) sum += this.at(node, key)
    }
    return sum
  }
}

export const interPodAffinity: Plugin = {
  name: NAME,
  filter(pod, view) {
    const wanted = pod.affinity.required
    const unwanted = pod.antiAffinity.required
    const { nodesWithAntiAffinity } = view.snapshot
    if (wanted.length + unwanted.length === 0 && nodesWithAntiAffinity.size === 0) return undefined
    const company = wanted.length > 0 ? companyOf(wanted, view) : new Places()
    const rivals = unwanted.length > 0 ? rivalsOf(unwanted, view) : new Places()
    const objections = objectionsTo(pod, view)
    // The first of a group that wants to be together has to begin somewhere.
    const isFirst = company.isEmpty && matchesAll(wanted, pod, view)
    return {
      test(node) {
        if (wanted.some(({ topologyKey }) => node.labels[topologyKey] === undefined)) return alone
        const hasCompany = wanted.every(({ topologyKey }) => company.at(node, topologyKey) > 0)
        if (!hasCompany && !isFirst) return alone
        if (unwanted.some(({ topologyKey }) => isAt(rivals, node, topologyKey))) return together
        return objections.sumAt(node) > 0 ? unwelcome : undefined
      },
    }
  },
  scorer: affinityScorer,
  helps,
}

const isAt = (places: Places, node: NodeInfo, key: string): boolean =>
  node.labels[key] !== undefined && places.at(node, key) > 0

const matchesAll = (
  terms: readonly AffinityTerm[],
  pod: PodInfo,
  { namespaceLabels }: ClusterView,
): boolean => terms.every((term) => termMatches(term, pod, namespaceLabels))

/** Only a pod that every term means is company. */
function companyOf(terms: readonly AffinityTerm[], view: ClusterView): Places {
  const places = new Places()
  for (const node of view.snapshot.nodes) {
    for (const other of node.pods.values()) {
      if (!matchesAll(terms, other, view)) continue
      for (const { topologyKey } of terms) places.add(node, topologyKey, 1)
    }
  }
  return places
}

/** A pod that any term means is a rival. */
function rivalsOf(terms: readonly AffinityTerm[], view: ClusterView): Places {
  const places = new Places()
  for (const node of view.snapshot.nodes) {
    for (const other of node.pods.values()) {
      for (const term of terms) {
        if (termMatches(term, other, view.namespaceLabels)) places.add(node, term.topologyKey, 1)
      }
    }
  }
  return places
}

function objectionsTo(pod: PodInfo, { snapshot, namespaceLabels }: ClusterView): Places {
  const places = new Places()
  for (const node of snapshot.nodesWithAntiAffinity) {
    for (const { antiAffinity } of node.withAntiAffinity.values()) {
      for (const term of antiAffinity.required) {
        if (termMatches(term, pod, namespaceLabels)) places.add(node, term.topologyKey, 1)
      }
    }
  }
  return places
}

function affinityScorer(
  pod: PodInfo,
  { snapshot, namespaceLabels }: ClusterView,
): NodeScorer | undefined {
  const wanted = pod.affinity.preferred
  const unwanted = pod.antiAffinity.preferred
  const hasWishes = wanted.length + unwanted.length > 0
  const places = new Places()
  const weigh = (terms: readonly WeightedTerm[], about: PodInfo, node: NodeInfo, sign: number) => {
    for (const term of terms) {
      if (!termMatches(term, about, namespaceLabels)) continue
      places.add(node, term.topologyKey, sign * term.weight)
    }
  }
  for (const node of hasWishes ? snapshot.nodes : snapshot.nodesWithAffinity) {
    for (const other of (hasWishes ? node.pods : node.withAffinity).values()) {
      weigh(wanted, other, node, 1)
      weigh(unwanted, other, node, -1)
      if (!other.hasAffinity) continue
      const insisting = other.affinity.required
      weigh(
        insisting.map((term) => ({ ...term, weight: REQUIRED_WEIGHT })),
        pod,
        node,
        1,
      )
      weigh(other.affinity.preferred, pod, node, 1)
      weigh(other.antiAffinity.preferred, pod, node, -1)
    }
  }
  if (places.isEmpty) return undefined
  return { score: (node) => places.sumAt(node), normalize }
}

/** From the least to the most, which both may be below zero. */
function normalize(scores: number[]): void {
  const least = scores.reduce((a, b) => Math.min(a, b), Infinity)
  const range = scores.reduce((a, b) => Math.max(a, b), -Infinity) - least
  for (const [at, score] of scores.entries()) {
    scores[at] = range > 0 ? Math.trunc(SCORE_MAX * ((score - least) / range)) : 0
  }
}

function helps(event: ClusterEvent, pod: PodInfo, { namespaceLabels }: ClusterView): boolean {
  const matchesOne = (terms: readonly AffinityTerm[], other: PodInfo): boolean =>
    terms.some((term) => termMatches(term, other, namespaceLabels))
  switch (event.type) {
    case 'self':
    case 'namespace':
      return true
    case 'pod': {
      const { pod: other, previous } = event
      if (matchesOne(pod.affinity.required, other)) return true
      // With other labels it may not be a rival any more.
      return previous !== undefined && matchesOne(pod.antiAffinity.required, previous)
    }
    case 'pod removed': {
      const { pod: other } = event
      if (matchesOne(pod.antiAffinity.required, other)) return true
      if (matchesOne(pod.affinity.required, other)) return matchesOne(pod.affinity.required, pod)
      return matchesOne(other.antiAffinity.required, pod)
    }
    case 'node': {
      const { node, previous } = event
      if (!previous) return true
      const labels = node.metadata.labels ?? {}
      const before = previous.metadata.labels ?? {}
      return Object.keys({ ...labels, ...before }).some((key) => labels[key] !== before[key])
    }
    default:
      return false
  }
}
