/** FIXME: one sentence. */
import { defineKind, statusSubresource } from '../../kind.ts'
import { jobSpec } from '../../parts/batch/job-spec.ts'
import { objectReference } from '../../parts/core/references.ts'
import { templateMeta } from '../../parts/meta/object-meta.ts'
import {
  always,
  boolean,
  enumOf,
  int32,
  int64,
  listOf,
  omitEmpty,
  optional,
  required,
  type Stored,
  string,
  struct,
  time,
} from '../../schema.ts'

export const jobTemplateSpec = struct('batch.v1.JobTemplateSpec', '', {
  metadata: omitEmpty(1, templateMeta, ''),
  spec: omitEmpty(2, jobSpec, ''),
})
export interface JobTemplateSpec extends Stored<typeof jobTemplateSpec> {}

export const cronJobSpec = struct('batch.v1.CronJobSpec', '', {
  schedule: required(1, string, ''),
  timeZone: optional(8, string, ''),
  startingDeadlineSeconds: optional(2, int64, ''),
  concurrencyPolicy: omitEmpty(3, enumOf('Allow', 'Forbid', 'Replace'), ''),
  suspend: optional(4, boolean, ''),
  jobTemplate: always(5, jobTemplateSpec, ''),
  successfulJobsHistoryLimit: optional(6, int32, ''),
  failedJobsHistoryLimit: optional(7, int32, ''),
})
export interface CronJobSpec extends Stored<typeof cronJobSpec> {}

export const cronJobStatus = struct('batch.v1.CronJobStatus', '', {
  active: omitEmpty(1, listOf(objectReference, { listType: 'atomic' }), ''),
  lastScheduleTime: optional(4, time, ''),
  lastSuccessfulTime: optional(5, time, ''),
})
export interface CronJobStatus extends Stored<typeof cronJobStatus> {}

export const CronJob = defineKind({
  group: 'batch',
  version: 'v1',
  kind: 'CronJob',
  plural: 'cronjobs',
  shortNames: ['cj'],
  categories: ['all'],
  scope: 'Namespaced',
  subresources: { ...statusSubresource },
  doc: '',
  fields: {
    spec: omitEmpty(2, cronJobSpec, ''),
    status: omitEmpty(3, cronJobStatus, ''),
  },
  // columns: Name, Schedule, Timezone, Suspend, Active, Last Schedule, Age, Containers*, Images*, Selector*
})
export interface CronJob extends Stored<typeof CronJob> {}
