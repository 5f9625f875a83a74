/** What a StatefulSet does next: which pods come, go or are corrected, and in which order. Pure. */
import type { StatefulSet } from '#api/kinds/apps/stateful-set.ts'
import type { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { hasEnded, isAvailable, nextAvailableMs } from '../pods.ts'
import {
  changedOwners,
  claimNames,
  correctedPod,
  isStaleClaim,
  isWanted,
  type NewClaim,
  newClaims,
  newPod,
  ordinalOf,
  type PodVersion,
  startOf,
  versionOf,
} from './statefulset-pod.ts'
import { isGoing, maxUnavailableOf, type SetState, statusOf } from './statefulset-status.ts'

export interface ClaimWork {
  readonly create: readonly NewClaim[]
  /** With the owners that they should have. */
  readonly update: readonly PersistentVolumeClaim[]
  /** On their way out, so that no pod may use them. */
  readonly leaving: readonly string[]
}

export type Step =
  | { readonly type: 'create'; readonly pod: ReturnType<typeof newPod>; readonly claims: ClaimWork }
  | {
      readonly type: 'correct'
      readonly pod: Pod
      /** The pod as it should be, if it is not. */
      readonly corrected: Pod | undefined
      readonly claims: ClaimWork
    }
  | { readonly type: 'delete'; readonly pod: Pod }

export interface StatefulPlan {
  /** One after the other: a phase begins when all steps of the one before are done. */
  readonly phases: readonly (readonly Step[])[]
  /** Whether steps of a phase have an order, too. */
  readonly isOrdered: boolean
  readonly status: StatefulSet['status']
  /** Until a pod that is ready becomes available. */
  readonly requeueAfterMs: number | undefined
}

/** A number, and the pod that has it. */
interface Slot {
  readonly ordinal: number
  readonly pod: Pod | undefined
}

interface Stage {
  readonly steps: readonly Step[]
  /** Nothing else may happen until what these steps are about has settled. */
  readonly isWaiting: boolean
}

const noClaims: ClaimWork = { create: [], update: [], leaving: [] }

export function planStatefulSet(state: SetState): StatefulPlan {
  const { set, pods, nowMs } = state
  const isOrdered = set.spec.podManagementPolicy !== 'Parallel'
  // The garbage collector removes the pods of a set that is going away.
  const { phases, updating } = set.metadata.deletionTimestamp
    ? { phases: [], updating: [] }
    : planPhases(state, isOrdered)
  return {
    phases,
    isOrdered,
    status: statusOf(state, updating),
    requeueAfterMs: nextAvailableMs(pods, set.spec.minReadySeconds ?? 0, nowMs),
  }
}

function planPhases(state: SetState, isOrdered: boolean) {
  const { set } = state
  const byOrdinal = new Map(
    state.pods.map((pod) => [ordinalOf(set, pod.metadata.name) ?? -1, pod] as const),
  )
  const wanted = Array.from({ length: set.spec.replicas }, (_, index): Slot => {
    const ordinal = startOf(set) + index
    return { ordinal, pod: byOrdinal.get(ordinal) }
  })
  const condemned = [...byOrdinal]
    .filter(([ordinal]) => !isWanted(set, ordinal))
    .map(([ordinal, pod]) => ({ ordinal, pod }))
    .toSorted((a, b) => b.ordinal - a.ordinal)
  const keeping = planWanted(state, wanted, isOrdered)
  if (keeping.isWaiting) return { phases: [keeping.steps], updating: [] }
  const claims = planClaims(state, condemned)
  const removing = planCondemned(state, condemned, isOrdered)
  const phases = [keeping.steps, claims, removing.steps]
  if (removing.isWaiting) return { phases, updating: [] }
  const gone = new Set(keeping.steps.filter(({ type }) => type === 'delete').map(({ pod }) => pod))
  const updating = planUpdate(state, wanted, gone)
  return { phases: [...phases, updating.map(deletion)], updating }
}

const deletion = (pod: Pod): Step => ({ type: 'delete', pod })

function planWanted(state: SetState, wanted: readonly Slot[], isOrdered: boolean): Stage {
  const steps: Step[] = []
  for (const slot of wanted) {
    const stage = planSlot(state, slot, isOrdered)
    steps.push(...stage.steps)
    // Each number waits for all lower ones.
    if (stage.isWaiting && isOrdered) return { steps, isWaiting: true }
  }
  return { steps, isWaiting: false }
}

function planSlot(state: SetState, { ordinal, pod }: Slot, isOrdered: boolean): Stage {
  const { set } = state
  if (!pod) {
    const claims = claimNames(set, ordinal).flatMap((name) => state.claim(name) ?? [])
    if (claims.some((claim) => isStaleClaim(set, ordinal, claim))) {
      return { steps: [], isWaiting: true }
    }
    const made = newPod(set, versionFor(state, ordinal), ordinal)
    const step: Step = { type: 'create', pod: made, claims: claimWork(state, ordinal, undefined) }
    return { steps: [step], isWaiting: true }
  }
  // Whatever its containers said in the end: the next pod comes when this one is gone.
  if (hasEnded(pod)) return { steps: isGoing(pod) ? [] : [deletion(pod)], isWaiting: true }
  const isWaiting = isOrdered && isUnavailable(state, pod)
  const isPending = pod.status.phase === 'Pending'
  const claims = claimWork(state, ordinal, pod)
  const step: Step = {
    type: 'correct',
    pod,
    corrected: isWaiting ? undefined : correctedPod(set, ordinal, pod),
    claims: {
      create: isPending ? claims.create : [],
      update: isWaiting && !isPending ? [] : claims.update,
      leaving: isPending ? claims.leaving : [],
    },
  }
  return { steps: isIdle(step) ? [] : [step], isWaiting }
}

const isIdle = ({ corrected, claims }: Extract<Step, { type: 'correct' }>): boolean =>
  !corrected && Object.values(claims).every(({ length }) => length === 0)

/** A number below the partition stays what it was, even if its pod has to be made anew. */
function versionFor({ set, current, update }: SetState, ordinal: number): PodVersion {
  const { type, rollingUpdate } = set.spec.updateStrategy
  if (type !== 'RollingUpdate') return update
  const stays = rollingUpdate ? (rollingUpdate.partition ?? 0) : (set.status.currentReplicas ?? 0)
  return ordinal < startOf(set) + stays ? current : update
}

function claimWork(state: SetState, ordinal: number, pod: Pod | undefined): ClaimWork {
  const { set, claim } = state
  const names = claimNames(set, ordinal)
  if (names.length === 0) return noClaims
  const present = names.flatMap((name) => claim(name) ?? [])
  return {
    create: newClaims(set, ordinal).filter(({ metadata }) => !claim(metadata.name)),
    update: present.flatMap((each) => {
      const owners = changedOwners(each, set, ordinal, pod)
      if (!owners) return []
      return [{ ...each, metadata: { ...each.metadata, ownerReferences: [...owners] } }]
    }),
    leaving: present
      .filter(({ metadata }) => metadata.deletionTimestamp)
      .map(({ metadata }) => metadata.name),
  }
}

/** Claims are handed to their last pod before that goes, so that they go with it. */
function planClaims(state: SetState, condemned: readonly (Slot & { pod: Pod })[]): readonly Step[] {
  return condemned.flatMap(({ ordinal, pod }) => {
    const { update } = claimWork(state, ordinal, pod)
    const claims = { ...noClaims, update }
    return update.length > 0
      ? [{ type: 'correct', pod, corrected: undefined, claims } as const]
      : []
  })
}

/** The highest number goes first; in order, each waits for the one before, and for a sick one. */
function planCondemned(
  state: SetState,
  condemned: readonly (Slot & { pod: Pod })[],
  isOrdered: boolean,
): Stage {
  const staying = condemned.filter(({ pod }) => !isGoing(pod))
  if (!isOrdered) return { steps: staying.map(({ pod }) => deletion(pod)), isWaiting: false }
  const [next] = condemned
  if (!next) return { steps: [], isWaiting: false }
  const firstSick = condemned.findLast(({ pod }) => isUnavailable(state, pod))
  const mayGo = !isGoing(next.pod) && (!isUnavailable(state, next.pod) || next === firstSick)
  return { steps: mayGo ? [deletion(next.pod)] : [], isWaiting: true }
}

/**
 * Pods of other revisions that give way now, the highest number first. Those that are broken count
 * only when they are reached: a rollout is what mends them.
 */
function planUpdate(
  state: SetState,
  wanted: readonly Slot[],
  gone: ReadonlySet<unknown>,
): readonly Pod[] {
  const { set, update } = state
  const { type, rollingUpdate } = set.spec.updateStrategy
  if (type === 'OnDelete') return []
  const updating: Pod[] = []
  let budget = maxUnavailableOf(set)
  for (const { pod } of wanted.slice(rollingUpdate?.partition ?? 0).toReversed()) {
    if (budget === 0) break
    const isLeaving = !pod || isGoing(pod) || gone.has(pod)
    const isOld = !isLeaving && versionOf(pod) !== update.name
    if (isOld) updating.push(pod)
    if (isOld || isLeaving || isUnavailable(state, pod)) budget--
  }
  return updating
}

const isUnavailable = ({ set, nowMs }: SetState, pod: Pod): boolean =>
  isGoing(pod) ||
  pod.status.phase !== 'Running' ||
  !isAvailable(pod, set.spec.minReadySeconds ?? 0, nowMs)
