/** A new Job is given a selector and labels that only its own pods have. */
import type { Job } from '#api/kinds/batch/job.ts'
import { generateJobSelector } from '#api/rules/job-selector.ts'
import type { Behaviour } from '../behaviour.ts'

export const jobs: Behaviour = {
  resources: ['jobs.batch'],
  creating(object) {
    generateJobSelector(object as unknown as Job)
    return []
  },
}
