/** FIXME: one sentence. */
import { defineKind, statusSubresource } from '../../kind.ts'
import { jobSpec } from '../../parts/batch/job-spec.ts'
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

export const jobCondition = struct('batch.v1.JobCondition', '', {
  type: always(
    1,
    wordOf('Suspended', 'Complete', 'Failed', 'FailureTarget', 'SuccessCriteriaMet'),
    '',
  ),
  status: always(2, wordOf('True', 'False', 'Unknown'), ''),
  lastProbeTime: omitEmpty(3, time, ''),
  lastTransitionTime: omitEmpty(4, time, ''),
  reason: omitEmpty(5, string, ''),
  message: omitEmpty(6, string, ''),
})
export interface JobCondition extends Stored<typeof jobCondition> {}

export const uncountedTerminatedPods = struct('batch.v1.UncountedTerminatedPods', '', {
  succeeded: omitEmpty(1, listOf(string, { listType: 'set' }), ''),
  failed: omitEmpty(2, listOf(string, { listType: 'set' }), ''),
})
export interface UncountedTerminatedPods extends Stored<typeof uncountedTerminatedPods> {}

export const jobStatus = struct('batch.v1.JobStatus', '', {
  conditions: omitEmpty(
    1,
    listOf(jobCondition, { listType: 'atomic', mergeKey: 'type', patch: 'merge' }),
    '',
  ),
  startTime: optional(2, time, ''),
  completionTime: optional(3, time, ''),
  active: omitEmpty(4, int32, ''),
  succeeded: omitEmpty(5, int32, ''),
  failed: omitEmpty(6, int32, ''),
  terminating: optional(11, int32, ''),
  completedIndexes: omitEmpty(7, string, ''),
  failedIndexes: optional(10, string, ''),
  uncountedTerminatedPods: optional(8, uncountedTerminatedPods, ''),
  ready: optional(9, int32, ''),
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
  doc: '',
  fields: {
    spec: omitEmpty(2, jobSpec, ''),
    status: omitEmpty(3, jobStatus, ''),
  },
  // columns: Name, Status, Completions, Duration, Age, Containers*, Images*, Selector*
})
export interface Job extends Stored<typeof Job> {}
