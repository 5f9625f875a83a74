/** How pods of a DaemonSet move to a new template, node by node. Pure. */

import { scaledValue } from '#api/int-or-string.ts'
import type { Node } from '#api/kinds/core/node.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import {
  type DaemonState,
  isPodAvailable,
  maxSurgeOf,
  type NodeChanges,
  shouldRun,
} from './daemonset-plan.ts'
import { isUpdated } from './daemonset-pod.ts'

/** What there is on a node: at most one pod of each kind, or else planNodes() has to act first. */
interface Place {
  readonly nodeName: string
  readonly isCrowded: boolean
  readonly updated: Pod | undefined
  readonly outdated: Pod | undefined
}

/** To be asked when every node has the pods that it should have. */
export function planRollout(state: DaemonState): NodeChanges {
  const { daemonSet, nodes } = state
  const { type, rollingUpdate } = daemonSet.spec.updateStrategy
  if (type !== 'RollingUpdate') return { create: [], remove: [] }
  const desired = nodes.filter((node) => shouldRun(state, node))
  const places = placesOf(state, desired)
  const surge = maxSurgeOf(daemonSet, desired.length)
  if (surge > 0) return planSurge(state, places, desired, surge)
  const wanted = scaledValue(rollingUpdate?.maxUnavailable ?? 1, desired.length, true)
  // Neither would mean that nothing ever moves.
  return planReplacement(state, places, Math.max(1, wanted))
}

/** Nodes with pods, and those that should have one. */
function placesOf({ daemonSet, podsOn, hash }: DaemonState, desired: readonly Node[]): Place[] {
  const names = new Set([...podsOn.keys(), ...desired.map(({ metadata }) => metadata.name)])
  return [...names].map((nodeName) => {
    const staying = (podsOn.get(nodeName) ?? []).filter(
      ({ metadata }) => !metadata.deletionTimestamp,
    )
    const updated = staying.filter((pod) => isUpdated(daemonSet, pod, hash))
    const outdated = staying.filter((pod) => !updated.includes(pod))
    const isCrowded = updated.length > 1 || outdated.length > 1
    return { nodeName, isCrowded, updated: updated[0], outdated: outdated[0] }
  })
}

/**
 * Old pods that do not work go at once, others while not too many nodes are without a pod that
 * works. Their nodes get new ones afterwards.
 */
function planReplacement(
  state: DaemonState,
  places: readonly Place[],
  maxUnavailable: number,
): NodeChanges {
  const works = (pod: Pod | undefined): boolean => pod !== undefined && isPodAvailable(state, pod)
  const candidates: Pod[] = []
  const broken: Pod[] = []
  let unavailable = 0
  for (const { isCrowded, updated, outdated } of places) {
    const isOld = outdated !== undefined && !updated && !isCrowded
    if (isOld) (works(outdated) ? candidates : broken).push(outdated)
    const hasOne = !isCrowded && !(updated && outdated) && works(updated ?? outdated)
    if (!hasOne) unavailable++
  }
  const room = Math.max(0, maxUnavailable - unavailable)
  return { create: [], remove: [...broken, ...candidates.slice(0, room)] }
}

/** New pods come beside old ones that work, and take over when they do; some nodes at a time. */
function planSurge(
  state: DaemonState,
  places: readonly Place[],
  desired: readonly Node[],
  maxSurge: number,
): NodeChanges {
  const wanted = new Set(desired.map(({ metadata }) => metadata.name))
  const works = (pod: Pod): boolean => isPodAvailable(state, pod)
  const [remove, leaving]: [Pod[], Pod[]] = [[], []]
  const [replace, candidates]: [string[], string[]] = [[], []]
  let surging = 0
  let available = 0
  for (const { nodeName, isCrowded, updated, outdated } of places) {
    if (isCrowded) {
      surging++
      continue
    }
    const first = outdated ?? updated
    if (first && works(first)) available++
    if (!outdated) continue
    if (updated) {
      if (works(updated)) remove.push(outdated)
      else surging++
    } else if (wanted.has(nodeName)) (works(outdated) ? candidates : replace).push(nodeName)
    else (works(outdated) ? leaving : remove).push(outdated)
  }
  // A node that is no longer wanted keeps its pod until another node has one that works.
  const spare = Math.max(0, available - desired.length)
  const room = Math.max(0, maxSurge - surging)
  return {
    create: [...replace, ...candidates.slice(0, room)],
    remove: [...remove, ...leaving.slice(0, spare)],
  }
}
