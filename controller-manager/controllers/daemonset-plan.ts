/** Which nodes get a pod of a DaemonSet, and which pods go because of what they are. Pure. */

import { scaledValue } from '#api/int-or-string.ts'
import type { DaemonSet } from '#api/kinds/apps/daemon-set.ts'
import type { Node } from '#api/kinds/core/node.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { hasEnded, isAvailable, isReady } from '../pods.ts'
import { byAge } from '../rollout.ts'
import { isUpdated, nodeFit, targetNode } from './daemonset-pod.ts'

export interface DaemonState {
  readonly daemonSet: DaemonSet
  readonly nodes: readonly Node[]
  /** By the name of their node, be it there or not. */
  readonly podsOn: ReadonlyMap<string, readonly Pod[]>
  /** That of the present revision. */
  readonly hash: string
  /** How long the failed pod of a node is left alone yet. */
  readonly heldForMs: (nodeName: string) => number
  readonly nowMs: number
}

export interface NodeChanges {
  /** Nodes that get a pod. */
  readonly create: readonly string[]
  readonly remove: readonly Pod[]
}

export interface DaemonPlan extends NodeChanges {
  /** Those of `remove` that have ended, and their nodes. */
  readonly ended: readonly { readonly pod: Pod; readonly nodeName: string }[]
  /** Until a failed pod may be removed. */
  readonly requeueAfterMs: number | undefined
}

const isGoing = ({ metadata }: Pod): boolean => Boolean(metadata.deletionTimestamp)

/** Pods by node; those that have ended and are going count for nothing any more. */
export function podsByNode(pods: readonly Pod[]): ReadonlyMap<string, readonly Pod[]> {
  const byNode = new Map<string, Pod[]>()
  for (const pod of pods) {
    const name = isGoing(pod) && hasEnded(pod) ? undefined : targetNode(pod)
    if (name === undefined) continue
    const others = byNode.get(name)
    if (others) others.push(pod)
    else byNode.set(name, [pod])
  }
  for (const each of byNode.values()) if (each.length > 1) each.sort(scheduledFirst)
  return byNode
}

/** Those on a node, the oldest first, before those that only wait for one. */
function scheduledFirst(a: Pod, b: Pod): number {
  return Number(Boolean(b.spec.nodeName)) - Number(Boolean(a.spec.nodeName)) || byAge(a, b)
}

export const shouldRun = ({ daemonSet }: DaemonState, node: Node): boolean =>
  nodeFit(daemonSet.spec.template.spec, node).shouldRun

export const isPodAvailable = ({ daemonSet, nowMs }: DaemonState, pod: Pod): boolean =>
  isAvailable(pod, daemonSet.spec.minReadySeconds ?? 0, nowMs)

export const maxSurgeOf = ({ spec }: DaemonSet, nodes: number): number =>
  spec.updateStrategy.type === 'RollingUpdate'
    ? scaledValue(spec.updateStrategy.rollingUpdate?.maxSurge ?? 0, nodes, true)
    : 0

/** One pod on each node that should have one, and none on any other. */
export function planNodes(state: DaemonState): DaemonPlan {
  const plans = state.nodes.map((node) => planNode(state, node))
  const known = new Set(state.nodes.map(({ metadata }) => metadata.name))
  // Nobody else removes a pod that waits for a node that is gone.
  const lost = [...state.podsOn].flatMap(([name, pods]) =>
    known.has(name) ? [] : pods.filter((pod) => !pod.spec.nodeName && !isGoing(pod)),
  )
  const waits = plans.flatMap(({ requeueAfterMs }) => requeueAfterMs ?? [])
  return {
    create: plans.flatMap(({ create }) => create),
    remove: [...plans.flatMap(({ remove }) => remove), ...lost],
    ended: plans.flatMap(({ ended }) => ended),
    requeueAfterMs: waits.length > 0 ? Math.min(...waits) : undefined,
  }
}

function planNode(state: DaemonState, node: Node): DaemonPlan {
  const { daemonSet, podsOn, heldForMs } = state
  const nodeName = node.metadata.name
  const fit = nodeFit(daemonSet.spec.template.spec, node)
  const pods = podsOn.get(nodeName)
  const nothing = { create: [], remove: [], ended: [], requeueAfterMs: undefined }
  if (!pods) return fit.shouldRun ? { ...nothing, create: [nodeName] } : nothing
  const staying = pods.filter((pod) => !isGoing(pod))
  if (!fit.mayStay) return { ...nothing, remove: staying }
  const failed = staying.filter(({ status }) => status.phase === 'Failed')
  const wait = failed.length > 0 ? heldForMs(nodeName) : 0
  const over = staying.filter(
    ({ status }) => status.phase === 'Succeeded' || (status.phase === 'Failed' && wait === 0),
  )
  const running = staying.filter((pod) => !hasEnded(pod))
  const isSurging = maxSurgeOf(daemonSet, 1) > 0
  return {
    // While surging a node has a pod that is not going, always; unless that fails each time.
    create: isSurging && running.length === 0 && wait === 0 && fit.shouldRun ? [nodeName] : [],
    remove: [...over, ...(isSurging ? surplusOfTwo(state, running) : running.slice(1))],
    ended: over.map((pod) => ({ pod, nodeName })),
    requeueAfterMs: wait > 0 ? wait : undefined,
  }
}

/**
 * An old pod and a new one may share a node while the old one works and the new one does not yet;
 * of several old or new ones the oldest stays.
 */
function surplusOfTwo(state: DaemonState, running: readonly Pod[]): readonly Pod[] {
  if (running.length <= 1) return []
  const { daemonSet, hash } = state
  const isNew = (pod: Pod): boolean => isUpdated(daemonSet, pod, hash)
  const oldestNew = running.find(isNew)
  const oldestOld = running.find((pod) => !isNew(pod))
  const surplus = running.filter((pod) => pod !== oldestNew && pod !== oldestOld)
  const isDone = oldestNew && oldestOld && (!isReady(oldestOld) || isPodAvailable(state, oldestNew))
  return isDone ? [...surplus, oldestOld] : surplus
}
