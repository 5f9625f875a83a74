/** What a plugin is: at which points of a decision it has a say, and which events can change it. */
import type { Namespace } from '#api/kinds/core/namespace.ts'
import type { Node } from '#api/kinds/core/node.ts'
import type { PodDisruptionBudget } from '#api/kinds/policy/pod-disruption-budget.ts'
import type { LabelSelector } from '#api/label-selector.ts'
import type { ApiObject } from '#client/resource.ts'
import type { Client } from '#client/rest.ts'
import type { Clock } from '#daemon/clock.ts'
import type { Random } from '#daemon/random.ts'
import type { NodeInfo } from './node-info.ts'
import type { Nominations } from './nominations.ts'
import type { NamespaceLabels, PodInfo } from './pod-info.ts'
import type { Snapshot } from './snapshot.ts'
import type { StorageView } from './storage-view.ts'

/** In whose name nodes are refused that somebody outside does not want. */
export const EXTENDER = 'Extender'

/** The best score of a node, once it is normalized. */
export const SCORE_MAX = 100

/** Why a node, or all of them, will not do. Made once and shared, as there are very many. */
export interface Refusal {
  readonly plugin: string
  readonly reasons: readonly string[]
  /** Other pods leaving would not change it. */
  readonly isUnresolvable: boolean
}

/** Everything that a decision may look at. */
export interface ClusterView {
  readonly snapshot: Snapshot
  readonly namespaceLabels: NamespaceLabels
  /** What the Services and the owner of a pod select together; undefined when they select none. */
  readonly siblings: (pod: PodInfo) => LabelSelector | undefined
  readonly storage: StorageView
  readonly nominations: Nominations
  readonly budgets: (namespace: string) => readonly PodDisruptionBudget[]
}

/** What a pod needs on its node before it can be bound, and has been promised. */
export interface Reservation {
  readonly plugin: string
  /** Asks for it; soon done. */
  prepare(client: Client): Promise<void>
  /** Waits for it, which may take long. */
  ready(clock: Clock, signal: AbortSignal): Promise<void>
  /** The promise is kept, or not needed any more. */
  release(): void
}

export interface NodeFilter {
  /** The only nodes that need to be looked at; all unless given. */
  readonly only?: { readonly plugin: string; readonly names: ReadonlySet<string> } | undefined
  readonly test: (node: NodeInfo) => Refusal | undefined
  /**
   * Counts another pod on the node (1), or takes it out of the count (-1), while a decision tries
   * what would be. Only for filters that have worked out beforehand what pods there are.
   */
  readonly adjust?: (other: PodInfo, node: NodeInfo, sign: 1 | -1) => void
}

export interface NodeScorer {
  readonly score: (node: NodeInfo) => number
  /** Brings all scores between 0 and SCORE_MAX, in place. */
  readonly normalize?: (scores: number[], nodes: readonly NodeInfo[]) => void
}

/** What happened in the cluster, as far as it may let a refused pod in. */
export type ClusterEvent =
  | { readonly type: 'node'; readonly node: Node; readonly previous?: Node | undefined }
  | { readonly type: 'node removed'; readonly node: Node }
  | { readonly type: 'pod'; readonly pod: PodInfo; readonly previous?: PodInfo | undefined }
  | { readonly type: 'pod removed'; readonly pod: PodInfo; readonly node: string }
  | { readonly type: 'namespace'; readonly namespace: Namespace }
  /** A volume, a claim, a class, or something else that volumes depend on. */
  | {
      readonly type: 'storage'
      readonly object: ApiObject
      readonly previous?: ApiObject | undefined
    }
  | { readonly type: 'storage removed'; readonly object: ApiObject }
  /** The refused pod itself has changed. */
  | { readonly type: 'self'; readonly previous: PodInfo }

/** An attempt that has found no node, for plugins that may still find a way. */
export interface FailedAttempt {
  readonly pod: PodInfo
  readonly view: ClusterView
  readonly random: Random
  readonly nodes: readonly NodeInfo[]
  readonly verdicts: ReadonlyMap<string, Refusal>
  /** Whether the node would do as it is now. */
  readonly test: (node: NodeInfo) => Refusal | undefined
  /** Puts a pod on the node, or takes it away, until it is undone. */
  readonly add: (other: PodInfo, node: NodeInfo) => void
  readonly remove: (other: PodInfo, node: NodeInfo) => void
}

/** A node to wait for, and who has to leave it. */
export interface Rescue {
  readonly nodeName: string
  readonly victims: readonly PodInfo[]
}

export type RescueResult =
  | { readonly type: 'found'; readonly rescue: Rescue }
  /** `keeps` an earlier promise, which may still come true. */
  | { readonly type: 'none'; readonly message: string; readonly keeps: boolean }

export type EventType = ClusterEvent['type'] | 'pod changed'

export interface Plugin {
  readonly name: string
  /** Events besides a change of the pod itself that may help at all; all unless given. */
  readonly hopes?: readonly EventType[]
  /** Its filter and scores depend on the spec of the pod and on the one node, on nothing else. */
  readonly isLocal?: true
  /** Which of two pods comes first; exactly one plugin of a list has it. */
  readonly order?: (a: PodInfo, b: PodInfo) => number
  /** Why the pod may not even be tried; undefined when it may. */
  readonly gate?: (pod: PodInfo) => string | undefined
  /** Undefined when the plugin has nothing against any node; a refusal refuses all. */
  readonly filter?: (pod: PodInfo, view: ClusterView) => NodeFilter | Refusal | undefined
  /** Undefined when all nodes are alike to it. */
  readonly scorer?: (
    pod: PodInfo,
    view: ClusterView,
    nodes: readonly NodeInfo[],
  ) => NodeScorer | undefined
  /** Asked in turn when no node is left; the first that finds something ends it. */
  readonly rescue?: (attempt: FailedAttempt) => RescueResult
  /** Tells the API server where the pod goes; exactly one plugin of a list has it. */
  readonly bind?: (client: Client, pod: PodInfo, nodeName: string) => Promise<void>
  /** Promises what the pod needs on the node that was chosen; undefined when it needs nothing. */
  readonly reserve?: (pod: PodInfo, node: NodeInfo, view: ClusterView) => Reservation | undefined
  /** Whether a pod that it has refused may fare better after this event. */
  readonly helps?: (event: ClusterEvent, pod: PodInfo, view: ClusterView) => boolean
}

export function refusal(plugin: string, reason: string, isUnresolvable: boolean): Refusal {
  return { plugin, reasons: [reason], isUnresolvable }
}

/** In proportion to the highest score; `isReversed` makes the highest the worst. */
export function normalizeByMost(scores: number[], isReversed: boolean): void {
  let most = 0
  for (const score of scores) if (score > most) most = score
  for (let at = 0; at < scores.length; at++) {
    const scaled = most === 0 ? 0 : Math.floor((SCORE_MAX * scores[at]!) / most)
    scores[at] = isReversed ? SCORE_MAX - scaled : scaled
  }
}
