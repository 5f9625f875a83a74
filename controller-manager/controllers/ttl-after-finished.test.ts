/** Jobs that are deleted some time after their end. */
import { expect, test } from 'vitest'
import { Job } from '#api/kinds/batch/job.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { type Cluster, startCluster } from '#test/cluster.ts'
import { elapse } from '#test/elapse.ts'
import { report } from '#test/workloads.ts'
import { jobController } from './job.ts'
import { timeLeftMs, ttlAfterFinishedController } from './ttl-after-finished.ts'

const place = { name: 'work', namespace: 'default' }
const deletionTimestamp = '2030-01-01T00:00:00Z'
const ended = (type: string, status = 'True') => [
  { type, status, lastTransitionTime: '2030-01-01T00:00:00Z' },
]

test.for([
  { name: 'it is at work', ttl: 60, conditions: [], left: undefined },
  {
    name: 'it ends, and has not yet',
    ttl: 60,
    conditions: ended('FailureTarget'),
    left: undefined,
  },
  { name: 'it has no limit', conditions: ended('Complete'), left: undefined },
  { name: 'it has succeeded', ttl: 60, conditions: ended('Complete'), left: 30_000 },
  { name: 'it has failed', ttl: 10, conditions: ended('Failed'), left: -20_000 },
  { name: 'it has not failed', ttl: 10, conditions: ended('Failed', 'False'), left: undefined },
  {
    name: 'it is being deleted',
    ttl: 10,
    metadata: { deletionTimestamp },
    conditions: ended('Failed'),
    left: undefined,
  },
])('timeLeftMs(): $name', ({ ttl, metadata = {}, conditions, left }) => {
  const spec = ttl === undefined ? {} : { ttlSecondsAfterFinished: ttl }
  const job = { metadata, spec, status: { conditions } } as unknown as Job
  expect(timeLeftMs(job, Date.UTC(2030, 0, 1, 0, 0, 30))).toBe(left)
})

test('timeLeftMs() wants to know when it ended', () => {
  const job = {
    metadata: place,
    spec: { ttlSecondsAfterFinished: 1 },
    status: { conditions: [{ type: 'Failed', status: 'True' }] },
  } as unknown as Job
  expect(() => timeLeftMs(job, 0)).toThrow(
    'unable to find the time when the Job default/work finished',
  )
})

async function endedJob(cluster: Cluster, ttlSecondsAfterFinished: number): Promise<void> {
  const { client } = cluster
  const containers = [{ name: 'main', image: 'work:1' }]
  const template = { spec: { restartPolicy: 'Never' as const, containers } }
  await client.create(Job, { metadata: place, spec: { ttlSecondsAfterFinished, template } })
  await cluster.settle()
  for (const pod of await client.list(Pod)) await report(cluster, pod, { phase: 'Succeeded' })
  await cluster.settle()
}

const startJobs = () => startCluster({ controllers: [jobController(), ttlAfterFinishedController] })

test('a Job is deleted with its pods when its time is over', async () => {
  await using cluster = await startJobs()
  await endedJob(cluster, 100)
  await elapse(cluster, 99_000)
  const { metadata } = await cluster.client.get(Job, place)
  expect(metadata.deletionTimestamp).toBeUndefined()
  await elapse(cluster, 1000)
  // The garbage collector, which does not run here, waits for the pods and takes it off.
  expect((await cluster.client.get(Job, place)).metadata).toMatchObject({
    finalizers: ['foregroundDeletion'],
    deletionTimestamp: '2030-01-01T00:01:40Z',
  })
  expect(cluster.logged).toEqual([])
})

test('more time is respected, and none is at once', async () => {
  await using cluster = await startJobs()
  const { client } = cluster
  await endedJob(cluster, 100)
  await elapse(cluster, 90_000)
  await client.patch(Job, place, { spec: { ttlSecondsAfterFinished: 200 } })
  await elapse(cluster, 100_000)
  expect((await client.get(Job, place)).metadata.deletionTimestamp).toBeUndefined()
  await client.patch(Job, place, { spec: { ttlSecondsAfterFinished: 0 } })
  await cluster.settle()
  expect((await client.get(Job, place)).metadata.deletionTimestamp).toBeTruthy()
})
