/** Jobs: pods that run until enough of them have succeeded. */
import { Job } from '#api/kinds/batch/job.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { type Controller, defineController } from '#client/controller.ts'
import { orphansOf } from '../adoption.ts'
import { selectorOf } from '../rollout.ts'
import { JobMemories } from './job-memory.ts'
import { reconcileJob } from './job-run.ts'

/** Each has a memory of its own. */
export function jobController(): Controller {
  const memories = new JobMemories()
  return defineController<Job>({
    name: 'job-controller',
    for: Job,
    owns: [Pod],
    watches: [orphansOf(Job, Pod, ({ spec }) => selectorOf(spec.selector))],
    reconcile: (job, context) => reconcileJob(job, context, memories),
    removed: async (reference) => memories.forget(reference),
  })
}
