/** What a StatefulSet says about its pods, and when a rollout is over. Pure. */

import { scaledValue } from '#api/int-or-string.ts'
import type { StatefulSet, StatefulSetStatus } from '#api/kinds/apps/stateful-set.ts'
import type { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { isAvailable, isReady } from '../pods.ts'
import { withoutZeros } from './replicaset-plan.ts'
import { type PodVersion, versionOf } from './statefulset-pod.ts'

export interface SetState {
  readonly set: StatefulSet
  /** Its own, with names that have a number. */
  readonly pods: readonly Pod[]
  /** The revision that is being replaced; the same as `update` when none is. */
  readonly current: PodVersion
  readonly update: PodVersion
  readonly claim: (name: string) => PersistentVolumeClaim | undefined
  readonly nowMs: number
}

export const isGoing = ({ metadata }: Pod): boolean => Boolean(metadata.deletionTimestamp)

/** At least one, or a percentage of few pods would mean that nothing ever rolls out. */
export function maxUnavailableOf({ spec }: StatefulSet): number {
  const { maxUnavailable = 1 } = spec.updateStrategy.rollingUpdate ?? {}
  return Math.max(1, scaledValue(maxUnavailable, spec.replicas, false))
}

/** `updating` are pods that are about to be deleted because they are of another revision. */
export function statusOf(
  { set, pods, current, update, nowMs }: SetState,
  updating: readonly Pod[],
): StatefulSetStatus {
  const { spec, status, metadata } = set
  const ready = pods.filter((pod) => pod.status.phase === 'Running' && isReady(pod))
  const available = ready.filter((pod) => isAvailable(pod, spec.minReadySeconds ?? 0, nowMs))
  const staying = pods.filter((pod) => !isGoing(pod) && !updating.includes(pod))
  const ofVersion = (name: string): number =>
    staying.filter((pod) => versionOf(pod) === name).length
  const counted = {
    readyReplicas: ready.length,
    currentReplicas: ofVersion(current.name),
    updatedReplicas: ofVersion(update.name),
  }
  const isOver = isComplete(set, pods.length, counted)
  return {
    observedGeneration: metadata.generation ?? 0,
    replicas: pods.length,
    ...withoutZeros({
      ...counted,
      currentReplicas: isOver ? counted.updatedReplicas : counted.currentReplicas,
    }),
    currentRevision: isOver ? update.name : current.name,
    updateRevision: update.name,
    collisionCount: status.collisionCount ?? 0,
    ...(status.conditions && { conditions: status.conditions }),
    availableReplicas: available.length,
  }
}

/** From then on the new revision is the current one. */
function isComplete(
  { spec }: StatefulSet,
  replicas: number,
  counted: { readonly readyReplicas: number; readonly updatedReplicas: number },
): boolean {
  const counts = [replicas, counted.readyReplicas, counted.updatedReplicas]
  return (
    spec.updateStrategy.type === 'RollingUpdate' && counts.every((count) => count === spec.replicas)
  )
}
