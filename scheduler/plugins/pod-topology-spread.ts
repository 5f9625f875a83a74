/** Spreads like pods over zones, nodes or other domains: as a must, or as well as it goes. */

import { type LabelSelector, selectorFromObject } from '#api/label-selector.ts'
import type { TopologySpreadConstraint } from '#api/parts/core/pod-scheduling.ts'
import { type NodeTest, requiredNodeTest } from '#api/rules/node-selection.ts'
import { untoleratedTaint } from '#api/rules/taint-toleration.ts'
import { HOSTNAME_LABEL, type NodeInfo, ZONE_LABEL } from '../node-info.ts'
import { type ClusterView, type NodeScorer, type Plugin, refusal, SCORE_MAX } from '../plugin.ts'
import type { PodInfo } from '../pod-info.ts'

const NAME = 'PodTopologySpread'
const REASON = "node(s) didn't match pod topology spread constraints"
const uneven = refusal(NAME, REASON, false)
const unlabelled = refusal(NAME, `${REASON} (missing required label)`, true)

interface Constraint {
  readonly maxSkew: number
  readonly topologyKey: string
  readonly selector: LabelSelector
  readonly minDomains: number
  /** Whether a node counts for this constraint at all. */
  readonly counts: NodeTest & ((node: NodeInfo['node']) => boolean)
}

/** As upstream, for pods that say nothing: prefer to be apart from their siblings. */
const usual = [
  { maxSkew: 3, topologyKey: HOSTNAME_LABEL },
  { maxSkew: 5, topologyKey: ZONE_LABEL },
]

export const podTopologySpread: Plugin = {
  name: NAME,
  filter(pod, { snapshot }) {
    const constraints = constraintsOf(pod, 'DoNotSchedule')
    if (constraints.length === 0) return undefined
    const domains = constraints.map((constraint) =>
      countsByDomain(constraint, constraints, pod, snapshot.nodes),
    )
    const facts = constraints.map((constraint, at) => {
      const counts = domains[at]!
      const isFew = counts.size < constraint.minDomains
      const least = isFew ? 0 : [...counts.values()].reduce((a, b) => Math.min(a, b), Infinity)
      const own = constraint.selector.matches(pod.labels) ? 1 : 0
      return { ...constraint, counts, spare: constraint.maxSkew + least - own }
    })
    return {
      test({ labels }) {
        for (const { topologyKey, counts, spare } of facts) {
          const domain = labels[topologyKey]
          if (domain === undefined) return unlabelled
          if ((counts.get(domain) ?? 0) > spare) return uneven
        }
        return undefined
      },
    }
  },
  scorer: spreadScorer,
  helps(event, pod) {
    const constraints = constraintsOf(pod, 'DoNotSchedule')
    const isLike = (other: PodInfo): boolean =>
      other.namespace === pod.namespace &&
      constraints.some(({ selector }) => selector.matches(other.labels))
    switch (event.type) {
      case 'self':
      case 'node removed':
        return true
      case 'pod':
        return isLike(event.pod) || (event.previous !== undefined && isLike(event.previous))
      case 'pod removed':
        return isLike(event.pod)
      case 'node':
        return isOtherDomain(constraints, event.node, event.previous)
      default:
        return false
    }
  },
}

/** A new node, or one that now lies elsewhere or counts otherwise. */
function isOtherDomain(
  constraints: readonly Constraint[],
  node: NodeInfo['node'],
  previous: NodeInfo['node'] | undefined,
): boolean {
  const labels = node.metadata.labels ?? {}
  const before = previous?.metadata.labels ?? {}
  return constraints.some(
    ({ topologyKey, counts }) =>
      !previous || labels[topologyKey] !== before[topologyKey] || counts(node) !== counts(previous),
  )
}

function constraintsOf(pod: PodInfo, action: string): Constraint[] {
  return (pod.spec.topologySpreadConstraints ?? [])
    .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action)
    .map((constraint) => compiled(constraint, pod))
}

/** Its matchLabelKeys are conditions of the selector by now: the API server adds them. */
function compiled(constraint: TopologySpreadConstraint, { spec }: PodInfo): Constraint {
  const { maxSkew, topologyKey, labelSelector, minDomains = 1 } = constraint
  const required = constraint.nodeAffinityPolicy === 'Ignore' ? undefined : requiredNodeTest(spec)
  const honorsTaints = constraint.nodeTaintsPolicy === 'Honor'
  return {
    maxSkew,
    topologyKey,
    selector: selectorFromObject(labelSelector),
    minDomains,
    counts: (node) =>
      (!required || required(node)) &&
      !(honorsTaints && untoleratedTaint((node as NodeInfo['node']).spec.taints, spec.tolerations)),
  }
}

const hasAllKeys = ({ labels }: NodeInfo, constraints: readonly Constraint[]): boolean =>
  constraints.every(({ topologyKey }) => labels[topologyKey] !== undefined)

/** Pods that are on their way out do not count. */
function matching({ pods }: NodeInfo, selector: LabelSelector, namespace: string): number {
  let count = 0
  for (const pod of pods.values()) {
    if (pod.isTerminating || pod.namespace !== namespace) continue
    if (selector.matches(pod.labels)) count++
  }
  return count
}

function countsByDomain(
  { topologyKey, selector, counts }: Constraint,
  all: readonly Constraint[],
  { namespace }: PodInfo,
  nodes: readonly NodeInfo[],
): Map<string, number> {
  const sums = new Map<string, number>()
  for (const node of nodes) {
    if (!hasAllKeys(node, all) || !counts(node.node)) continue
    const domain = node.labels[topologyKey]!
    sums.set(domain, (sums.get(domain) ?? 0) + matching(node, selector, namespace))
  }
  return sums
}

function softConstraints(pod: PodInfo, view: ClusterView): Constraint[] {
  if (pod.spec.topologySpreadConstraints?.length) return constraintsOf(pod, 'ScheduleAnyway')
  const selector = view.siblings(pod)
  if (!selector) return []
  const required = requiredNodeTest(pod.spec)
  const counts: NodeTest = (node) => !required || required(node)
  return usual.map((each) => ({ ...each, selector, minDomains: 1, counts }))
}

function spreadScorer(
  pod: PodInfo,
  view: ClusterView,
  feasible: readonly NodeInfo[],
): NodeScorer | undefined {
  const constraints = softConstraints(pod, view)
  if (constraints.length === 0) return undefined
  // Where the usual constraints stand in, a node without a zone is still told from others.
  const needsAllKeys = Boolean(pod.spec.topologySpreadConstraints?.length)
  const isIgnored = (node: NodeInfo): boolean => needsAllKeys && !hasAllKeys(node, constraints)
  const scored = feasible.filter((node) => !isIgnored(node))
  const facts = constraints.map((constraint) => {
    const isPerNode = constraint.topologyKey === HOSTNAME_LABEL
    const sums = isPerNode
      ? new Map<string, number>()
      : domainSums(constraint, pod, scored, view, isIgnored)
    const size = isPerNode ? scored.length : sums.size
    return { ...constraint, isPerNode, sums, weight: Math.log(size + 2) }
  })
  return {
    score(node) {
      if (isIgnored(node)) return 0
      let score = 0
      for (const { topologyKey, isPerNode, selector, sums, weight, maxSkew } of facts) {
        const domain = node.labels[topologyKey]
        if (domain === undefined) continue
        const count = isPerNode ? matching(node, selector, pod.namespace) : (sums.get(domain) ?? 0)
        score += count * weight + maxSkew - 1
      }
      return Math.round(score)
    },
    normalize: (scores, nodes) => normalize(scores, nodes, isIgnored),
  }
}

/** Only domains in which there is a node to choose. */
function domainSums(
  { topologyKey, selector, counts }: Constraint,
  { namespace }: PodInfo,
  scored: readonly NodeInfo[],
  { snapshot }: ClusterView,
  isIgnored: (node: NodeInfo) => boolean,
): Map<string, number> {
  const domainOf = ({ labels }: NodeInfo): string => labels[topologyKey] ?? ''
  const sums = new Map(scored.map((node) => [domainOf(node), 0]))
  for (const node of snapshot.nodes) {
    const sum = sums.get(domainOf(node))
    if (sum === undefined || isIgnored(node) || !counts(node.node)) continue
    sums.set(domainOf(node), sum + matching(node, selector, namespace))
  }
  return sums
}

function normalize(
  scores: number[],
  nodes: readonly NodeInfo[],
  isIgnored: (node: NodeInfo) => boolean,
): void {
  const valid = scores.filter((_, at) => !isIgnored(nodes[at]!))
  const most = valid.reduce((a, b) => Math.max(a, b), 0)
  const least = valid.reduce((a, b) => Math.min(a, b), Infinity)
  for (const [at, score] of scores.entries()) {
    if (isIgnored(nodes[at]!)) scores[at] = 0
    else if (most === 0) scores[at] = SCORE_MAX
    else scores[at] = Math.floor((SCORE_MAX * (most + least - score)) / most)
  }
}
