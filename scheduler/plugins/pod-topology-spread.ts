/** Spreads like pods over zones, nodes or other domains: as a must, or as well as it goes. */

import { type LabelSelector, selectorFromObject } from '#api/label-selector.ts'
import type { TopologySpreadConstraint } from '#api/parts/core/pod-scheduling.ts'
import { type NodeTest, requiredNodeTest } from '#api/rules/node-selection.ts'
import { untoleratedTaint } from '#api/rules/taint-toleration.ts'
import { HOSTNAME_LABEL, type NodeInfo, ZONE_LABEL } from '../node-info.ts'
import {
  type ClusterEvent,
  type ClusterView,
  type NodeFilter,
  type NodeScorer,
  type Plugin,
  refusal,
  SCORE_MAX,
} from '../plugin.ts'
import type { PodInfo } from '../pod-info.ts'
import type { Snapshot } from '../snapshot.ts'

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
  readonly includes: NodeTest & ((node: NodeInfo['node']) => boolean)
  /** Tells it from others that count other pods. */
  readonly key: string
}

export interface DefaultConstraint {
  readonly maxSkew: number
  readonly topologyKey: string
  readonly whenUnsatisfiable: string
}

/** As upstream, for pods that say nothing: prefer to be apart from their siblings. */
const usual: readonly DefaultConstraint[] = [
  { maxSkew: 3, topologyKey: HOSTNAME_LABEL, whenUnsatisfiable: 'ScheduleAnyway' },
  { maxSkew: 5, topologyKey: ZONE_LABEL, whenUnsatisfiable: 'ScheduleAnyway' },
]

/** Which constraints pods have that have none of their own; `system` ones need not all apply. */
export interface SpreadDefaults {
  readonly constraints: readonly DefaultConstraint[]
  readonly isSystem: boolean
}

export function podTopologySpreadWith(defaults: SpreadDefaults): Plugin {
  const hardOf = (pod: PodInfo, view: ClusterView): readonly Constraint[] =>
    constraintsFor(pod, view, defaults, 'DoNotSchedule')
  return {
    name: NAME,
    hopes: ['node', 'node removed', 'pod', 'pod changed', 'pod removed'],
    filter: (pod, view) => spreadFilter(pod, view, hardOf(pod, view)),
    scorer: (pod, view, feasible) => spreadScorer(pod, view, feasible, defaults),
    helps: (event, pod, view) => helps(event, pod, hardOf(pod, view)),
  }
}

export const podTopologySpread = podTopologySpreadWith({ constraints: usual, isSystem: true })

function spreadFilter(
  pod: PodInfo,
  { snapshot }: ClusterView,
  constraints: readonly Constraint[],
): NodeFilter | undefined {
  if (constraints.length === 0) return undefined
  const facts = constraints.map((constraint) => ({
    ...constraint,
    counts: countsByDomain(constraint, constraints, pod, snapshot),
    own: constraint.selector.matches(pod.labels) ? 1 : 0,
  }))
  let spares = facts.map(spareOf)
  return {
    test({ labels }) {
      for (const [at, { topologyKey, counts }] of facts.entries()) {
        const domain = labels[topologyKey]
        if (domain === undefined) return unlabelled
        if ((counts.get(domain) ?? 0) > spares[at]!) return uneven
      }
      return undefined
    },
    adjust(other, node, sign) {
      if (!hasAllKeys(node, constraints)) return
      for (const { topologyKey, counts, selector, includes } of facts) {
        if (!includes(node.node) || !isCounted(other, pod.namespace, selector)) continue
        const domain = node.labels[topologyKey]!
        counts.set(domain, (counts.get(domain) ?? 0) + sign)
      }
      spares = facts.map(spareOf)
    },
  }
}

interface SpreadFacts extends Constraint {
  readonly counts: ReadonlyMap<string, number>
  readonly own: number
}

/** How many pods a domain may have at most to be given one more. */
function spareOf({ counts, minDomains, maxSkew, own }: SpreadFacts): number {
  let least = Infinity
  for (const count of counts.values()) if (count < least) least = count
  return maxSkew + (counts.size < minDomains ? 0 : least) - own
}

function helps(event: ClusterEvent, pod: PodInfo, constraints: readonly Constraint[]): boolean {
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
    ({ topologyKey, includes }) =>
      !previous ||
      labels[topologyKey] !== before[topologyKey] ||
      includes(node) !== includes(previous),
  )
}

/** A pod's own constraints; where it has none, the usual ones for it and its siblings. */
function constraintsFor(
  pod: PodInfo,
  view: ClusterView,
  { constraints }: SpreadDefaults,
  action: string,
): readonly Constraint[] {
  const own = pod.spec.topologySpreadConstraints ?? []
  if (own.length > 0) {
    return own
      .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action)
      .map((constraint) => compiled(constraint, pod))
  }
  const wanted = constraints.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action)
  const selector = wanted.length > 0 ? view.siblings(pod) : undefined
  if (!selector) return []
  const required = requiredNodeTest(pod.spec)
  const includes: NodeTest = (node) => !required || required(node)
  const key = JSON.stringify([pod.namespace, selector.requirements])
  return wanted.map((each) => ({ ...each, selector, minDomains: 1, includes, key }))
}

/** Its matchLabelKeys are conditions of the selector by now: the API server adds them. */
function compiled(constraint: TopologySpreadConstraint, { spec, namespace }: PodInfo): Constraint {
  const { maxSkew, topologyKey, labelSelector, minDomains = 1 } = constraint
  const required = constraint.nodeAffinityPolicy === 'Ignore' ? undefined : requiredNodeTest(spec)
  const honorsTaints = constraint.nodeTaintsPolicy === 'Honor'
  return {
    maxSkew,
    topologyKey,
    selector: selectorFromObject(labelSelector),
    minDomains,
    key: JSON.stringify([namespace, labelSelector]),
    includes: (node) =>
      (!required || required(node)) &&
      !(honorsTaints && untoleratedTaint((node as NodeInfo['node']).spec.taints, spec.tolerations)),
  }
}

const hasAllKeys = ({ labels }: NodeInfo, constraints: readonly Constraint[]): boolean =>
  constraints.every(({ topologyKey }) => labels[topologyKey] !== undefined)

/** Pods that are on their way out do not count. */
const isCounted = (pod: PodInfo, namespace: string, selector: LabelSelector): boolean =>
  !pod.isTerminating && pod.namespace === namespace && selector.matches(pod.labels)

/** How many such pods are on each node; those without any are not there. */
const countsByNode = (
  { key, selector }: Constraint,
  { namespace }: PodInfo,
  { tallies }: Snapshot,
): ReadonlyMap<NodeInfo, number> =>
  tallies.byNode({ key: `spread ${key}`, means: (pod) => isCounted(pod, namespace, selector) })

function countsByDomain(
  constraint: Constraint,
  all: readonly Constraint[],
  pod: PodInfo,
  snapshot: Snapshot,
): Map<string, number> {
  const { topologyKey, includes } = constraint
  const counts = countsByNode(constraint, pod, snapshot)
  const sums = new Map<string, number>()
  for (const node of snapshot.nodes) {
    if (!hasAllKeys(node, all) || !includes(node.node)) continue
    const domain = node.labels[topologyKey]!
    sums.set(domain, (sums.get(domain) ?? 0) + (counts.get(node) ?? 0))
  }
  return sums
}

function spreadScorer(
  pod: PodInfo,
  view: ClusterView,
  feasible: readonly NodeInfo[],
  defaults: SpreadDefaults,
): NodeScorer | undefined {
  const constraints = constraintsFor(pod, view, defaults, 'ScheduleAnyway')
  if (constraints.length === 0) return undefined
  // Where the system's constraints stand in, a node without a zone is still told from others.
  const hasOwn = Boolean(pod.spec.topologySpreadConstraints?.length)
  const needsAllKeys = hasOwn || !defaults.isSystem
  const isIgnored = (node: NodeInfo): boolean => needsAllKeys && !hasAllKeys(node, constraints)
  const scored = feasible.filter((node) => !isIgnored(node))
  const facts = constraints.map((constraint) => {
    const counts = countsByNode(constraint, pod, view.snapshot)
    const isPerNode = constraint.topologyKey === HOSTNAME_LABEL
    const sums = isPerNode
      ? new Map<string, number>()
      : domainSums(constraint, counts, scored, isIgnored)
    const size = isPerNode ? scored.length : sums.size
    return { ...constraint, counts, isPerNode, sums, weight: Math.log(size + 2) }
  })
  return {
    score(node) {
      if (isIgnored(node)) return 0
      let score = 0
      for (const { topologyKey, isPerNode, counts, sums, weight, maxSkew } of facts) {
        const domain = node.labels[topologyKey]
        if (domain === undefined) continue
        const count = (isPerNode ? counts.get(node) : sums.get(domain)) ?? 0
        score += count * weight + maxSkew - 1
      }
      return Math.round(score)
    },
    normalize: (scores, nodes) => normalize(scores, nodes, isIgnored),
  }
}

/** Only domains in which there is a node to choose. */
function domainSums(
  { topologyKey, includes }: Constraint,
  counts: ReadonlyMap<NodeInfo, number>,
  scored: readonly NodeInfo[],
  isIgnored: (node: NodeInfo) => boolean,
): Map<string, number> {
  const domainOf = ({ labels }: NodeInfo): string => labels[topologyKey] ?? ''
  const sums = new Map(scored.map((node) => [domainOf(node), 0]))
  for (const [node, count] of counts) {
    const sum = node.isKnown ? sums.get(domainOf(node)) : undefined
    if (sum === undefined || isIgnored(node) || !includes(node.node)) continue
    sums.set(domainOf(node), sum + count)
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
