/** Jobs: pods that run until enough of them have succeeded. */
import { Job } from '#api/kinds/batch/job.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { type Controller, defineController } from '#client/controller.ts'
import { ControllerRun } from '#client/controller-run.ts'
import type { ControllerParts, ControllerWork, FreeController } from '#client/controllers.ts'
import { settleAll } from '#daemon/settle-all.ts'
import { orphansOf } from '../adoption.ts'
import { selectorOf } from '../rollout.ts'
import { JobMemories } from './job-memory.ts'
import { jobOrphansController } from './job-orphans.ts'
import { reconcileJob } from './job-run.ts'

const NAME = 'job-controller'

export const jobController: FreeController = {
  name: NAME,
  prepare: (parts) => together([jobsController(), jobOrphansController], parts),
}

/** Each run has a memory of its own. */
function jobsController(): Controller {
  const memories = new JobMemories()
  return defineController<Job>({
    name: NAME,
    for: Job,
    owns: [Pod],
    watches: [orphansOf(Job, Pod, ({ spec }) => selectorOf(spec.selector))],
    reconcile: (job, context) => reconcileJob(job, context, memories),
    removed: async (reference) => memories.forget(reference),
  })
}

function together(controllers: readonly Controller[], parts: ControllerParts): ControllerWork {
  const runs = controllers.map((controller) => new ControllerRun(controller, parts))
  return {
    get isIdle() {
      return runs.every((run) => run.isIdle)
    },
    get isRetrying() {
      return runs.some((run) => run.isRetrying)
    },
    start() {
      for (const run of runs) run.start()
    },
    async [Symbol.asyncDispose]() {
      await settleAll(runs.map((run) => run[Symbol.asyncDispose]()))
    },
  }
}
