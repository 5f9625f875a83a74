/** Lets go of pods that were made to be counted and whose Job is gone, over or not theirs. */
import { Job } from '#api/kinds/batch/job.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { controllerOf } from '#client/cache.ts'
import {
  type CacheAccess,
  type Controller,
  defineController,
  type Watched,
} from '#client/controller.ts'
import type { Change } from '#client/informer.ts'
import type { Reference } from '#client/resource.ts'
import { finishedCondition } from './job-conditions.ts'
import { isManagedElsewhere, isTracked, releasePod } from './job-pods.ts'

/** Only their ends matter: before that, a Job takes care of its pods itself. */
const endsOfJobs: Watched = {
  kind: Job,
  references({ type, object }: Change<Job>, { cached }): readonly Reference[] {
    if (type !== 'removed' && !finishedCondition(object)) return []
    return cached(Pod)
      .ownedBy(object)
      .filter(isTracked)
      .map(({ metadata }) => metadata)
  },
}

export const jobOrphansController: Controller = defineController<Pod>({
  name: 'job-orphan-pods',
  for: Pod,
  watches: [endsOfJobs],
  async reconcile(pod, { cached, client }) {
    if (isTracked(pod) && isOrphan(pod, { cached })) await releasePod(pod, client)
  },
})

/** Pods of other controllers may have the finalizer for reasons of their own. */
function isOrphan(pod: Pod, { cached }: CacheAccess): boolean {
  const owner = controllerOf(pod)
  if (!owner) return true
  if (owner.kind !== Job.kind || owner.apiVersion !== Job.apiVersion) return false
  const { namespace } = pod.metadata
  const job = cached(Job).get({ name: owner.name, namespace })
  if (!job || job.metadata.uid !== owner.uid) return true
  return finishedCondition(job) !== undefined && !isManagedElsewhere(job)
}
