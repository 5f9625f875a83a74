/** Jobs with their pods, against a real API server; a stand-in reports how pods end. */
import { expect, test } from 'vitest'
import { Job } from '#api/kinds/batch/job.ts'
import { Event } from '#api/kinds/core/event.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { ResourceQuota } from '#api/kinds/core/resource-quota.ts'
import { controllerOf } from '#client/cache.ts'
import { elapse } from '#test/elapse.ts'
import {
  conditions,
  end,
  job,
  messages,
  place,
  startJobs,
  statusOf,
  TRACKING,
  template,
  unfinished,
} from '#test/jobs.ts'
import { report } from '#test/workloads.ts'

test('a Job runs as many pods as it may until enough have succeeded', async () => {
  await using cluster = await startJobs()
  const { client } = cluster
  const made = await client.create(Job, job({ completions: 3, parallelism: 2 }))
  await cluster.settle()
  const first = await client.list(Pod)
  expect(first).toHaveLength(2)
  expect(first[0]!.metadata).toMatchObject({
    generateName: 'work-',
    finalizers: [TRACKING],
    labels: { 'batch.kubernetes.io/job-name': 'work' },
  })
  expect(controllerOf(first[0]!)).toMatchObject({ kind: 'Job', uid: made.metadata.uid })
  await report(cluster, first[0]!)
  await cluster.settle()
  const startTime = '2030-01-01T00:00:00Z'
  expect(await statusOf(cluster)).toEqual({
    startTime,
    active: 2,
    ready: 1,
    terminating: 0,
    uncountedTerminatedPods: {},
  })
  await elapse(cluster, 5000)
  await end(cluster, first, 'Succeeded')
  expect(await statusOf(cluster)).toMatchObject({ active: 1, succeeded: 2 })
  await end(cluster, await unfinished(cluster), 'Succeeded')
  expect(await statusOf(cluster)).toMatchObject({
    succeeded: 3,
    ready: 0,
    terminating: 0,
    startTime,
    completionTime: '2030-01-01T00:00:05Z',
    uncountedTerminatedPods: {},
  })
  const because = 'CompletionsReached: Reached expected number of succeeded pods'
  expect(await conditions(cluster)).toEqual([
    `SuccessCriteriaMet=True ${because}`,
    `Complete=True ${because}`,
  ])
  expect(await messages(cluster)).toEqual(['Normal Completed: Job completed'])
  const pods = await client.list(Pod)
  expect(pods.map(({ metadata }) => metadata.finalizers ?? [])).toEqual([[], [], []])
  expect(cluster.logged).toEqual([])
})

test('pods that share a queue end together, once one has found no more work', async () => {
  await using cluster = await startJobs()
  await cluster.client.create(Job, job({ parallelism: 3 }))
  await cluster.settle()
  const [one, ...others] = await unfinished(cluster)
  await end(cluster, [one!], 'Succeeded')
  expect(await statusOf(cluster)).toMatchObject({ active: 2, succeeded: 1 })
  await end(cluster, [others[0]!], 'Failed')
  expect(await statusOf(cluster)).toMatchObject({ active: 1, succeeded: 1, failed: 1 })
  expect(await cluster.client.list(Pod)).toHaveLength(3)
  await end(cluster, [others[1]!], 'Succeeded')
  expect(await statusOf(cluster)).toMatchObject({ succeeded: 2, failed: 1 })
  expect(await conditions(cluster)).toHaveLength(2)
})

test('failed pods are replaced after 10, 20, 40 s, and too many of them fail the Job', async () => {
  await using cluster = await startJobs()
  await cluster.client.create(Job, job({ backoffLimit: 2 }))
  await cluster.settle()
  for (const [failures, delayMs] of [
    [1, 10_000],
    [2, 20_000],
  ] as const) {
    await end(cluster, await unfinished(cluster), 'Failed')
    expect(await statusOf(cluster)).toMatchObject({ failed: failures })
    await elapse(cluster, delayMs - 1)
    expect(await unfinished(cluster)).toHaveLength(0)
    await elapse(cluster, 1)
    expect(await unfinished(cluster)).toHaveLength(1)
  }
  await end(cluster, await unfinished(cluster), 'Failed')
  expect(await statusOf(cluster)).toMatchObject({ failed: 3 })
  const because = 'BackoffLimitExceeded: Job has reached the specified backoff limit'
  expect(await conditions(cluster)).toEqual([
    `FailureTarget=True ${because}`,
    `Failed=True ${because}`,
  ])
  expect(await messages(cluster)).toEqual([`Warning ${because}`])
  expect(cluster.logged).toEqual([])
})

test('a failed Job removes the pods that it still has, and counts them', async () => {
  await using cluster = await startJobs()
  await cluster.client.create(Job, job({ completions: 3, parallelism: 3, backoffLimit: 0 }))
  await cluster.settle()
  const [one] = await unfinished(cluster)
  await end(cluster, [one!], 'Failed')
  expect(await statusOf(cluster)).toMatchObject({ failed: 3, terminating: 0 })
  expect((await statusOf(cluster)).active).toBeUndefined()
  expect(await cluster.client.list(Pod)).toHaveLength(1)
  expect(await conditions(cluster)).toHaveLength(2)
})

test('a deadline counts from the start, and not while a Job is suspended', async () => {
  await using cluster = await startJobs()
  const { client } = cluster
  await client.create(Job, job({ activeDeadlineSeconds: 60, suspend: true }))
  await cluster.settle()
  expect(await statusOf(cluster)).toMatchObject({ conditions: [{ type: 'Suspended' }] })
  expect((await statusOf(cluster)).startTime).toBeUndefined()
  await elapse(cluster, 100_000)
  await client.patch(Job, place, { spec: { suspend: false } })
  await cluster.settle()
  expect(await statusOf(cluster)).toMatchObject({ active: 1, startTime: '2030-01-01T00:01:40Z' })
  await elapse(cluster, 30_000)
  await client.patch(Job, place, { spec: { suspend: true } })
  await cluster.settle()
  expect(await client.list(Pod)).toEqual([])
  expect((await statusOf(cluster)).startTime).toBeUndefined()
  await elapse(cluster, 100_000)
  await client.patch(Job, place, { spec: { suspend: false } })
  await cluster.settle()
  expect(await statusOf(cluster)).toMatchObject({ active: 1, startTime: '2030-01-01T00:03:50Z' })
  expect(await messages(cluster)).toEqual([
    'Normal Suspended: Job suspended',
    'Normal Resumed: Job resumed',
  ])
  await elapse(cluster, 59_999)
  expect(await conditions(cluster)).toEqual(['Suspended=False JobResumed: Job resumed'])
  await elapse(cluster, 1)
  expect((await conditions(cluster)).slice(1)).toEqual([
    'FailureTarget=True DeadlineExceeded: Job was active longer than specified deadline',
    'Failed=True DeadlineExceeded: Job was active longer than specified deadline',
  ])
  expect(await client.list(Pod)).toEqual([])
})

test('a Job that may not lose any pod ends when it is suspended', async () => {
  await using cluster = await startJobs()
  const { client } = cluster
  await client.create(Job, job({ backoffLimit: 0 }))
  await cluster.settle()
  await client.patch(Job, place, { spec: { suspend: true } })
  await elapse(cluster, 60_000)
  expect(await messages(cluster)).toEqual([
    'Normal Suspended: Job suspended',
    'Warning BackoffLimitExceeded: Job has reached the specified backoff limit',
  ])
  expect(await statusOf(cluster)).toMatchObject({ failed: 1, startTime: '2030-01-01T00:00:00Z' })
  expect(cluster.logged).toEqual([])
})

test('a suspended Job may go on with other resources on other nodes', async () => {
  await using cluster = await startJobs()
  const { client } = cluster
  await client.create(Job, job())
  await cluster.settle()
  const resources = { requests: { cpu: '2' }, limits: { memory: '1Gi' } }
  const containers = [{ ...template.spec.containers[0], resources }]
  const spec = { template: { spec: { containers, nodeSelector: { zone: 'a' } } } }
  const change = () => client.patch(Job, place, { spec }, { type: 'strategic' })
  await expect(change()).rejects.toThrow('spec.template: Invalid value')
  await client.patch(Job, place, { spec: { suspend: true } })
  await cluster.settle()
  await change()
  await client.patch(Job, place, { spec: { suspend: false } })
  await elapse(cluster, 10_000)
  const [pod] = await unfinished(cluster)
  expect(pod!.spec).toMatchObject({ nodeSelector: { zone: 'a' }, containers: [{ resources }] })
})

test.for([false, true])(
  'a Job that has nothing to do is over at once, suspended: %s',
  async (suspend) => {
    await using cluster = await startJobs()
    await cluster.client.create(Job, job({ completions: 0, suspend }))
    await cluster.settle()
    expect(await statusOf(cluster)).toMatchObject({ completionTime: '2030-01-01T00:00:00Z' })
    expect(await cluster.client.list(Pod)).toEqual([])
    expect(cluster.logged).toEqual([])
  },
)

test('a Job that cannot create its pods says so, and goes on when it can', async () => {
  await using cluster = await startJobs()
  const { client } = cluster
  const spec = { hard: { pods: '1' } }
  const place = { name: 'few', namespace: 'default' }
  const quota = await client.create(ResourceQuota, { metadata: place, spec })
  await client.updateStatus(ResourceQuota, quota, { ...spec, used: { pods: '0' } })
  await client.create(Job, job({ completions: 3, parallelism: 3 }))
  await expect(cluster.settle()).rejects.toThrow('work still fails')
  expect(await statusOf(cluster)).toMatchObject({ active: 1 })
  const failed = (await client.list(Event)).find(({ reason }) => reason === 'FailedCreate')
  expect(failed?.message).toMatch(/^Error creating: pods "work-.*" is forbidden: exceeded quota/)
  await client.delete(ResourceQuota, place)
  await cluster.settle()
  expect(await statusOf(cluster)).toMatchObject({ active: 3 })
})

test('somebody else manages it: nothing is done', async () => {
  await using cluster = await startJobs()
  await cluster.client.create(Job, job({ managedBy: 'example.com/other' }))
  await cluster.settle()
  expect(await cluster.client.list(Pod)).toEqual([])
  expect(await statusOf(cluster)).toEqual({})
})
