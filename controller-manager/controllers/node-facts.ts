/** Nodes as controllers see them: how they are, which pods are on them, what is said about them. */
import { findCondition } from '#api/conditions.ts'
import type { Node, Taint } from '#api/kinds/core/node.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import type { NodeCondition } from '#api/parts/core/node-status.ts'
import type { Index } from '#client/cache.ts'
import type { CacheAccess } from '#client/controller.ts'
import type { EventRecorder } from '#client/events.ts'
import type { ApiObject } from '#client/resource.ts'

/** One value, so that all controllers share one index. */
const podsByNode: Index<Pod> = {
  name: 'node',
  values: ({ spec }) => (spec.nodeName ? [spec.nodeName] : []),
}

export const podsOn = (node: string, { cached }: CacheAccess): readonly Pod[] =>
  cached(Pod).by(podsByNode, node)

export const readyCondition = ({ status }: Node): NodeCondition | undefined =>
  findCondition(status.conditions, 'Ready')

export const isNodeReady = (node: Node): boolean => readyCondition(node)?.status === 'True'

export const hasTaint = ({ spec }: Node, key: string): boolean =>
  (spec.taints ?? []).some((taint) => taint.key === key)

export const noExecuteTaints = (node: Node | undefined): readonly Taint[] =>
  (node?.spec.taints ?? []).filter(({ effect }) => effect === 'NoExecute')

/** In the words that upstream has for every turn in the life of a node. */
export function recordNodeStatus(events: EventRecorder, node: Node, status: string): void {
  events.normal(node, status, `Node ${node.metadata.name} status is now: ${status}`)
}

export function recordNodeEvent(
  events: EventRecorder,
  node: ApiObject,
  reason: string,
  what: string,
): void {
  events.normal(node, reason, `Node ${node.metadata.name} event: ${what}`)
}
