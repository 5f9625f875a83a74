/** How many pods of a budget are healthy, must be, and may go. Pure. */
import { withCondition } from '#api/conditions.ts'
import { scaledValue } from '#api/int-or-string.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import type {
  PodDisruptionBudget,
  PodDisruptionBudgetSpec,
  PodDisruptionBudgetStatus,
} from '#api/kinds/policy/pod-disruption-budget.ts'
import { epochToTime } from '#api/time.ts'
import { isReady, timeToMs } from '../pods.ts'

/** A pod whose eviction was granted so long ago, and that is still there, stays. */
const DELETION_MAX_MS = 2 * 60_000

export interface Wanted {
  readonly expectedPods: number
  readonly desiredHealthy: number
}

/** Whether the bound is about how many pods there should be, and not how many there are. */
export const needsScale = ({ minAvailable, maxUnavailable }: PodDisruptionBudgetSpec): boolean =>
  maxUnavailable !== undefined || typeof minAvailable === 'string'

/** `scale`: how many pods there should be; for a fixed number of available ones it is ignored. */
export function wantedBy(
  { minAvailable, maxUnavailable }: PodDisruptionBudgetSpec,
  pods: number,
  scale: number,
): Wanted {
  if (maxUnavailable !== undefined) {
    const desired = scale - scaledValue(maxUnavailable, scale, true)
    return { expectedPods: scale, desiredHealthy: Math.max(0, desired) }
  }
  if (minAvailable === undefined) return { expectedPods: 0, desiredHealthy: 0 }
  if (typeof minAvailable === 'number') {
    return { expectedPods: pods, desiredHealthy: minAvailable }
  }
  return { expectedPods: scale, desiredHealthy: scaledValue(minAvailable, scale, true) }
}

export interface Granted {
  /** Evictions that are still expected to happen, by pod, with the time of each. */
  readonly disruptedPods: Readonly<Record<string, string>>
  /** Pods that should have gone by now. */
  readonly overdue: readonly Pod[]
  /** When the next eviction is overdue. */
  readonly nextMs: number | undefined
}

export function grantedOf(
  pods: readonly Pod[],
  { status }: PodDisruptionBudget,
  nowMs: number,
): Granted {
  const disruptedPods: Record<string, string> = {}
  const overdue: Pod[] = []
  let nextMs: number | undefined
  for (const pod of pods) {
    const { name, deletionTimestamp } = pod.metadata
    const time = status.disruptedPods?.[name]
    if (deletionTimestamp || !time) continue
    const expectedAt = (timeToMs(time) ?? 0) + DELETION_MAX_MS
    if (expectedAt < nowMs) overdue.push(pod)
    else {
      disruptedPods[name] = time
      nextMs = Math.min(nextMs ?? Infinity, expectedAt)
    }
  }
  return { disruptedPods, overdue, nextMs }
}

/** Pods that are on their way out do not count, nor those that are about to be. */
export const healthyCount = (pods: readonly Pod[], { disruptedPods }: Granted): number =>
  pods.filter(
    (pod) => !pod.metadata.deletionTimestamp && !disruptedPods[pod.metadata.name] && isReady(pod),
  ).length

type Conditions = NonNullable<PodDisruptionBudgetStatus['conditions']>

export function statusOf(
  budget: PodDisruptionBudget,
  { expectedPods, desiredHealthy }: Wanted,
  currentHealthy: number,
  { disruptedPods }: Granted,
  nowMs: number,
): PodDisruptionBudgetStatus {
  // No pod expected may mean that none is seen yet, so that none may go either.
  const spare = expectedPods <= 0 ? 0 : Math.max(0, currentHealthy - desiredHealthy)
  const isAllowed = spare > 0
  const reason = isAllowed ? 'SufficientPods' : 'InsufficientPods'
  return {
    observedGeneration: budget.metadata.generation ?? 0,
    ...(Object.keys(disruptedPods).length > 0 && { disruptedPods: { ...disruptedPods } }),
    disruptionsAllowed: spare,
    currentHealthy,
    desiredHealthy,
    expectedPods,
    conditions: withAllowed(budget, isAllowed, reason, '', nowMs),
  }
}

/** Where nobody can say how many pods are needed, none may go. */
export function failedStatus(
  budget: PodDisruptionBudget,
  message: string,
  nowMs: number,
): PodDisruptionBudgetStatus {
  return {
    ...budget.status,
    disruptionsAllowed: 0,
    conditions: withAllowed(budget, false, 'SyncFailed', message, nowMs),
  }
}

function withAllowed(
  { metadata, status }: PodDisruptionBudget,
  isAllowed: boolean,
  reason: string,
  message: string,
  nowMs: number,
): Conditions {
  const now = epochToTime(Math.floor(nowMs / 1000))
  const next: Conditions[number] = {
    type: 'DisruptionAllowed',
    status: isAllowed ? 'True' : 'False',
    observedGeneration: metadata.generation ?? 0,
    lastTransitionTime: now,
    reason,
    message,
  }
  return [...withCondition(status.conditions ?? [], next, now)]
}
