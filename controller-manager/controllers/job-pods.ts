/** Pods as Jobs see them: which are still to be counted, which index is theirs, how they ended. */
import { findCondition } from '#api/conditions.ts'
import type { Job } from '#api/kinds/batch/job.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { isReason } from '#api/status.ts'
import type { Client } from '#client/rest.ts'
import { FINALIZERS_WITHOUT } from '../adoption.ts'
import { timeToMs } from '../pods.ts'

/** A pod that has it is kept until it has been counted. */
export const TRACKING = 'batch.kubernetes.io/job-tracking'
/** Both an annotation and a label of the pods of Indexed Jobs. */
export const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index'

const BUILT_IN = 'kubernetes.io/job-controller'

/** Somebody else has promised to run it. */
export const isManagedElsewhere = ({ spec }: Job): boolean =>
  spec.managedBy !== undefined && spec.managedBy !== BUILT_IN

export const isSuspended = ({ spec }: Job): boolean => spec.suspend === true

export const isIndexed = ({ spec }: Job): boolean => spec.completionMode === 'Indexed'

export const isTracked = ({ metadata }: Pod): boolean =>
  metadata.finalizers?.includes(TRACKING) ?? false

/** Undefined when it has none that the Job could have given it. */
export function completionIndexOf({ metadata }: Pod): number | undefined {
  const text = metadata.annotations?.[COMPLETION_INDEX]
  return text !== undefined && /^\+?[0-9]+$/.test(text) ? Number(text) : undefined
}

/** That of the pod, if it is one that the Job still has. */
export function indexWithin(pod: Pod, { spec }: Job): number | undefined {
  const index = completionIndexOf(pod)
  return index !== undefined && index < (spec.completions ?? 0) ? index : undefined
}

/** Pods that are on their way out are not replaced before they have ended. */
export const replacesOnlyFailed = ({ spec }: Job): boolean =>
  spec.podReplacementPolicy === 'Failed' || spec.podFailurePolicy !== undefined

/**
 * Whether it is lost to the Job. One that is deleted may never come to say so: its node may be
 * gone.
 */
export function hasFailed({ metadata, status }: Pod, job: Job): boolean {
  if (status.phase === 'Failed') return true
  if (replacesOnlyFailed(job)) return false
  return Boolean(metadata.deletionTimestamp) && status.phase !== 'Succeeded'
}

/** The best that is known about when it ended. */
export function finishedAtMs(pod: Pod): number {
  const { deletionTimestamp, deletionGracePeriodSeconds, creationTimestamp } = pod.metadata
  const deletedAt = timeToMs(deletionTimestamp)
  return (
    containersFinishedAtMs(pod) ??
    unreadySinceMs(pod) ??
    (deletedAt !== undefined ? deletedAt - (deletionGracePeriodSeconds ?? 0) * 1000 : undefined) ??
    timeToMs(creationTimestamp) ??
    0
  )
}

function containersFinishedAtMs({ status }: Pod): number | undefined {
  const times = (status.containerStatuses ?? []).map(({ state }) =>
    timeToMs(state?.terminated?.finishedAt),
  )
  const known = times.filter((time) => time !== undefined)
  return known.length > 0 && known.length === times.length ? Math.max(...known) : undefined
}

function unreadySinceMs({ status }: Pod): number | undefined {
  const ready = findCondition(status.conditions, 'Ready')
  return ready?.status === 'False' ? timeToMs(ready.lastTransitionTime) : undefined
}

/** Lets a pod go that has been counted, or that nobody is going to count. */
export async function releasePod({ metadata }: Pod, client: Client): Promise<void> {
  const { uid } = metadata
  const patch = { metadata: { uid, [FINALIZERS_WITHOUT]: [TRACKING] } }
  try {
    await client.patch(Pod, metadata, patch, { type: 'strategic' })
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
}
