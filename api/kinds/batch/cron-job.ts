/** CronJob: Jobs that are started again and again, by a schedule. */
import { defineKind, statusSubresource } from '../../kind.ts'
import { jobSpec } from '../../parts/batch/job-spec.ts'
import { objectReference } from '../../parts/core/references.ts'
import { templateMeta } from '../../parts/meta/object-meta.ts'
import { Path } from '../../problems.ts'
import { validateCronJobSpec, validateNewCronJob } from '../../rules/cron-job.ts'
import { podNameWarnings } from '../../rules/job.ts'
import { containerColumns, selectorText } from '../../rules/template-columns.ts'
import {
  always,
  boolean,
  int32,
  int64,
  listOf,
  omitEmpty,
  optional,
  publishedEnum,
  required,
  type Stored,
  string,
  struct,
  time,
} from '../../schema.ts'
import { ageColumn, column, nameColumn, sinceText } from '../../table.ts'

export const jobTemplateSpec = struct('batch.v1.JobTemplateSpec', 'A template of a Job.', {
  metadata: omitEmpty(1, templateMeta, 'Labels and annotations of the Jobs.'),
  spec: omitEmpty(2, jobSpec, 'What the Jobs should do.'),
})
export interface JobTemplateSpec extends Stored<typeof jobTemplateSpec> {}

export const cronJobSpec = struct(
  'batch.v1.CronJobSpec',
  'What a CronJob should do.',
  {
    schedule: required(
      1,
      string,
      'When to start a Job: minute, hour, day, month and weekday, or a word such as @daily.',
    ),
    timeZone: optional(
      8,
      string,
      'Time zone of the schedule, such as Europe/Berlin. That of the controller when unset.',
    ),
    startingDeadlineSeconds: optional(
      2,
      int64,
      'Seconds for which a start that was missed can be made up for. No limit when unset.',
    ),
    concurrencyPolicy: omitEmpty(
      3,
      publishedEnum('Allow', 'Forbid', 'Replace'),
      'While a Job still runs, Allow (the default) starts another, Forbid skips, Replace stops it.',
      { default: 'Allow' },
    ),
    suspend: optional(4, boolean, 'Whether no further Jobs should start. Defaults to false.', {
      default: false,
    }),
    jobTemplate: always(5, jobTemplateSpec, 'What the Jobs are made from.'),
    successfulJobsHistoryLimit: optional(
      6,
      int32,
      'How many Jobs that succeeded to keep. Defaults to 3.',
      { default: 3 },
    ),
    failedJobsHistoryLimit: optional(
      7,
      int32,
      'How many Jobs that failed to keep. Defaults to 1.',
      {
        default: 1,
      },
    ),
  },
  {
    validateWhole(spec, at, problems) {
      validateCronJobSpec(spec, at, problems)
    },
  },
)
export interface CronJobSpec extends Stored<typeof cronJobSpec> {}

export const cronJobStatus = struct('batch.v1.CronJobStatus', 'What a CronJob is doing.', {
  active: omitEmpty(1, listOf(objectReference, { listType: 'atomic' }), 'Jobs that run now.'),
  lastScheduleTime: optional(4, time, 'When a Job was last started.'),
  lastSuccessfulTime: optional(5, time, 'When a Job last succeeded.'),
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
  generation: true,
  doc: 'Starts Jobs by a schedule, as cron does.',
  fields: {
    spec: omitEmpty(2, cronJobSpec, 'What the CronJob should do.'),
    status: omitEmpty(3, cronJobStatus, 'What it is doing.'),
  },
  validateCreate(cronJob, problems) {
    validateNewCronJob(cronJob, Path.root, problems)
  },
  warnings: ({ metadata }, previous) => (previous ? [] : podNameWarnings(metadata.name)),
  columns: [
    nameColumn,
    column('Schedule', 'string', 'When Jobs are started.', ({ spec }) => spec.schedule),
    column(
      'Timezone',
      'string',
      'Time zone of the schedule.',
      ({ spec }) => spec.timeZone ?? '<none>',
    ),
    column('Suspend', 'boolean', 'Whether no further Jobs start.', ({ spec }) =>
      spec.suspend ? 'True' : 'False',
    ),
    column('Active', 'integer', 'Jobs that run now.', ({ status }) => status.active?.length ?? 0),
    column('Last Schedule', 'string', 'How long ago a Job was started.', ({ status }, now) =>
      status.lastScheduleTime ? sinceText(status.lastScheduleTime, now) : '<none>',
    ),
    ageColumn,
    ...containerColumns((cronJob: Templated) => cronJob.spec.jobTemplate.spec.template),
    column(
      'Selector',
      'string',
      'Labels of the pods that the Jobs select.',
      ({ spec }) => selectorText(spec.jobTemplate.spec.selector),
      { priority: 1 },
    ),
  ],
})
export interface CronJob extends Stored<typeof CronJob> {}

interface Templated {
  readonly spec: CronJobSpec
}
