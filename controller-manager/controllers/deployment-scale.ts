/** How many pods each ReplicaSet of a Deployment should have next. Pure. */
import type { Deployment } from '#api/kinds/apps/deployment.ts'
import type { ReplicaSet } from '#api/kinds/apps/replica-set.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { hasEnded } from '../pods.ts'
import { annotatedNumber, byAge, type Fenceposts, fenceposts, revisionOf } from '../rollout.ts'
import {
  allOf,
  DESIRED_REPLICAS,
  isInUse,
  MAX_REPLICAS,
  type Revisions,
} from './deployment-revision.ts'

export interface Scaling {
  readonly replicaSet: ReplicaSet
  readonly replicas: number
}

const sum = (counts: readonly number[]): number => counts.reduce((total, each) => total + each, 0)
export const wantedReplicas = (replicaSets: readonly ReplicaSet[]): number =>
  sum(replicaSets.map(({ spec }) => spec.replicas))
const availableOf = ({ status }: ReplicaSet): number => status.availableReplicas ?? 0
const to = (replicaSet: ReplicaSet, replicas: number): Scaling => ({ replicaSet, replicas })

/** None for Recreate; no more can be missing than there are. */
export function limitsOf({ spec }: Deployment): Fenceposts {
  const { type, rollingUpdate } = spec.strategy
  if (type !== 'RollingUpdate' || !rollingUpdate) return { surge: 0, unavailable: 0 }
  const { surge, unavailable } = fenceposts(rollingUpdate, spec.replicas)
  return { surge, unavailable: Math.min(unavailable, spec.replicas) }
}

/** The number of pods is another one than that for which the ReplicaSets were sized last. */
export function isScaled(revisions: Revisions): boolean {
  const { replicas } = revisions.deployment.spec
  return allOf(revisions).some((replicaSet) => {
    const desired = annotatedNumber(replicaSet, DESIRED_REPLICAS)
    return isInUse(replicaSet) && desired !== undefined && desired !== replicas
  })
}

/** Pods that the ReplicaSet of the current template may have, given all that there are. */
export function currentReplicas(revisions: Revisions): number {
  const { deployment, current } = revisions
  const { replicas, strategy } = deployment.spec
  const present = current?.spec.replicas ?? 0
  if (strategy.type !== 'RollingUpdate' || present > replicas) return replicas
  const room = replicas + limitsOf(deployment).surge - wantedReplicas(allOf(revisions))
  return present + Math.min(Math.max(room, 0), replicas - present)
}

/** Grows the current ReplicaSet as far as it may; only when it has, old ones give way. */
export function planRolling(revisions: Revisions): readonly Scaling[] {
  const { current } = revisions
  if (!current) return []
  const replicas = currentReplicas(revisions)
  if (replicas !== current.spec.replicas) return [to(current, replicas)]
  return planOld(revisions, current)
}

function planOld(revisions: Revisions, current: ReplicaSet): readonly Scaling[] {
  const { deployment, old } = revisions
  const shrinking = new Map(old.map((each) => [each, each.spec.replicas]))
  const minAvailable = deployment.spec.replicas - limitsOf(deployment).unavailable
  const currentMissing = current.spec.replicas - availableOf(current)
  // Counted as if the new pods that are not available yet never came.
  const unneeded = wantedReplicas(allOf(revisions)) - minAvailable - currentMissing
  if (wantedReplicas(old) === 0 || unneeded <= 0) return []
  // Broken pods go first: nobody misses them, and they make room.
  take(shrinking, unneeded, (each, replicas) => Math.max(replicas - availableOf(each), 0))
  take(shrinking, sum(allOf(revisions).map(availableOf)) - minAvailable, (_, replicas) => replicas)
  return [...shrinking]
    .filter(([each, replicas]) => replicas !== each.spec.replicas)
    .map(([each, replicas]) => to(each, replicas))
}

/** Takes pods from one ReplicaSet after the other, from each no more than it can spare. */
function take(
  sizes: Map<ReplicaSet, number>,
  count: number,
  spare: (replicaSet: ReplicaSet, replicas: number) => number,
): void {
  let left = count
  for (const [replicaSet, replicas] of sizes) {
    const taken = Math.min(Math.max(left, 0), spare(replicaSet, replicas))
    sizes.set(replicaSet, replicas - taken)
    left -= taken
  }
}

/** Recreate: the current ReplicaSet has to wait until every pod of another one is gone. */
export function planRecreate(revisions: Revisions): readonly Scaling[] {
  const { deployment, current, old } = revisions
  const inUse = old.filter(isInUse)
  if (inUse.length > 0) return inUse.map((each) => to(each, 0))
  const { replicas } = deployment.spec
  return current && current.spec.replicas !== replicas ? [to(current, replicas)] : []
}

/** Whether a pod of an old template is there still; one that has ended is not in the way. */
export function hasOldPods(
  { old }: Revisions,
  podsOf: (replicaSet: ReplicaSet) => readonly Pod[],
): boolean {
  return old.some((each) => each.status.replicas > 0 || podsOf(each).some((pod) => !hasEnded(pod)))
}

/** The number of pods has changed, or the rollout is paused: sizes change, shares do not. */
export function planScaling(revisions: Revisions): readonly Scaling[] {
  const { deployment, current, old } = revisions
  const { replicas, strategy } = deployment.spec
  const inUse = allOf(revisions).filter(isInUse)
  if (inUse.length <= 1) {
    const only = inUse[0] ?? current ?? latestOf(old)
    return only ? [to(only, replicas)] : []
  }
  if (current && isSaturated(deployment, current)) {
    return old.filter(isInUse).map((each) => to(each, 0))
  }
  return strategy.type === 'RollingUpdate' ? planShares(deployment, inUse) : []
}

const latestOf = (old: readonly ReplicaSet[]): ReplicaSet | undefined =>
  old.toSorted((a, b) => revisionOf(b) - revisionOf(a) || byAge(b, a))[0]

function isSaturated({ spec }: Deployment, current: ReplicaSet): boolean {
  const { replicas } = spec
  const desired = annotatedNumber(current, DESIRED_REPLICAS)
  return [desired, current.spec.replicas, availableOf(current)].every((each) => each === replicas)
}

/** What is added or taken away in the midst of a rollout is spread in proportion. */
function planShares(deployment: Deployment, inUse: readonly ReplicaSet[]): readonly Scaling[] {
  const { replicas } = deployment.spec
  const allowed = replicas > 0 ? replicas + limitsOf(deployment).surge : 0
  const missing = allowed - wantedReplicas(inUse)
  // The largest first, so that rounding hurts least; of equals the newer ones gain, the older lose.
  const direction = missing > 0 ? -1 : 1
  const sorted = inUse.toSorted(
    (a, b) => b.spec.replicas - a.spec.replicas || direction * byAge(a, b),
  )
  let left = missing
  const sizes = sorted.map((each) => {
    const share = shareOf(each, deployment, left)
    left -= share
    return each.spec.replicas + share
  })
  return sorted.map((each, position) =>
    to(each, position === 0 ? Math.max(sizes[0]! + left, 0) : sizes[position]!),
  )
}

/** How much of what is left one ReplicaSet gets; negative when pods are taken away. */
function shareOf(replicaSet: ReplicaSet, deployment: Deployment, left: number): number {
  const present = replicaSet.spec.replicas
  if (left === 0) return 0
  const { replicas } = deployment.spec
  if (replicas === 0) return Math.max(-present, left)
  const before = annotatedNumber(replicaSet, MAX_REPLICAS) || (deployment.status.replicas ?? 0)
  if (before === 0) return 0
  const size = Math.round((present * (replicas + limitsOf(deployment).surge)) / before)
  return left > 0 ? Math.min(size - present, left) : Math.max(size - present, left)
}
