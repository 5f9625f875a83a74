/** ReplicaSets: the rules as tables, the behaviour against a real API server. */
import { expect, test } from 'vitest'
import { ReplicaSet } from '#api/kinds/apps/replica-set.ts'
import { Event } from '#api/kinds/core/event.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { ResourceQuota } from '#api/kinds/core/resource-quota.ts'
import { controllerOf } from '#client/cache.ts'
import { startCluster } from '#test/cluster.ts'
import { report, runPods, template, webSelector } from '#test/workloads.ts'
import { replicaSetController } from './replicaset.ts'
import { planReplicas } from './replicaset-plan.ts'

const NOW = Date.UTC(2030, 0, 1)

const replicaSet = (replicas: number, more: object = {}) => ({
  metadata: { name: 'web', namespace: 'default' },
  spec: { replicas, selector: webSelector, template: template(), ...more },
})

const stored = (replicas: number, more: object = {}) =>
  ({ ...replicaSet(replicas, more), status: { replicas: 0 } }) as unknown as ReplicaSet

const pod = (name: string, phase: string, more: object = {}, readyAt?: string) => {
  const conditions = readyAt
    ? [{ type: 'Ready', status: 'True', lastTransitionTime: readyAt }]
    : undefined
  return {
    metadata: { name, uid: name, labels: { app: 'web' }, ...more },
    spec: { nodeName: 'n1' },
    status: { phase, conditions },
  } as unknown as Pod
}

const ready = (name: string, at = '2029-12-31T00:00:00Z') => pod(name, 'Running', {}, at)
const deleted = { deletionTimestamp: '2029-12-31T00:00:00Z' }

test.for([
  { name: 'creates what is missing', want: 3, pods: [ready('a')], create: 2, remove: [] },
  {
    name: 'a failed pod does not count',
    want: 1,
    pods: [pod('a', 'Failed')],
    create: 1,
    remove: [],
  },
  {
    name: 'nor one that goes',
    want: 1,
    pods: [pod('a', 'Running', deleted)],
    create: 1,
    remove: [],
  },
  {
    name: 'pending first',
    want: 1,
    pods: [ready('a'), pod('b', 'Pending')],
    create: 0,
    remove: ['b'],
  },
  { name: 'one burst at most', want: 100_000, pods: [], create: 500, remove: [] },
])('planReplicas(): $name', ({ want, pods, create, remove }) => {
  const plan = planReplicas(stored(want), pods, pods, NOW)
  expect(plan.create).toBe(create)
  expect(plan.remove.map(({ metadata }) => metadata.name)).toEqual(remove)
})

test('planReplicas() leaves the pods of an owner that goes to the garbage collector', () => {
  const owner = stored(0)
  Object.assign(owner.metadata, deleted)
  expect(planReplicas(owner, [ready('a')], [], NOW)).toMatchObject({ create: 0, remove: [] })
})

test('planReplicas() counts, and comes back when a pod will be available', () => {
  const pods = [
    ready('old'),
    ready('new', '2029-12-31T23:59:50Z'),
    pod('bare', 'Running', { labels: {} }),
    pod('going', 'Running', deleted),
    pod('done', 'Succeeded'),
  ]
  const plan = planReplicas(stored(3, { minReadySeconds: 30 }), pods, pods, NOW)
  expect(plan.status).toEqual({
    replicas: 3,
    fullyLabeledReplicas: 2,
    readyReplicas: 2,
    availableReplicas: 1,
    terminatingReplicas: 1,
  })
  expect(plan.requeueAfterMs).toBe(20_000)
})

test('a ReplicaSet makes its pods, counts them, and replaces one that is deleted', async () => {
  await using cluster = await startCluster({ controllers: [replicaSetController] })
  const { client } = cluster
  const made = await client.create(ReplicaSet, replicaSet(3))
  await runPods(cluster)
  const pods = await client.list(Pod)
  expect(pods).toHaveLength(3)
  expect(pods[0]!.metadata).toMatchObject({
    generateName: 'web-',
    labels: { app: 'web' },
    ownerReferences: [
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        name: 'web',
        uid: made.metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
  })
  const counted = {
    replicas: 3,
    fullyLabeledReplicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
    terminatingReplicas: 0,
    observedGeneration: 1,
  }
  expect((await client.get(ReplicaSet, made)).status).toEqual(counted)
  const events = await client.list(Event)
  expect(events.map(({ message }) => message).toSorted()).toEqual(
    pods.map(({ metadata }) => `Created pod: ${metadata.name}`).toSorted(),
  )
  expect(events[0]!).toMatchObject({
    reason: 'SuccessfulCreate',
    type: 'Normal',
    source: { component: 'replicaset-controller' },
  })
  await client.delete(Pod, pods[0]!)
  await cluster.settle()
  expect(await client.list(Pod)).toHaveLength(3)
  expect(cluster.logged).toEqual([])
})

test('fewer are wanted: the pod that costs least goes, and an event names it', async () => {
  await using cluster = await startCluster({ controllers: [replicaSetController] })
  const { client } = cluster
  const made = await client.create(ReplicaSet, replicaSet(3))
  await runPods(cluster)
  const cheap = (await client.list(Pod))[1]!
  const annotations = { 'controller.kubernetes.io/pod-deletion-cost': '-5' }
  await client.patch(Pod, cheap, { metadata: { annotations } })
  await client.patch(ReplicaSet, made, { spec: { replicas: 2 } })
  await cluster.settle()
  const names = (await client.list(Pod)).map(({ metadata }) => metadata.name)
  expect(names).toHaveLength(2)
  expect(names).not.toContain(cheap.metadata.name)
  const deletion = (await client.list(Event)).find(({ reason }) => reason === 'SuccessfulDelete')
  expect(deletion?.message).toBe(`Deleted pod: ${cheap.metadata.name}`)
})

test('takes up orphans that it selects, and lets go of pods that it does not', async () => {
  await using cluster = await startCluster({ controllers: [replicaSetController] })
  const { client } = cluster
  const place = { name: 'orphan', namespace: 'default' }
  await client.create(Pod, { ...template(), metadata: { ...place, labels: { app: 'web' } } })
  const made = await client.create(ReplicaSet, replicaSet(2))
  await cluster.settle()
  const pods = await client.list(Pod)
  expect(pods).toHaveLength(2)
  for (const each of pods) expect(controllerOf(each)?.uid).toBe(made.metadata.uid)
  await client.patch(
    Pod,
    { name: 'orphan', namespace: 'default' },
    { metadata: { labels: { app: 'debug' } } },
  )
  await cluster.settle()
  const released = await client.get(Pod, { name: 'orphan', namespace: 'default' })
  expect(released.metadata.ownerReferences ?? []).toEqual([])
  expect(await client.list(Pod)).toHaveLength(3)
  // An orphan that appears later is one too many; the youngest or least ready goes.
  await client.patch(Pod, released, { metadata: { labels: { app: 'web' } } })
  await cluster.settle()
  expect(await client.list(Pod)).toHaveLength(2)
  expect(cluster.logged).toEqual([])
})

test('pods become available after minReadySeconds, without any change in between', async () => {
  await using cluster = await startCluster({ controllers: [replicaSetController] })
  const { client } = cluster
  const made = await client.create(ReplicaSet, replicaSet(1, { minReadySeconds: 30 }))
  await runPods(cluster)
  expect((await client.get(ReplicaSet, made)).status.availableReplicas).toBeUndefined()
  cluster.clock.jump(30_000)
  await cluster.settle()
  expect((await client.get(ReplicaSet, made)).status.availableReplicas).toBe(1)
})

test('a failure is a condition and an event until it is over, and is not repeated often', async () => {
  await using cluster = await startCluster({ controllers: [replicaSetController] })
  const { client } = cluster
  const quota = await client.create(ResourceQuota, {
    metadata: { name: 'none', namespace: 'default' },
    spec: { hard: { pods: '1' } },
  })
  await client.updateStatus(ResourceQuota, quota, { hard: { pods: '1' }, used: { pods: '0' } })
  const made = await client.create(ReplicaSet, replicaSet(50))
  await expect(cluster.settle()).rejects.toThrow('work still fails')
  const { status } = await client.get(ReplicaSet, made)
  expect(status.conditions).toMatchObject([
    { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' },
  ])
  expect(status.conditions?.[0]?.message).toContain('exceeded quota: none')
  expect(status.replicas).toBe(1)
  const failed = (await client.list(Event)).find(({ reason }) => reason === 'FailedCreate')
  expect(failed).toMatchObject({ type: 'Warning' })
  expect(failed?.message).toMatch(/^Error creating: pods "web-.*" is forbidden: exceeded quota/)
  await client.delete(ResourceQuota, quota)
  await cluster.settle()
  cluster.clock.jump(2_000_000)
  await cluster.settle()
  const after = await client.get(ReplicaSet, made)
  expect(after.status).toMatchObject({ replicas: 50 })
  expect(after.status.conditions).toBeUndefined()
})

test('a pod that fails is replaced and kept', async () => {
  await using cluster = await startCluster({ controllers: [replicaSetController] })
  const { client } = cluster
  await client.create(ReplicaSet, replicaSet(1))
  await cluster.settle()
  await report(cluster, (await client.list(Pod))[0]!, { phase: 'Failed' })
  await cluster.settle()
  const phases = (await client.list(Pod)).map(({ status }) => status.phase).toSorted()
  expect(phases).toEqual(['Failed', 'Pending'])
})
