/** Which run of a CronJob is due, and how long until the next. */
import { expect, test } from 'vitest'
import type { CronJob } from '#api/kinds/batch/cron-job.ts'
import { dueRun, scheduleOf } from './cronjob-schedule.ts'

const at = (clock: string): number => Date.parse(`2030-01-01T${clock}Z`)
const CREATED = '2030-01-01T10:00:30Z'

const cronJob = (spec: object, status: object = {}) =>
  ({ metadata: { creationTimestamp: CREATED }, spec, status }) as unknown as CronJob

test.for([
  { name: 'nothing yet', now: '10:59:59', next: '11:00:00' },
  { name: 'on time', now: '11:00:00', due: '11:00:00', next: '12:00:00' },
  { name: 'a little late', now: '11:00:09', due: '11:00:00', next: '12:00:00' },
  { name: 'the latest of many', now: '15:30:00', due: '15:00:00', next: '16:00:00' },
  { name: 'started already', last: '15:00:00', now: '15:30:00', next: '16:00:00' },
  {
    name: 'later than last time',
    last: '13:00:00',
    now: '15:30:00',
    due: '15:00:00',
    next: '16:00:00',
  },
  {
    name: 'late, but not too late',
    deadline: 1800,
    now: '15:30:00',
    due: '15:00:00',
    next: '16:00:00',
  },
  { name: 'too late', deadline: 1799, now: '15:30:00', missed: '15:00:00', next: '16:00:00' },
  { name: 'a schedule that is newer', since: '15:00:01', now: '15:30:00', next: '16:00:00' },
  {
    name: 'from the start of an interval',
    schedule: '@every 7m',
    now: '10:14:29',
    due: '10:07:30',
    next: '10:14:30',
  },
  {
    name: 'from the last of an interval',
    schedule: '@every 7m',
    last: '11:00:00',
    now: '11:15:00',
    due: '11:14:00',
    next: '11:21:00',
  },
  {
    name: 'in a time zone',
    timeZone: 'Asia/Kathmandu',
    now: '11:14:59',
    due: '10:15:00',
    next: '11:15:00',
  },
  { name: 'a clock that was set back', last: '18:00:00', now: '15:30:00', next: '19:00:00' },
])(
  '$name',
  ({ schedule = '0 * * * *', last, deadline, timeZone, since, now, due, missed, next }) => {
    const spec = { schedule, timeZone, startingDeadlineSeconds: deadline }
    const of = cronJob(spec, last ? { lastScheduleTime: `2030-01-01T${last}Z` } : {})
    const found = dueRun(of, scheduleOf(of) as never, at(now), since ? at(since) : undefined)
    expect(found).toEqual({
      hasMissedMany: false,
      waitMs: at(next) + 100 - at(now),
      ...(due && { atMs: at(due) }),
      ...(missed && { missedAtMs: at(missed) }),
    })
  },
)

test.for([
  ['11:40:30', false],
  ['11:41:00', true],
] as const)('a hundred missed runs are not many: %s', ([now, hasMissedMany]) => {
  const of = cronJob({ schedule: '* * * * *' })
  expect(dueRun(of, scheduleOf(of) as never, at(now))).toMatchObject({ hasMissedMany })
  const patient = cronJob({ schedule: '* * * * *', startingDeadlineSeconds: 300 })
  expect(dueRun(patient, scheduleOf(of) as never, at(now))).toMatchObject({ hasMissedMany: false })
})

test('a schedule may never come, or not be one', () => {
  const never = cronJob({ schedule: '59 23 31 2 *' })
  expect(dueRun(never, scheduleOf(never) as never, at('11:00:00'))).toBeUndefined()
  expect(scheduleOf(cronJob({ schedule: 'often' }))).toBeInstanceOf(Error)
})
