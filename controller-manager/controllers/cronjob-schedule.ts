/** Which run of a CronJob is due, and when to look again. Pure. */
import type { CronJob } from '#api/kinds/batch/cron-job.ts'
import { CronError, type CronSchedule, parseCronSchedule } from '#api/rules/cron-schedule.ts'
import { countCronTimes, latestCronTime, nextCronTime } from '#api/rules/cron-times.ts'
import { timeToMs } from '../pods.ts'

/** More missed runs than this are worth a warning; they may come of a clock that is wrong. */
const MISSED_MAX = 100
/** A little late, so that a clock that is a little behind does not find the run not due yet. */
const DELTA_MS = 100

export interface Due {
  /** The latest run that is due and was not started; earlier ones are given up. */
  readonly atMs?: number | undefined
  /** A run that was due too long ago to be made up for. */
  readonly missedAtMs?: number | undefined
  readonly hasMissedMany: boolean
  /** Until the next run after now. */
  readonly waitMs: number
}

/** The schedule of a CronJob, or why it cannot be read. */
export function scheduleOf({ spec }: CronJob): CronSchedule | CronError {
  try {
    return parseCronSchedule(spec.schedule)
  } catch (error) {
    if (error instanceof CronError) return error
    throw error
  }
}

/**
 * Undefined when the schedule never comes. `sinceMs` is when the schedule was set, if that was
 * later than the CronJob was created: what it names before that was never missed.
 */
export function dueRun(
  { metadata, spec, status }: CronJob,
  schedule: CronSchedule,
  nowMs: number,
  sinceMs = Number.NEGATIVE_INFINITY,
): Due | undefined {
  const { timeZone, startingDeadlineSeconds } = spec
  const last = timeToMs(status.lastScheduleTime) ?? timeToMs(metadata.creationTimestamp) ?? nowMs
  const base = Math.max(last, sinceMs)
  const latest = latestCronTime(schedule, base, nowMs, timeZone)
  const next = nextCronTime(schedule, latest ?? base, timeZone)
  if (next === undefined) return undefined
  const waitMs = next + DELTA_MS - nowMs
  if (latest === undefined) return { hasMissedMany: false, waitMs }
  const patienceMs = (startingDeadlineSeconds ?? Number.POSITIVE_INFINITY) * 1000
  if (latest + patienceMs < nowMs) return { missedAtMs: latest, hasMissedMany: false, waitMs }
  const earliest = Math.max(base, nowMs - patienceMs)
  const zone = timeZone === undefined ? {} : { timeZone }
  const missed = countCronTimes(schedule, earliest, nowMs, { ...zone, max: MISSED_MAX + 1 })
  return { atMs: latest, hasMissedMany: missed > MISSED_MAX, waitMs }
}
