/** Job: pods that run until enough of them have succeeded. */
import { defineKind, statusSubresource } from '../../kind.ts'
import { jobSpec } from '../../parts/batch/job-spec.ts'
import { changeFields, conditionStatus } from '../../parts/meta/condition-fields.ts'
import { Path } from '../../problems.ts'
import { podNameWarnings, validateJob, validateJobUpdate, validateNewJob } from '../../rules/job.ts'
import { generateJobSelector } from '../../rules/job-selector.ts'
import { defaultJobSpec } from '../../rules/job-spec.ts'
import { hasCondition } from '../../rules/job-status.ts'
import { selectorColumn, templateColumns } from '../../rules/template-columns.ts'
import {
  always,
  int32,
  listOf,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
  time,
  wordOf,
} from '../../schema.ts'
import { ageColumn, column, nameColumn } from '../../table.ts'
import { humanDuration, timeToEpoch } from '../../time.ts'

export const jobCondition = struct('batch.v1.JobCondition', 'One aspect of the state of a Job.', {
  type: always(
    1,
    wordOf('Suspended', 'Complete', 'Failed', 'FailureTarget', 'SuccessCriteriaMet'),
    'Which aspect this is, such as Complete or Failed.',
  ),
  status: conditionStatus,
  lastProbeTime: omitEmpty(3, time, 'When the condition was last looked at.'),
  ...changeFields(4),
})
export interface JobCondition extends Stored<typeof jobCondition> {}

export const uncountedTerminatedPods = struct(
  'batch.v1.UncountedTerminatedPods',
  'Pods that have ended but are not yet in the counters.',
  {
    succeeded: omitEmpty(1, listOf(string, { listType: 'set' }), 'UIDs of pods that succeeded.'),
    failed: omitEmpty(2, listOf(string, { listType: 'set' }), 'UIDs of pods that failed.'),
  },
)
export interface UncountedTerminatedPods extends Stored<typeof uncountedTerminatedPods> {}

export const jobStatus = struct('batch.v1.JobStatus', 'How far a Job has come.', {
  conditions: omitEmpty(
    1,
    listOf(jobCondition, { listType: 'atomic', mergeKey: 'type', patch: 'merge' }),
    'Aspects of the state, one of each type. A Job that has ended is Complete or Failed.',
  ),
  startTime: optional(2, time, 'When the Job was started, or last went on after a suspension.'),
  completionTime: optional(3, time, 'When the Job succeeded.'),
  active: omitEmpty(4, int32, 'Pods that are pending or running and not being deleted.'),
  succeeded: omitEmpty(5, int32, 'Pods that have succeeded.'),
  failed: omitEmpty(6, int32, 'Pods that have failed.'),
  terminating: optional(11, int32, 'Pods that are pending or running but being deleted.'),
  completedIndexes: omitEmpty(7, string, 'Indexes that have succeeded, such as 1,3-5,7.'),
  failedIndexes: optional(10, string, 'Indexes that have failed for good, such as 1,3-5,7.'),
  uncountedTerminatedPods: optional(
    8,
    uncountedTerminatedPods,
    'Pods that have ended but are not yet in the counters.',
  ),
  ready: optional(9, int32, 'Active pods that are ready.'),
})
export interface JobStatus extends Stored<typeof jobStatus> {}

export const Job = defineKind({
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  plural: 'jobs',
  categories: ['all'],
  scope: 'Namespaced',
  subresources: { ...statusSubresource },
  generation: true,
  selectable: { 'status.successful': ({ status }) => String(status.succeeded ?? 0) },
  deletion: {
    orphansByDefault: true,
    orphansWarning:
      'child pods are preserved by default when jobs are deleted; ' +
      'set propagationPolicy=Background to remove them or set propagationPolicy=Orphan ' +
      'to suppress this warning',
  },
  doc: 'Runs pods until a number of them have succeeded, and replaces those that fail.',
  fields: {
    spec: omitEmpty(2, jobSpec, 'What the Job should do.'),
    status: omitEmpty(3, jobStatus, 'How far it has come.'),
  },
  prepareCreate: (job) => generateJobSelector(job),
  defaults: ({ spec }) => defaultJobSpec(spec),
  validateWhole(job, at, problems) {
    validateJob(job, at, problems)
  },
  validateCreate(job, problems) {
    validateNewJob(job, Path.root, problems)
  },
  validateUpdate(next, previous, at, problems) {
    validateJobUpdate(next, previous, at, problems)
  },
  warnings: ({ metadata }, previous) => (previous ? [] : podNameWarnings(metadata.name)),
  columns: [
    nameColumn,
    column('Status', 'string', 'What the Job is doing, or how it ended.', stateText),
    column(
      'Completions',
      'string',
      'Pods that have succeeded, of those that must.',
      ({ spec, status }) => completionsText(spec, status),
    ),
    column('Duration', 'string', 'How long the Job ran, or has been running.', ({ status }, now) =>
      durationText(status, now),
    ),
    ageColumn,
    ...templateColumns,
    selectorColumn,
  ],
})
export interface Job extends Stored<typeof Job> {}

interface Named {
  readonly metadata: { readonly deletionTimestamp?: string | null }
  readonly status: JobStatus
}

function stateText({ metadata, status }: Named): string {
  if (hasCondition(status, 'Complete')) return 'Complete'
  if (hasCondition(status, 'Failed')) return 'Failed'
  if (metadata.deletionTimestamp) return 'Terminating'
  if (hasCondition(status, 'Suspended')) return 'Suspended'
  if (hasCondition(status, 'FailureTarget')) return 'FailureTarget'
  return hasCondition(status, 'SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running'
}

function completionsText(
  { completions, parallelism = 0 }: { completions?: number; parallelism?: number },
  { succeeded = 0 }: JobStatus,
): string {
  if (completions !== undefined) return `${succeeded}/${completions}`
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`
}

function durationText({ startTime, completionTime }: JobStatus, now: number): string {
  if (!startTime) return ''
  const end = completionTime ? timeToEpoch(completionTime).seconds : Math.floor(now / 1000)
  return humanDuration(end - timeToEpoch(startTime).seconds)
}
