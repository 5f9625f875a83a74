/** Says in the status of a pod that it is about to be deleted, and why, before it is. */
import { findCondition } from '#api/conditions.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { isReason } from '#api/status.ts'
import { epochToTime } from '#api/time.ts'
import type { ReconcileContext } from '#client/controller.ts'
import { hasEnded } from '../pods.ts'

/** Why a pod is deleted although nobody who owns it wants that. */
export interface Disruption {
  readonly reason: string
  readonly message: string
}

type Context = Pick<ReconcileContext, 'client' | 'clock'>

/** Pure: what of the status has to change; undefined when it says all that already. */
function disruptionStatus(
  pod: Pod,
  disruption: Disruption | undefined,
  phase: 'Failed' | undefined,
  nowMs: number,
): object | undefined {
  const condition = disruption && disruptionCondition(pod, disruption, nowMs)
  const changesPhase = phase !== undefined && !hasEnded(pod)
  if (!condition && !changesPhase) return undefined
  return { ...(changesPhase && { phase }), ...(condition && { conditions: [condition] }) }
}

function disruptionCondition({ metadata, status }: Pod, disruption: Disruption, nowMs: number) {
  const present = findCondition(status.conditions, 'DisruptionTarget')
  const { reason, message } = disruption
  const isMarked = present?.status === 'True'
  if (isMarked && present.reason === reason && present.message === message) return undefined
  const now = epochToTime(Math.floor(nowMs / 1000))
  const since = (isMarked && present.lastTransitionTime) || now
  const { generation } = metadata
  return {
    type: 'DisruptionTarget',
    status: 'True',
    reason,
    message,
    lastTransitionTime: since,
    ...(generation && { observedGeneration: generation }),
  }
}

async function markedAs(pod: Pod, status: object, { client }: Context): Promise<void> {
  const patch = { metadata: { uid: pod.metadata.uid }, status }
  await client.patch(Pod, pod, patch, { type: 'strategic', subresource: 'status' })
}

/** As its kubelet would see to, which then stops what runs in it. */
export async function evictPod(pod: Pod, disruption: Disruption, context: Context): Promise<void> {
  const status = disruptionStatus(pod, disruption, undefined, context.clock.now())
  await unlessGone(async () => {
    if (status) await markedAs(pod, status, context)
    await context.client.delete(Pod, pod)
  })
}

/** For pods that no kubelet takes care of: nobody else would say that they have ended. */
export async function forceDeletePod(
  pod: Pod,
  disruption: Disruption | undefined,
  context: Context,
): Promise<void> {
  const isOver = hasEnded(pod)
  const status = isOver
    ? undefined
    : disruptionStatus(pod, disruption, 'Failed', context.clock.now())
  await unlessGone(async () => {
    if (status) await markedAs(pod, status, context)
    await context.client.delete(Pod, pod, { gracePeriodSeconds: 0 })
  })
}

/** A pod that is gone, or whose name has gone to another one, needs nothing more. */
async function unlessGone(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (isReason(error, 'NotFound')) return
    // The UID of the patch or of the precondition is that of a pod that was there before.
    if (isReason(error, 'Conflict') && /uid|UID/.test(error.message)) return
    throw error
  }
}
