/** CronJobs and their Jobs, against a real API server on a clock that the test moves. */
import { describe, expect, test } from 'vitest'
import { CronJob, type cronJobSpec } from '#api/kinds/batch/cron-job.ts'
import { Job, type JobCondition } from '#api/kinds/batch/job.ts'
import { Event } from '#api/kinds/core/event.ts'
import type { Input } from '#api/schema.ts'
import { epochToTime } from '#api/time.ts'
import { controllerOf } from '#client/cache.ts'
import { ManualClock } from '#daemon/clock.ts'
import { type Cluster, startCluster } from '#test/cluster.ts'
import { elapse } from '#test/elapse.ts'
import { cronJobController } from './cronjob.ts'

const START = Date.UTC(2030, 0, 1, 0, 0, 30)
const MINUTE_MS = 60_000
const place = { name: 'report', namespace: 'default' }

const jobTemplate = {
  metadata: { labels: { app: 'report' }, annotations: { team: 'a' } },
  spec: {
    template: {
      spec: { restartPolicy: 'Never' as const, containers: [{ name: 'main', image: 'report:1' }] },
    },
  },
}
const cronJob = (spec: Partial<Input<typeof cronJobSpec>> = {}) => ({
  metadata: place,
  spec: { schedule: '* * * * *', jobTemplate, ...spec },
})

const startCron = () =>
  startCluster({ controllers: [cronJobController()], clock: new ManualClock(START) })

const nameAt = (minutes: number) => `report-${Math.floor(START / MINUTE_MS) + minutes}`

const namesOf = async ({ client }: Cluster) =>
  (await client.list(Job)).map(({ metadata }) => metadata.name).toSorted()

const statusOf = async ({ client }: Cluster) => (await client.get(CronJob, place)).status

const activeOf = async (cluster: Cluster) =>
  ((await statusOf(cluster)).active ?? []).map(({ name }) => name)

/** In the order in which they were sent; how often is left out. */
async function messages({ client }: Cluster): Promise<readonly string[]> {
  const events = (await client.list(Event)).toSorted(
    (a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion),
  )
  return events.map(({ type, reason, message }) => `${type} ${reason}: ${message}`)
}

/** As the controller of Jobs would say it. */
async function finish(cluster: Cluster, name: string, type: 'Complete' | 'Failed') {
  const { client, clock } = cluster
  const job = await client.get(Job, { name, namespace: 'default' })
  const now = epochToTime(Math.floor(clock.now() / 1000))
  const first = type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget'
  const conditions: JobCondition[] = [first, type].map((each) => ({
    type: each as JobCondition['type'],
    status: 'True',
    lastProbeTime: now,
    lastTransitionTime: now,
  }))
  const completionTime = type === 'Complete' ? { completionTime: now } : {}
  await client.updateStatus(Job, job, { conditions, startTime: now, ...completionTime })
  await cluster.settle()
}

test('a CronJob starts a Job whenever its schedule says so', async () => {
  await using cluster = await startCron()
  const { client } = cluster
  const made = await client.create(CronJob, cronJob({ timeZone: 'Europe/Berlin' }))
  await elapse(cluster, 29_000)
  expect(await namesOf(cluster)).toEqual([])
  await elapse(cluster, 2000)
  const [job, ...others] = await client.list(Job)
  expect(others).toEqual([])
  expect(job!.metadata).toMatchObject({
    name: nameAt(1),
    labels: { app: 'report' },
    annotations: {
      team: 'a',
      'batch.kubernetes.io/cronjob-scheduled-timestamp': '2030-01-01T01:01:00+01:00',
    },
  })
  expect(controllerOf(job!)).toEqual({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    name: 'report',
    uid: made.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  })
  expect(await statusOf(cluster)).toEqual({
    active: [
      {
        kind: 'Job',
        apiVersion: 'batch/v1',
        namespace: 'default',
        name: nameAt(1),
        uid: job!.metadata.uid,
        resourceVersion: job!.metadata.resourceVersion,
      },
    ],
    lastScheduleTime: '2030-01-01T00:01:00Z',
  })
  await finish(cluster, nameAt(1), 'Complete')
  expect(await statusOf(cluster)).toEqual({
    lastScheduleTime: '2030-01-01T00:01:00Z',
    lastSuccessfulTime: '2030-01-01T00:01:01Z',
  })
  expect(await messages(cluster)).toEqual([
    `Normal SuccessfulCreate: Created job ${nameAt(1)}`,
    `Normal SawCompletedJob: Saw completed job: ${nameAt(1)}, condition: Complete`,
  ])
  await elapse(cluster, MINUTE_MS)
  expect(await namesOf(cluster)).toEqual([nameAt(1), nameAt(2)])
  expect(cluster.logged).toEqual([])
})

describe('while a Job is at work', () => {
  test('Allow starts another', async () => {
    await using cluster = await startCron()
    await cluster.client.create(CronJob, cronJob())
    await elapse(cluster, 2 * MINUTE_MS)
    expect(await activeOf(cluster)).toEqual([nameAt(1), nameAt(2)])
  })

  test('Forbid waits, and makes up for the latest run that it missed', async () => {
    await using cluster = await startCron()
    await cluster.client.create(CronJob, cronJob({ concurrencyPolicy: 'Forbid' }))
    await elapse(cluster, 3 * MINUTE_MS)
    expect(await namesOf(cluster)).toEqual([nameAt(1)])
    expect(await messages(cluster)).toContain(
      'Normal JobAlreadyActive: Not starting job because prior execution is running and concurrency policy is Forbid',
    )
    await finish(cluster, nameAt(1), 'Failed')
    expect(await activeOf(cluster)).toEqual([nameAt(3)])
    expect((await statusOf(cluster)).lastSuccessfulTime).toBeUndefined()
    expect(cluster.logged).toEqual([])
  })

  test('Replace deletes it', async () => {
    await using cluster = await startCron()
    await cluster.client.create(CronJob, cronJob({ concurrencyPolicy: 'Replace' }))
    await elapse(cluster, 2 * MINUTE_MS)
    expect(await namesOf(cluster)).toEqual([nameAt(2)])
    expect(await activeOf(cluster)).toEqual([nameAt(2)])
    expect(await messages(cluster)).toEqual([
      `Normal SuccessfulCreate: Created job ${nameAt(1)}`,
      `Normal SuccessfulDelete: Deleted job ${nameAt(1)}`,
      `Normal SuccessfulCreate: Created job ${nameAt(2)}`,
    ])
  })
})

test('of Jobs that have ended, the oldest beyond the limits are deleted', async () => {
  await using cluster = await startCron()
  const limits = { successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 0 }
  await cluster.client.create(CronJob, cronJob(limits))
  await elapse(cluster, MINUTE_MS)
  await finish(cluster, nameAt(1), 'Complete')
  await elapse(cluster, MINUTE_MS)
  await finish(cluster, nameAt(2), 'Failed')
  expect(await namesOf(cluster)).toEqual([nameAt(1)])
  await elapse(cluster, MINUTE_MS)
  await finish(cluster, nameAt(3), 'Complete')
  expect(await namesOf(cluster)).toEqual([nameAt(3)])
  expect(await activeOf(cluster)).toEqual([])
  expect(cluster.logged).toEqual([])
})

test('suspended it starts nothing; resumed it makes up for the latest run only', async () => {
  await using cluster = await startCron()
  const { client } = cluster
  await client.create(CronJob, cronJob({ suspend: true, schedule: '@every 90s' }))
  await elapse(cluster, 5 * MINUTE_MS)
  expect(await namesOf(cluster)).toEqual([])
  await client.patch(CronJob, place, { spec: { suspend: false } })
  await cluster.settle()
  expect(await statusOf(cluster)).toMatchObject({ lastScheduleTime: '2030-01-01T00:05:00Z' })
  await elapse(cluster, 91_000)
  expect(await statusOf(cluster)).toMatchObject({ lastScheduleTime: '2030-01-01T00:06:30Z' })
})

test('a run that is later than its deadline is given up, and said to be', async () => {
  await using cluster = await startCron()
  const { client } = cluster
  const spec = { schedule: '0 * * * *', startingDeadlineSeconds: 60, suspend: true }
  await client.create(CronJob, cronJob(spec))
  await cluster.settle()
  cluster.clock.shiftWallClock(65 * MINUTE_MS)
  await client.patch(CronJob, place, { spec: { suspend: false } })
  await cluster.settle()
  await client.patch(CronJob, place, { metadata: { labels: { a: 'b' } } })
  await cluster.settle()
  expect(await namesOf(cluster)).toEqual([])
  expect(await messages(cluster)).toEqual([
    'Warning MissSchedule: Missed scheduled time to start a job: Tue, 01 Jan 2030 01:00:00 +0000',
  ])
  expect((await client.list(Event))[0]!.count).toBe(1)
})

test('a clock that was far behind is worth a warning', async () => {
  await using cluster = await startCron()
  const { client } = cluster
  await client.create(CronJob, cronJob({ suspend: true }))
  await cluster.settle()
  cluster.clock.shiftWallClock(101 * MINUTE_MS)
  await client.patch(CronJob, place, { spec: { suspend: false } })
  await cluster.settle()
  expect(await namesOf(cluster)).toEqual([nameAt(101)])
  expect(await messages(cluster)).toEqual([
    'Warning TooManyMissedTimes: too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
    `Normal SuccessfulCreate: Created job ${nameAt(101)}`,
  ])
})

test('a new schedule does not start what it would have started before it came', async () => {
  await using cluster = await startCron()
  const { client } = cluster
  await client.create(CronJob, cronJob({ schedule: '0 0 1 6 *' }))
  await elapse(cluster, 5 * MINUTE_MS)
  await client.patch(CronJob, place, { spec: { schedule: '* * * * *' } })
  await cluster.settle()
  expect(await namesOf(cluster)).toEqual([])
  await elapse(cluster, MINUTE_MS)
  expect(await namesOf(cluster)).toEqual([nameAt(6)])
})

test('a schedule that never comes is said to be invalid', async () => {
  await using cluster = await startCron()
  await cluster.client.create(CronJob, cronJob({ schedule: '59 23 31 2 *' }))
  await elapse(cluster, MINUTE_MS)
  expect(await messages(cluster)).toEqual([
    'Warning InvalidSchedule: invalid schedule: 59 23 31 2 * : time difference between two schedules is less than 1 second',
  ])
  expect(cluster.logged).toEqual([])
})

describe('Jobs that come and go by other hands', () => {
  test('one that is gone is not active any more', async () => {
    await using cluster = await startCron()
    await cluster.client.create(CronJob, cronJob({ concurrencyPolicy: 'Forbid' }))
    await elapse(cluster, MINUTE_MS)
    const options = { propagationPolicy: 'Background' } as const
    await cluster.client.delete(Job, { name: nameAt(1), namespace: 'default' }, options)
    await cluster.settle()
    expect(await activeOf(cluster)).toEqual([])
    expect(await messages(cluster)).toContain(
      `Normal MissingJob: Active job went missing: ${nameAt(1)}`,
    )
    expect(await statusOf(cluster)).toEqual({ lastScheduleTime: '2030-01-01T00:01:00Z' })
  })

  test('one that nobody expects is reported, and one with a name of ours is not taken', async () => {
    await using cluster = await startCron()
    const { client } = cluster
    const { metadata } = await client.create(CronJob, cronJob())
    const owner = { apiVersion: 'batch/v1', kind: 'CronJob', name: 'report', uid: metadata.uid }
    const jobNamed = (name: string, more: object) => ({
      metadata: { name, namespace: 'default', ...more },
      spec: jobTemplate.spec,
    })
    const owned = { ownerReferences: [{ ...owner, controller: true }] }
    await client.create(Job, jobNamed('by-hand', owned))
    await client.create(Job, jobNamed(nameAt(1), {}))
    await elapse(cluster, MINUTE_MS)
    expect(await activeOf(cluster)).toEqual([])
    expect(await messages(cluster)).toEqual([
      'Warning UnexpectedJob: Saw a job that the controller did not create or forgot: by-hand',
    ])
    await elapse(cluster, MINUTE_MS)
    expect(await activeOf(cluster)).toEqual([nameAt(2)])
  })

  test('one that was created before the status could say so is taken note of', async () => {
    await using cluster = await startCron()
    const { client } = cluster
    const made = await client.create(CronJob, cronJob())
    await elapse(cluster, MINUTE_MS)
    const current = await client.get(CronJob, made)
    await client.updateStatus(CronJob, current, {})
    await cluster.settle()
    expect(await namesOf(cluster)).toEqual([nameAt(1)])
    expect(await activeOf(cluster)).toEqual([nameAt(1)])
    expect(await messages(cluster)).toEqual([`Normal SuccessfulCreate: Created job ${nameAt(1)}`])
  })
})
