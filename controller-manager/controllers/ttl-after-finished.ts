/** Deletes Jobs some time after they have ended, when they say how long they are to be kept. */
import { Job } from '#api/kinds/batch/job.ts'
import { isReason } from '#api/status.ts'
import { defineController } from '#client/controller.ts'
import type { Client } from '#client/rest.ts'
import { timeToMs } from '../pods.ts'
import { finishedCondition } from './job-conditions.ts'

export const ttlAfterFinishedController = defineController<Job>({
  name: 'ttl-after-finished-controller',
  for: Job,
  async reconcile(job, { client, clock }) {
    const seenLeftMs = timeLeftMs(job, clock.now())
    if (seenLeftMs === undefined || seenLeftMs > 0) return { requeueAfterMs: seenLeftMs }
    // Somebody may have given it more time, which the cache does not show yet.
    const fresh = await client.find(Job, job)
    const leftMs = fresh && timeLeftMs(fresh, clock.now())
    if (!fresh || leftMs === undefined || leftMs > 0) return { requeueAfterMs: leftMs }
    await deleteExactly(fresh, client)
    return {}
  },
})

/** As it was when its time was found to be over, or not at all. */
async function deleteExactly(job: Job, client: Client): Promise<void> {
  const { uid, resourceVersion } = job.metadata
  const preconditions = { uid, resourceVersion }
  try {
    await client.delete(Job, job, { propagationPolicy: 'Foreground', preconditions })
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
}

/** Undefined while it is not to be deleted, however long one waits. */
export function timeLeftMs(job: Job, nowMs: number): number | undefined {
  const { ttlSecondsAfterFinished } = job.spec
  const finished = finishedCondition(job)
  if (ttlSecondsAfterFinished === undefined || !finished) return undefined
  if (job.metadata.deletionTimestamp) return undefined
  const finishedAt = timeToMs(finished.lastTransitionTime)
  if (finishedAt === undefined) {
    const { namespace, name } = job.metadata
    throw new Error(`unable to find the time when the Job ${namespace}/${name} finished`)
  }
  return finishedAt + ttlSecondsAfterFinished * 1000 - nowMs
}
