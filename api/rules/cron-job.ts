/** CronJobs: schedules and time zones that can be read, and names that leave room for Jobs. */
import type { CronJob, CronJobSpec } from '../kinds/batch/cron-job.ts'
import type { Path, Problems } from '../problems.ts'
import { CronError, isTimeZone, parseCronSchedule } from './cron-schedule.ts'
import { validateJobTemplate } from './job-spec.ts'
import { validateCounters } from './workload.ts'

const concurrencyPolicies = ['Allow', 'Forbid', 'Replace']
/** The controller appends eleven characters to make the name of a Job, which has at most 63. */
const nameLengthMax = 63 - 11
/** One component of the name of a time zone. */
const zonePart = /^(?!-)(?!\.\.?$)[A-Za-z._0-9+-]{1,14}$/

export function validateCronJobSpec(spec: CronJobSpec, at: Path, problems: Problems): void {
  validateSchedule(spec.schedule, at.child('schedule'), problems)
  validateCounters(spec, ['startingDeadlineSeconds'], at, problems)
  validateTimeZone(spec.timeZone, at.child('timeZone'), problems)
  const { concurrencyPolicy } = spec
  if (!concurrencyPolicies.includes(concurrencyPolicy)) {
    problems.notSupported(at.child('concurrencyPolicy'), concurrencyPolicy, concurrencyPolicies)
  }
  validateJobTemplate(spec.jobTemplate.spec, at.child('jobTemplate').child('spec'), problems)
  const limits = ['successfulJobsHistoryLimit', 'failedJobsHistoryLimit'] as const
  validateCounters(spec, limits, at, problems)
}

function validateSchedule(schedule: string, at: Path, problems: Problems): void {
  if (!schedule) {
    problems.required(at)
    return
  }
  try {
    parseCronSchedule(schedule)
  } catch (error) {
    if (!(error instanceof CronError)) throw error
    problems.invalid(at, schedule, error.message)
  }
  if (schedule.includes('TZ')) {
    const detail = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'
    problems.invalid(at, schedule, detail)
  }
}

function validateTimeZone(timeZone: string | undefined, at: Path, problems: Problems): void {
  if (timeZone === undefined) return
  if (timeZone === '') {
    problems.invalid(at, timeZone, 'timeZone must be nil or non-empty string')
  } else if (!timeZone.split('/').every((part) => zonePart.test(part))) {
    problems.invalid(at, timeZone, `unknown time zone ${timeZone}`)
  } else if (timeZone.toLowerCase() === 'local') {
    const detail =
      'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'
    problems.invalid(at, timeZone, detail)
  } else if (!isTimeZone(timeZone)) {
    problems.invalid(at, timeZone, `unknown time zone ${timeZone}`)
  }
}

export function validateNewCronJob({ metadata }: CronJob, root: Path, problems: Problems): void {
  if (metadata.name.length <= nameLengthMax) return
  const detail = `must be no more than ${nameLengthMax} characters`
  problems.invalid(root.child('metadata').child('name'), metadata.name, detail)
}
