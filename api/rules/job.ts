/** Rules of Jobs as wholes: their selectors, their names, and what may change later. */
import { isDeepStrictEqual } from 'node:util'
import type { Job } from '../kinds/batch/job.ts'
import { LabelSelectorError, validateLabelSelector } from '../label-selector.ts'
import { isDnsLabel } from '../names.ts'
import type { JobSpec } from '../parts/batch/job-spec.ts'
import type { PodTemplateSpec } from '../parts/core/pod-template.ts'
import type { Path, Problems } from '../problems.ts'
import { immutableMessage } from '../validate-update.ts'
import { validateGeneratedSelector } from './job-selector.ts'
import { validateJobSpec } from './job-spec.ts'
import { hasCondition, validateJobStatus } from './job-status.ts'
import { validateSelectorMatches } from './workload.ts'

export function validateJob(job: Job, root: Path, problems: Problems): void {
  const { spec } = job
  const at = root.child('spec')
  ifUsable(() => validateGeneratedSelector(job, problems, root))
  validateJobSpec(spec, at, problems)
  if (spec.selector) validateLabelSelector(spec.selector, at.child('selector'), problems)
  else problems.required(at.child('selector'))
  ifUsable(() => validateSelectorMatches(spec, at, problems))
}

/** A selector that cannot be used is reported once, by the rules about its parts. */
function ifUsable(rule: () => void): void {
  try {
    rule()
  } catch (error) {
    if (!(error instanceof LabelSelectorError)) throw error
  }
}

/** The pods of an Indexed Job are named after it and their index. */
export function validateNewJob(job: Job, root: Path, problems: Problems): void {
  const { metadata, spec } = job
  const { completions } = spec
  if (spec.completionMode !== 'Indexed' || !completions || completions < 0) return
  const hostname = `${metadata.name}-${completions - 1}`
  if (isDnsLabel(hostname).length === 0) return
  const detail = `will not able to create pod with invalid DNS label: ${hostname}`
  problems.invalid(root.child('metadata').child('name'), metadata.name, detail)
}

export function validateJobUpdate(next: Job, previous: Job, root: Path, problems: Problems): void {
  const at = root.child('spec')
  validateCompletionsUpdate(next.spec, previous.spec, at.child('completions'), problems)
  validateFixed('selector', next.spec, previous.spec, at, problems)
  validateTemplateUpdate(next, previous, at.child('template'), problems)
  for (const name of fixedFields) validateFixed(name, next.spec, previous.spec, at, problems)
  // A spec may change so that an old status would not do any more; the controller will mend it.
  if (!isDeepStrictEqual(next.status, previous.status)) {
    validateJobStatus(next, previous, root, problems)
  }
}

const fixedFields = [
  'completionMode',
  'podFailurePolicy',
  'backoffLimitPerIndex',
  'managedBy',
  'successPolicy',
] as const

function validateFixed(
  name: keyof JobSpec,
  next: JobSpec,
  previous: JobSpec,
  at: Path,
  problems: Problems,
): void {
  if (isDeepStrictEqual(next[name], previous[name])) return
  problems.invalid(at.child(name), next[name], immutableMessage)
}

/** An Indexed Job can grow and shrink, parallelism and completions together. */
function validateCompletionsUpdate(
  next: JobSpec,
  previous: JobSpec,
  at: Path,
  problems: Problems,
): void {
  const { completions, completionMode, parallelism } = next
  if (completions === previous.completions) return
  if (completionMode !== 'Indexed') problems.invalid(at, completions, immutableMessage)
  else if (completions !== undefined && completions !== parallelism) {
    const detail = 'can only be modified in tandem with spec.parallelism'
    problems.invalid(at, completions, detail)
  }
}

/** While none of its pods is there, queues may still say where they go and what they take. */
function validateTemplateUpdate(next: Job, previous: Job, at: Path, problems: Problems): void {
  const { spec, status } = previous
  const isIdle = !status.active && (!status.startTime || hasCondition(status, 'Suspended'))
  const { template } = next.spec
  const isOpen = spec.suspend === true && isIdle
  const allowed = isOpen ? withPlaceOf(spec.template, template) : spec.template
  if (!isDeepStrictEqual(template, allowed)) problems.invalid(at, template, immutableMessage)
}

/** One template with the labels, annotations, scheduling directives and resources of another. */
function withPlaceOf(template: PodTemplateSpec, other: PodTemplateSpec): PodTemplateSpec {
  const result = structuredClone(template)
  copy(result.metadata, other.metadata, ['labels', 'annotations'])
  copy(result.spec, other.spec, ['nodeSelector', 'tolerations', 'schedulingGates'])
  const nodeAffinity = other.spec.affinity?.nodeAffinity
  const { nodeAffinity: _, ...affinity } = result.spec.affinity ?? {}
  if (nodeAffinity) result.spec.affinity = { ...affinity, nodeAffinity }
  else if (other.spec.affinity || Object.keys(affinity).length) result.spec.affinity = affinity
  else delete result.spec.affinity
  for (const list of ['containers', 'initContainers'] as const) {
    for (const [position, container] of (result.spec[list] ?? []).entries()) {
      copyResources(container, other.spec[list]?.[position])
    }
  }
  return result
}

interface Container {
  resources?: NonNullable<PodTemplateSpec['spec']['containers']>[number]['resources']
}

/** Claims stay: what they ask for is said elsewhere. */
function copyResources(container: Container, other: Container | undefined): void {
  if (!other) return
  const resources = { ...container.resources }
  copy(resources, other.resources ?? {}, ['requests', 'limits'])
  if (other.resources || Object.keys(resources).length) container.resources = resources
  else delete container.resources
}

function copy<T extends object>(to: T, from: T, names: readonly (keyof T)[]): void {
  for (const name of names) {
    if (from[name] === undefined) delete to[name]
    else to[name] = from[name]
  }
}

/** What a caller should know about a name that pods will be named after. */
export function podNameWarnings(name: string): readonly string[] {
  const messages = isDnsLabel(name)
  if (!messages.length) return []
  return [
    `metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [${messages.join(' ')}]`,
  ]
}
