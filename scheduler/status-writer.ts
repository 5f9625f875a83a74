/** Says in the status of a pod why it is pending, and which node it was promised. */
import { findCondition } from '#api/conditions.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { sameJson } from '#api/patch/same-json.ts'
import { isReason } from '#api/status.ts'
import { epochToTime } from '#api/time.ts'
import type { Client } from '#client/rest.ts'
import type { Clock } from '#daemon/clock.ts'
import { type Log, reference } from '#daemon/log.ts'

interface WriterParts {
  readonly client: Client
  readonly clock: Clock
  readonly log: Log
}

export interface PendingStatus {
  readonly reason: string
  readonly message: string
  /** Undefined leaves what is there; null takes it away. */
  readonly nominatedNodeName?: string | null
}

/** Never fails: a status that was not written is written with the next attempt. */
export async function writePending(
  { client, clock, log }: WriterParts,
  pod: Pod,
  pending: PendingStatus,
): Promise<void> {
  const status = pendingStatus(pod, pending, clock.now())
  if (!status) return
  const { name, namespace, uid } = pod.metadata
  try {
    // The UID makes sure that a namesake does not get it.
    const patch = { metadata: { uid }, status }
    const options = { type: 'strategic', subresource: 'status' } as const
    await client.patch(Pod, { name, namespace }, patch, options)
  } catch (error) {
    if (isReason(error, 'NotFound', 'Conflict')) return
    log.warn('status not written', { pod: reference('Pod', pod.metadata), error })
  }
}

/** What has to change; undefined when the pod says all that already. */
function pendingStatus(pod: Pod, pending: PendingStatus, nowMs: number): object | undefined {
  const { reason, message, nominatedNodeName } = pending
  const { generation } = pod.metadata
  const known = findCondition(pod.status.conditions, 'PodScheduled')
  const now = epochToTime(Math.floor(nowMs / 1000))
  const condition = {
    type: 'PodScheduled',
    ...(generation && { observedGeneration: generation }),
    status: 'False',
    lastProbeTime: null,
    lastTransitionTime: known?.status === 'False' ? known.lastTransitionTime : now,
    reason,
    message,
  }
  const isSaid = known && sameJson(known, condition)
  const promises = nominatedNodeName !== undefined
  if (isSaid && !promises) return undefined
  return { ...(!isSaid && { conditions: [condition] }), ...(promises && { nominatedNodeName }) }
}
