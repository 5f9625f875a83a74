/** Jobs of many pods: more than are created, removed or counted in one go. */
import { expect, test } from 'vitest'
import { Job } from '#api/kinds/batch/job.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { startCluster } from '#test/cluster.ts'
import { report } from '#test/workloads.ts'
import { jobController } from './job.ts'
import { isTracked } from './job-pods.ts'

const COUNT = 1200
/** As many as events about them can be reported at once. */
const FEWER = 800
const place = { name: 'work', namespace: 'default' }
const template = {
  spec: { restartPolicy: 'Never' as const, containers: [{ name: 'main', image: 'work:1' }] },
}
const modes = ['NonIndexed', 'Indexed'] as const

test.for(modes)('%s: all pods succeed', { timeout: 60_000 }, async (completionMode) => {
  await using cluster = await startCluster({ controllers: [jobController()] })
  const { client } = cluster
  const spec = { template, completions: COUNT, parallelism: COUNT, completionMode }
  await client.create(Job, { metadata: place, spec })
  await cluster.settle()
  expect((await client.get(Job, place)).status.active).toBe(COUNT)
  const pods = await client.list(Pod)
  await Promise.all(pods.map((pod) => report(cluster, pod, { phase: 'Succeeded' })))
  await cluster.settle()
  const { status } = await client.get(Job, place)
  expect(status).toMatchObject({ succeeded: COUNT, uncountedTerminatedPods: {} })
  expect(status.completedIndexes).toBe(completionMode === 'Indexed' ? '0-1199' : undefined)
  expect(status.conditions?.map(({ type }) => type)).toEqual(['SuccessCriteriaMet', 'Complete'])
  const left = await client.list(Pod)
  expect(left).toHaveLength(COUNT)
  expect(left.filter(isTracked)).toEqual([])
  expect(cluster.logged).toEqual([])
})

test('one that fails gives up all of them', { timeout: 60_000 }, async () => {
  await using cluster = await startCluster({ controllers: [jobController()] })
  const { client } = cluster
  const spec = { template, completions: FEWER, parallelism: FEWER, backoffLimit: 0 }
  await client.create(Job, { metadata: place, spec })
  await cluster.settle()
  await report(cluster, (await client.list(Pod))[0]!, { phase: 'Failed' })
  await cluster.settle()
  const { status } = await client.get(Job, place)
  expect(status).toMatchObject({ failed: FEWER, terminating: 0, uncountedTerminatedPods: {} })
  expect(status.conditions?.map(({ type }) => type)).toEqual(['FailureTarget', 'Failed'])
  expect(await client.list(Pod)).toHaveLength(1)
  expect(cluster.logged).toEqual([])
})
