/** The finalizer by which pods of Jobs are counted, against a real API server. */
import { describe, expect, test } from 'vitest'
import { Job } from '#api/kinds/batch/job.ts'
import { Namespace } from '#api/kinds/core/namespace.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { controllerOf } from '#client/cache.ts'
import { startCluster } from '#test/cluster.ts'
import { elapse } from '#test/elapse.ts'
import { job, place, startJobs, TRACKING, template, unfinished } from '#test/jobs.ts'
import { jobController } from './job.ts'
import { jobOrphansController } from './job-orphans.ts'
import { namespaceController } from './namespace.ts'

describe('the tracking finalizer', () => {
  test('comes with adoption, and goes when the pod is not selected any more', async () => {
    await using cluster = await startJobs()
    const { client } = cluster
    const orphan = { name: 'orphan', namespace: 'default' }
    const labels = { app: 'work' }
    await client.create(Pod, { metadata: { ...orphan, labels }, spec: template.spec })
    const selected = { ...template, metadata: { labels } }
    const selector = { matchLabels: labels }
    await client.create(Job, job({ manualSelector: true, selector, template: selected }))
    await cluster.settle()
    expect(await client.list(Pod)).toHaveLength(1)
    const adopted = await client.get(Pod, orphan)
    expect(adopted.metadata).toMatchObject({ finalizers: [TRACKING] })
    expect(controllerOf(adopted)?.name).toBe('work')
    await client.patch(Pod, orphan, { metadata: { labels: { app: null } } })
    await cluster.settle()
    const released = await client.get(Pod, orphan)
    expect(released.metadata.finalizers ?? []).toEqual([])
    expect(controllerOf(released)).toBeUndefined()
    expect(await client.list(Pod)).toHaveLength(2)
    expect(cluster.logged).toEqual([])
  })

  test('is taken off pods whose Job is gone, or forgotten', async () => {
    await using cluster = await startJobs()
    const { client } = cluster
    await client.create(Job, job({ completions: 2, parallelism: 2 }))
    await cluster.settle()
    const [one, other] = await unfinished(cluster)
    await client.patch(Pod, one!, { metadata: { ownerReferences: null, labels: null } })
    await cluster.settle()
    expect((await client.get(Pod, one!)).metadata.finalizers ?? []).toEqual([])
    expect((await client.get(Pod, other!)).metadata.finalizers).toEqual([TRACKING])
    await client.delete(Job, place, { propagationPolicy: 'Background' })
    await cluster.settle()
    expect((await client.get(Pod, other!)).metadata.finalizers ?? []).toEqual([])
    expect(cluster.logged).toEqual([])
  })

  test('is taken off all pods of a Job that is being deleted', async () => {
    await using cluster = await startJobs()
    const { client } = cluster
    await client.create(Job, job())
    await cluster.settle()
    await client.delete(Job, place, { propagationPolicy: 'Foreground' })
    await cluster.settle()
    const [pod, ...others] = await client.list(Pod)
    expect(others).toEqual([])
    expect(pod!.metadata.finalizers ?? []).toEqual([])
  })

  test.for([
    {
      name: 'of another controller',
      owner: { kind: 'ReplicaSet', apiVersion: 'apps/v1' },
      keeps: true,
    },
    {
      name: 'of a Job of another group',
      owner: { kind: 'Job', apiVersion: 'example.com/v1' },
      keeps: true,
    },
    {
      name: 'of a Job that is not there',
      owner: { kind: 'Job', apiVersion: 'batch/v1' },
      keeps: false,
    },
  ])('on a pod $name: it keeps it, $keeps', async ({ owner, keeps }) => {
    await using cluster = await startJobs()
    const { client } = cluster
    const metadata = {
      name: 'other',
      namespace: 'default',
      finalizers: [TRACKING],
      ownerReferences: [{ ...owner, name: 'work', uid: 'u', controller: true }],
    }
    await client.create(Pod, { ...template, metadata })
    await cluster.settle()
    const { finalizers = [] } = (await client.get(Pod, metadata)).metadata
    expect(finalizers).toEqual(keeps ? [TRACKING] : [])
  })

  test('does not keep a namespace that goes', async () => {
    const controllers = [jobController(), jobOrphansController, namespaceController]
    await using cluster = await startCluster({ controllers })
    const { client } = cluster
    await client.create(Namespace, { metadata: { name: 'short' } })
    const metadata = { name: 'work', namespace: 'short' }
    await client.create(Job, { ...job({ parallelism: 3 }), metadata })
    await cluster.settle()
    expect(await client.list(Pod)).toHaveLength(3)
    await client.delete(Namespace, { name: 'short' })
    await elapse(cluster, 60_000)
    expect(await client.list(Pod)).toEqual([])
    expect(await client.find(Namespace, { name: 'short' })).toBeUndefined()
  })
})
