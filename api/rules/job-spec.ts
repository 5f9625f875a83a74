/** Rules and defaults of Jobs, also of those that CronJobs make. */
import type { JobSpec } from '../parts/batch/job-spec.ts'
import { podTemplateSpec } from '../parts/core/pod-template.ts'
import type { Path, Problems } from '../problems.ts'
import { validate } from '../validate.ts'
import { validateDomainPrefixedPath } from './domain-names.ts'
import { validatePodFailurePolicy, validateSuccessPolicy } from './job-policies.ts'
import { validateCounters } from './workload.ts'

const completionModes = ['NonIndexed', 'Indexed']
const replacementPolicies = ['TerminatingOrFailed', 'Failed']
const parallelismMax = 100_000
const failedIndexesMax = 100_000
/** Above it, what can fail must be bounded so that the status stays small. */
const manyCompletions = 100_000
const parallelismMaxOfMany = 10_000
const failedIndexesMaxOfMany = 10_000
const managedByLengthMax = 63
const backoffLimitDefault = 6
const int32Max = 2 ** 31 - 1

/** Of Jobs only: upstream leaves the templates of CronJobs as they are. */
export function defaultJobSpec(spec: JobSpec): void {
  // A Job with neither number is done after one pod; with parallelism alone it is a work queue.
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1
  spec.parallelism ??= 1
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? backoffLimitDefault : int32Max
  spec.completionMode ??= 'NonIndexed'
  spec.suspend ??= false
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed'
  spec.manualSelector ??= false
}

/** Everything but the selector, about which Jobs and CronJobs differ. */
export function validateJobSpec(spec: JobSpec, at: Path, problems: Problems): void {
  const counters = [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
  ] as const
  validateCounters(spec, counters, at, problems)
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    problems.required(at.child('backoffLimitPerIndex'), 'when maxFailedIndexes is specified')
  }
  validateManagedBy(spec.managedBy, at.child('managedBy'), problems)
  const { completionMode = 'NonIndexed' } = spec
  if (!completionModes.includes(completionMode)) {
    problems.notSupported(at.child('completionMode'), completionMode, completionModes)
  }
  if (completionMode === 'Indexed') validateIndexed(spec, at, problems)
  if (completionMode === 'NonIndexed') validateNonIndexed(spec, at, problems)
  if (spec.podFailurePolicy) {
    validatePodFailurePolicy(spec, spec.podFailurePolicy, at.child('podFailurePolicy'), problems)
  }
  validateSuccess(spec, at.child('successPolicy'), problems)
  validateReplacement(spec, at.child('podReplacementPolicy'), problems)
  validate(podTemplateSpec, spec.template, problems, at.child('template'))
  const restartPolicyAt = at.child('template').child('spec').child('restartPolicy')
  validateRestartPolicy(spec, restartPolicyAt, problems)
}

function validateManagedBy(managedBy: string | undefined, at: Path, problems: Problems): void {
  if (managedBy === undefined) return
  validateDomainPrefixedPath(managedBy, at, problems)
  if (managedBy.length > managedByLengthMax) problems.tooLong(at, managedByLengthMax)
}

function validateIndexed(spec: JobSpec, at: Path, problems: Problems): void {
  const { completions, parallelism = 0, maxFailedIndexes } = spec
  const maxFailedIndexesAt = at.child('maxFailedIndexes')
  if (completions === undefined) {
    problems.required(at.child('completions'), 'when completion mode is Indexed')
  }
  if (parallelism > parallelismMax) {
    const limit = `must be less than or equal to ${parallelismMax} when completion mode is Indexed`
    problems.invalid(at.child('parallelism'), parallelism, limit)
  }
  if (maxFailedIndexes !== undefined) {
    if (completions !== undefined && maxFailedIndexes > completions) {
      const limit = 'must be less than or equal to completions'
      problems.invalid(maxFailedIndexesAt, maxFailedIndexes, limit)
    }
    if (maxFailedIndexes > failedIndexesMax) {
      const limit = `must be less than or equal to ${failedIndexesMax}`
      problems.invalid(maxFailedIndexesAt, maxFailedIndexes, limit)
    }
  }
  const hasMany = completions !== undefined && completions > manyCompletions
  if (hasMany && spec.backoffLimitPerIndex !== undefined) validateMany(spec, at, problems)
}

function validateMany(spec: JobSpec, at: Path, problems: Problems): void {
  const { parallelism = 0, maxFailedIndexes } = spec
  const when = `when completions are above ${manyCompletions} and used with backoff limit per index`
  if (maxFailedIndexes === undefined) {
    const detail = `must be specified when completions is above ${manyCompletions}`
    problems.required(at.child('maxFailedIndexes'), detail)
  }
  if (parallelism > parallelismMaxOfMany) {
    const limit = `must be less than or equal to ${parallelismMaxOfMany} ${when}`
    problems.invalid(at.child('parallelism'), parallelism, limit)
  }
  if (maxFailedIndexes !== undefined && maxFailedIndexes > failedIndexesMaxOfMany) {
    const limit = `must be less than or equal to ${failedIndexesMaxOfMany} ${when}`
    problems.invalid(at.child('maxFailedIndexes'), maxFailedIndexes, limit)
  }
}

function validateNonIndexed(spec: JobSpec, at: Path, problems: Problems): void {
  for (const name of ['backoffLimitPerIndex', 'maxFailedIndexes'] as const) {
    if (spec[name] === undefined) continue
    problems.invalid(at.child(name), spec[name], 'requires indexed completion mode')
  }
}

function validateSuccess(spec: JobSpec, at: Path, problems: Problems): void {
  const { successPolicy, completionMode } = spec
  if (!successPolicy) return
  if (completionMode === 'Indexed') validateSuccessPolicy(spec, successPolicy, at, problems)
  else problems.invalid(at, successPolicy, 'requires indexed completion mode')
}

function validateReplacement(spec: JobSpec, at: Path, problems: Problems): void {
  const { podReplacementPolicy: policy } = spec
  if (policy === undefined) return
  const supported = spec.podFailurePolicy ? ['Failed'] : replacementPolicies
  if (!supported.includes(policy)) problems.notSupported(at, policy, supported)
}

function validateRestartPolicy(spec: JobSpec, at: Path, problems: Problems): void {
  const { restartPolicy } = spec.template.spec
  // A caller who says nothing gets Always by default, so both are told what to choose from.
  if (!restartPolicy || restartPolicy === 'Always') {
    problems.required(at, 'valid values: "OnFailure", "Never"')
  } else if (restartPolicy !== 'OnFailure' && restartPolicy !== 'Never') {
    problems.notSupported(at, restartPolicy, ['OnFailure', 'Never'])
  } else if (spec.podFailurePolicy && restartPolicy !== 'Never') {
    const detail = 'only "Never" is supported when podFailurePolicy is specified'
    problems.invalid(at, restartPolicy, detail)
  }
}

/** The template of a Job that a CronJob is to make, whose selector is always generated. */
export function validateJobTemplate(spec: JobSpec, at: Path, problems: Problems): void {
  validateJobSpec(spec, at, problems)
  if (spec.selector) {
    problems.invalid(at.child('selector'), spec.selector, '`selector` will be auto-generated')
  }
  if (spec.manualSelector) {
    problems.notSupported(at.child('manualSelector'), true, ['nil', 'false'])
  }
}
