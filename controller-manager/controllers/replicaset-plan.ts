/** How many pods a ReplicaSet lacks or has too many, and what its status says. Pure. */
import { findCondition, withoutCondition } from '#api/conditions.ts'
import type { ReplicaSetCondition, ReplicaSetStatus } from '#api/kinds/apps/replica-set.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { selectorFromLabels } from '#api/label-selector.ts'
import type { PodTemplateSpec } from '#api/parts/core/pod-template.ts'
import { epochToTime } from '#api/time.ts'
import type { ApiObject } from '#client/resource.ts'
import {
  inDeletionOrder,
  isActive,
  isAvailable,
  isReady,
  isTerminating,
  messageOf,
  nextAvailableMs,
} from '../pods.ts'

/** Bounds one reconcile, so that a huge ReplicaSet cannot starve the others. */
const BURST_MAX = 500

/** What ReplicaSets and ReplicationControllers have in common. */
export interface Replicated extends ApiObject {
  readonly spec: {
    readonly replicas: number
    readonly minReadySeconds?: number
    readonly template?: PodTemplateSpec
  }
  readonly status: ReplicaSetStatus
}

export interface ReplicaPlan {
  readonly create: number
  readonly remove: readonly Pod[]
  /** Without what came of creating and removing. */
  readonly status: ReplicaSetStatus
  /** Until a pod that is ready becomes available. */
  readonly requeueAfterMs: number | undefined
}

const bounded = (count: number): number => Math.min(Math.max(count, 0), BURST_MAX)

/** `pods` are those of the owner, `siblings` also those of others that do the same work. */
export function planReplicas(
  owner: Replicated,
  pods: readonly Pod[],
  siblings: readonly Pod[],
  nowMs: number,
): ReplicaPlan {
  const { replicas, minReadySeconds = 0 } = owner.spec
  const active = pods.filter(isActive)
  // The garbage collector removes the pods of an owner that is going away.
  const isLeaving = Boolean(owner.metadata.deletionTimestamp)
  const missing = isLeaving ? 0 : replicas - active.length
  const surplus = bounded(-missing)
  return {
    create: bounded(missing),
    remove: surplus > 0 ? inDeletionOrder(active, siblings, nowMs).slice(0, surplus) : [],
    status: replicaStatus(owner, pods, nowMs),
    requeueAfterMs:
      minReadySeconds > 0 ? nextAvailableMs(active, minReadySeconds, nowMs) : undefined,
  }
}

function replicaStatus(owner: Replicated, pods: readonly Pod[], nowMs: number): ReplicaSetStatus {
  const { template, minReadySeconds = 0 } = owner.spec
  const { conditions } = owner.status
  const active = pods.filter(isActive)
  const { matches } = selectorFromLabels(template?.metadata.labels)
  const counters = {
    fullyLabeledReplicas: active.filter(({ metadata }) => matches(metadata.labels)).length,
    readyReplicas: active.filter(isReady).length,
    availableReplicas: active.filter((pod) => isAvailable(pod, minReadySeconds, nowMs)).length,
    observedGeneration: owner.metadata.generation ?? 0,
  }
  return {
    replicas: active.length,
    ...withoutZeros(counters),
    terminatingReplicas: pods.filter(isTerminating).length,
    ...(conditions && { conditions }),
  }
}

/** As objects are stored: a counter that is zero is not written. */
export function withoutZeros<T extends Record<string, number>>(counters: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(counters).filter(([, count]) => count !== 0),
  ) as Partial<T>
}

/** The first failure stays as it was reported, until there is none any more. */
export function withFailure(
  status: ReplicaSetStatus,
  failure: unknown,
  { create }: ReplicaPlan,
  nowMs: number,
): ReplicaSetStatus {
  const { conditions = [], ...rest } = status
  const changed = changedConditions(conditions ?? [], failure, create > 0, nowMs)
  return changed.length > 0 ? { ...rest, conditions: [...changed] } : rest
}

function changedConditions(
  conditions: readonly ReplicaSetCondition[],
  failure: unknown,
  isCreating: boolean,
  nowMs: number,
): readonly ReplicaSetCondition[] {
  if (failure === undefined) return withoutCondition(conditions, 'ReplicaFailure')
  if (findCondition(conditions, 'ReplicaFailure')) return conditions
  const condition = {
    type: 'ReplicaFailure',
    status: 'True',
    lastTransitionTime: epochToTime(Math.floor(nowMs / 1000)),
    reason: isCreating ? 'FailedCreate' : 'FailedDelete',
    message: messageOf(failure),
  } as const
  return [...conditions, condition]
}
