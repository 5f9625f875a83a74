/** The selector and the labels that the server gives a Job, so that its pods are its own. */
import type { Job } from '../kinds/batch/job.ts'
import { selectorFromObject } from '../label-selector.ts'
import type { Path, Problems } from '../problems.ts'

const controllerUidLabel = 'batch.kubernetes.io/controller-uid'
const jobNameLabel = 'batch.kubernetes.io/job-name'
/** From before labels of the project had a prefix; still set, for selectors of users. */
const legacyControllerUidLabel = 'controller-uid'
const legacyJobNameLabel = 'job-name'

function generatedLabels({ name = '', uid = '' }: Job['metadata']): Record<string, string> {
  return {
    [legacyControllerUidLabel]: uid,
    [legacyJobNameLabel]: name,
    [controllerUidLabel]: uid,
    [jobNameLabel]: name,
  }
}

/** Sets selector and labels, unless the Job brings its own. Its name and uid must be assigned. */
export function generateJobSelector(job: Job): void {
  const { metadata, spec } = job
  if (spec.manualSelector) return
  const { template } = spec
  template.metadata.labels = { ...template.metadata.labels, ...absentLabels(job) }
  const matchLabels = { [controllerUidLabel]: metadata.uid ?? '', ...spec.selector?.matchLabels }
  spec.selector = { ...spec.selector, matchLabels }
}

/** A label that the caller has set is kept, to be refused with a word about it. */
function absentLabels({ metadata, spec }: Job): Record<string, string> {
  const given = spec.template.metadata.labels ?? {}
  const entries = Object.entries(generatedLabels(metadata))
  return Object.fromEntries(entries.filter(([key]) => given[key] === undefined))
}

/** Whether selector and labels are the generated ones. */
export function validateGeneratedSelector(job: Job, problems: Problems, root: Path): void {
  const { metadata, spec } = job
  if (spec.manualSelector || !spec.selector) return
  if (!metadata.uid) problems.required(root.child('metadata').child('uid'))
  const at = root.child('spec').child('template').child('metadata')
  const expected = generatedLabels(metadata)
  const labels = spec.template.metadata.labels ?? {}
  for (const [key, value] of Object.entries(expected)) {
    const place = at.child('labels')
    if (labels[key] === undefined) problems.required(place.key(key), `must be '${value}'`)
    else if (labels[key] !== value) {
      problems.invalid(place.key(key), labels, `must be '${value}'`)
    }
  }
  if (!selectorFromObject(spec.selector).matches(expected)) {
    const place = root.child('spec').child('selector')
    problems.invalid(place, spec.selector, '`selector` not auto-generated')
  }
}
