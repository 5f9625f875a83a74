/** Pods that want to be with others, or apart from them; what runs already has its say too. */
import {
  type ClusterEvent,
  type ClusterView,
  type NodeFilter,
  type NodeScorer,
  type Plugin,
  refusal,
  SCORE_MAX,
} from '../plugin.ts'
import { type AffinityTerm, type PodInfo, termMatches } from '../pod-info.ts'
import type { Question } from '../tallies.ts'
import { Places } from './places.ts'

export interface InterPodAffinityArgs {
  /** What it weighs that a pod that runs insists on the one to come. */
  readonly hardPodAffinityWeight: number
  /** Whether wishes of pods that run count only where the one to come has wishes too. */
  readonly ignorePreferredTermsOfExistingPods: boolean
}

const NAME = 'InterPodAffinity'
const alone = refusal(NAME, "node(s) didn't match pod affinity rules", true)
const together = refusal(NAME, "node(s) didn't match pod anti-affinity rules", false)
const unwelcome = refusal(NAME, "node(s) didn't satisfy existing pods anti-affinity rules", false)
const usual: InterPodAffinityArgs = {
  hardPodAffinityWeight: 1,
  ignorePreferredTermsOfExistingPods: false,
}

export function interPodAffinityWith(args: InterPodAffinityArgs): Plugin {
  return {
    name: NAME,
    hopes: ['node', 'namespace', 'pod', 'pod changed', 'pod removed'],
    filter: companyFilter,
    scorer: (pod, view) => affinityScorer(pod, view, args),
    helps,
  }
}

export const interPodAffinity = interPodAffinityWith(usual)

function companyFilter(pod: PodInfo, view: ClusterView): NodeFilter | undefined {
  const wanted = pod.affinity.required
  const unwanted = pod.antiAffinity.required
  const { terms, tallies } = view.snapshot
  if (wanted.length + unwanted.length === 0 && !terms.hasApart) return undefined
  const [company, rivals, objections] = [new Places(), new Places(), new Places()]
  const friends = meaningAll(wanted, view)
  for (const { topologyKey } of wanted) {
    company.put(topologyKey, tallies.byDomain(friends, topologyKey))
  }
  for (const term of unwanted) {
    rivals.put(term.topologyKey, tallies.byDomain(meaningAll([term], view), term.topologyKey))
  }
  for (const { term, sums } of terms.apart) {
    if (termMatches(term, pod, view.namespaceLabels)) objections.put(term.topologyKey, sums)
  }
  // The first of a group that wants to be together has to begin somewhere.
  const mayBeFirst = friends.means(pod)
  return {
    test(node) {
      if (wanted.some(({ topologyKey }) => node.labels[topologyKey] === undefined)) return alone
      const hasCompany = wanted.every(({ topologyKey }) => company.at(node, topologyKey) > 0)
      if (!hasCompany && !(mayBeFirst && company.isEmpty)) return alone
      if (unwanted.some(({ topologyKey }) => rivals.at(node, topologyKey) > 0)) return together
      return objections.sumAt(node) > 0 ? unwelcome : undefined
    },
    adjust(other, node, sign) {
      if (wanted.length > 0 && friends.means(other)) {
        for (const { topologyKey } of wanted) company.add(node, topologyKey, sign)
      }
      for (const term of unwanted) {
        if (!termMatches(term, other, view.namespaceLabels)) continue
        rivals.add(node, term.topologyKey, sign)
      }
      for (const term of other.antiAffinity.required) {
        if (!termMatches(term, pod, view.namespaceLabels)) continue
        objections.add(node, term.topologyKey, sign)
      }
    },
  }
}

/** Only a pod that every term means is company. */
function meaningAll(terms: readonly AffinityTerm[], { namespaceLabels }: ClusterView): Question {
  return {
    key: `terms ${terms.map(({ key }) => key).join(' ')}`,
    means: (other) => terms.every((term) => termMatches(term, other, namespaceLabels)),
  }
}

function affinityScorer(
  pod: PodInfo,
  view: ClusterView,
  args: InterPodAffinityArgs,
): NodeScorer | undefined {
  const { terms, tallies } = view.snapshot
  const wanted = pod.affinity.preferred
  const unwanted = pod.antiAffinity.preferred
  const hasWishes = wanted.length + unwanted.length > 0
  const places = new Places()
  const weigh = (ofTerms: typeof wanted, sign: 1 | -1): void => {
    for (const term of ofTerms) {
      const counts = tallies.byDomain(meaningAll([term], view), term.topologyKey)
      places.put(term.topologyKey, counts, sign * term.weight)
    }
  }
  weigh(wanted, 1)
  weigh(unwanted, -1)
  if (!hasWishes && args.ignorePreferredTermsOfExistingPods) return undefined
  for (const { term, sums } of terms.together) {
    if (!termMatches(term, pod, view.namespaceLabels)) continue
    places.put(term.topologyKey, sums, args.hardPodAffinityWeight)
  }
  for (const { term, sums } of terms.wishes) {
    if (termMatches(term, pod, view.namespaceLabels)) places.put(term.topologyKey, sums)
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
