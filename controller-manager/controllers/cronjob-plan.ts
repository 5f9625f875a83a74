/** What a CronJob does about the Jobs that it has, and what a new one looks like. Pure. */
import { CronJob, type CronJobStatus } from '#api/kinds/batch/cron-job.ts'
import { Job } from '#api/kinds/batch/job.ts'
import type { jobSpec } from '#api/parts/batch/job-spec.ts'
import type { ObjectReference } from '#api/parts/core/references.ts'
import { zonedTime } from '#api/rules/cron-times.ts'
import type { Input } from '#api/schema.ts'
import { controllerReference, timeToMs } from '../pods.ts'
import { finishedCondition } from './job-conditions.ts'

const SCHEDULED_AT = 'batch.kubernetes.io/cronjob-scheduled-timestamp'
const MINUTE_MS = 60_000

/** One name for each run, so that the server refuses to start it twice. */
export const jobNameAt = ({ metadata }: CronJob, atMs: number): string =>
  `${metadata.name}-${Math.floor(atMs / MINUTE_MS)}`

export function jobAt(cronJob: CronJob, atMs: number): Input<typeof Job> {
  const { metadata, spec } = cronJob
  const { labels, annotations } = spec.jobTemplate.metadata
  return {
    metadata: {
      name: jobNameAt(cronJob, atMs),
      namespace: metadata.namespace ?? '',
      ...(labels && { labels }),
      annotations: { ...annotations, [SCHEDULED_AT]: zonedTime(atMs, spec.timeZone) },
      ownerReferences: [controllerReference(CronJob, cronJob)],
    },
    // What was stored may be written again; the type does not know it.
    spec: spec.jobTemplate.spec as Input<typeof jobSpec>,
  }
}

const isComplete = (job: Job): boolean => finishedCondition(job)?.type === 'Complete'

/** Of those that have ended, the oldest beyond the limits; without limits all are kept. */
export function outdatedJobs({ spec }: CronJob, jobs: readonly Job[]): readonly Job[] {
  const { successfulJobsHistoryLimit, failedJobsHistoryLimit } = spec
  const ended = jobs.filter((job) => finishedCondition(job) && !job.metadata.deletionTimestamp)
  return [
    ...oldest(ended.filter(isComplete), successfulJobsHistoryLimit),
    ...oldest(
      ended.filter((job) => !isComplete(job)),
      failedJobsHistoryLimit,
    ),
  ]
}

function oldest(jobs: readonly Job[], limit: number | undefined): readonly Job[] {
  if (limit === undefined || jobs.length <= limit) return []
  return jobs.toSorted(byStart).slice(0, jobs.length - limit)
}

function byStart(a: Job, b: Job): number {
  const [startA, startB] = [a, b].map(
    ({ status }) => timeToMs(status.startTime) ?? Number.POSITIVE_INFINITY,
  ) as [number, number]
  if (startA !== startB) return startA - startB
  return a.metadata.name < b.metadata.name ? -1 : 1
}

export interface Seen {
  readonly status: CronJobStatus
  /** Have ended since somebody last looked. */
  readonly ended: readonly Job[]
  /** At work, and not known to have been started here. */
  readonly unexpected: readonly Job[]
}

export function seeJobs(status: CronJobStatus, jobs: readonly Job[]): Seen {
  const active = new Set((status.active ?? []).map(({ uid }) => uid))
  const ended = jobs.filter((job) => active.has(job.metadata.uid) && finishedCondition(job))
  const unexpected = jobs.filter((job) => !active.has(job.metadata.uid) && !finishedCondition(job))
  const seen = withoutActive(status, new Set(ended.map(({ metadata }) => metadata.uid)))
  return { status: withLastSuccess(seen, jobs), ended, unexpected }
}

function withLastSuccess(status: CronJobStatus, jobs: readonly Job[]): CronJobStatus {
  const times = jobs.filter(isComplete).map((job) => job.status.completionTime)
  // Stored times are all written in the same way, so that their texts can be compared.
  const latest = [status.lastSuccessfulTime, ...times]
    .filter((time) => typeof time === 'string')
    .toSorted()
    .at(-1)
  return latest === undefined ? status : { ...status, lastSuccessfulTime: latest }
}

/** A Job that it takes to be at work, and that is not among those that are there. */
export function missingJobs(
  { active }: CronJobStatus,
  jobs: readonly Job[],
): readonly ObjectReference[] {
  const there = new Set(jobs.map(({ metadata }) => metadata.uid))
  return (active ?? []).filter(({ uid }) => uid === undefined || !there.has(uid))
}

export function withoutActive(
  { active = [], ...rest }: CronJobStatus,
  uids: ReadonlySet<string | undefined>,
): CronJobStatus {
  const left = (active ?? []).filter(({ uid }) => !uids.has(uid))
  return left.length > 0 ? { ...rest, active: left } : rest
}

export function withStarted(
  status: CronJobStatus,
  { metadata }: Job,
  lastScheduleTime: string,
): CronJobStatus {
  const { namespace, name, uid, resourceVersion } = metadata
  const { kind, apiVersion } = Job
  const reference = { kind, namespace, name, uid, apiVersion, resourceVersion } as ObjectReference
  return { ...status, active: [...(status.active ?? []), reference], lastScheduleTime }
}
