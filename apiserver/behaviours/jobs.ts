/** A new Job is given a selector and labels that only its own pods have. */
import type { Job } from '#api/kinds/batch/job.ts'
import { generateJobSelector } from '#api/rules/job-selector.ts'
import type { Behaviour } from '../behaviour.ts'

const LABEL_BYTES_MAX = 63

export const jobs: Behaviour = {
  resources: ['jobs.batch'],
  creating(object) {
    const job = object as unknown as Job
    generateJobSelector(job)
    const { labels } = job.spec.template.metadata
    // A name too long for a label is refused once, for the template.
    if (Buffer.byteLength(job.metadata.name) > LABEL_BYTES_MAX) return []
    if (!Object.keys(job.metadata.labels ?? {}).length && labels) {
      job.metadata.labels = { ...labels }
    }
    return []
  },
}
