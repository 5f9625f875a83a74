/** StatefulSets with their pods, claims and revisions, against a real API server. */
import { describe, expect, test } from 'vitest'
import { ControllerRevision } from '#api/kinds/apps/controller-revision.ts'
import { StatefulSet } from '#api/kinds/apps/stateful-set.ts'
import { Event } from '#api/kinds/core/event.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { ResourceQuota } from '#api/kinds/core/resource-quota.ts'
import { controllerOf } from '#client/cache.ts'
import type { Client } from '#client/rest.ts'
import { type Cluster, startCluster } from '#test/cluster.ts'
import { report, runPods, template, webSelector } from '#test/workloads.ts'
import { garbageCollectorController } from './garbage-collector.ts'
import { statefulSetController } from './statefulset.ts'

const controllers = [statefulSetController]
const web = { name: 'web', namespace: 'default' }
const named = (name: string) => ({ name, namespace: 'default' })

const statefulSet = (replicas: number, more: object = {}) => ({
  metadata: web,
  spec: { replicas, serviceName: 'web', selector: webSelector, template: template(), ...more },
})

const setImage = (client: Client, image: string) =>
  client.patch(StatefulSet, web, { spec: { template: template(image) } })

const scale = (client: Client, replicas: number) =>
  client.patch(StatefulSet, web, { spec: { replicas } })

/** `web-0:web:1 …`, in the order of their numbers. */
async function pods(client: Client): Promise<string> {
  const all = (await client.list(Pod)).map(
    ({ metadata, spec }) => `${metadata.name}:${spec.containers?.[0]?.image}`,
  )
  return all.toSorted((a, b) => Number(/\d+/.exec(a)) - Number(/\d+/.exec(b))).join(' ')
}

const podNames = async (client: Client): Promise<string[]> =>
  (await client.list(Pod)).map(({ metadata }) => metadata.name).toSorted()

async function messages(cluster: Cluster): Promise<readonly string[]> {
  const events = await cluster.client.list(Event)
  return events.map(({ reason, message }) => `${reason}: ${message}`)
}

const pod = (client: Client, ordinal: number): Promise<Pod> =>
  client.get(Pod, named(`web-${ordinal}`))

test('pods come one after the other, each with its names, and the status counts them', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  const annotations = { 'kubernetes.io/change-cause': 'first' }
  const made = await client.create(StatefulSet, {
    ...statefulSet(3),
    metadata: { ...web, annotations },
  })
  for (const ordinal of [0, 1, 2]) {
    await cluster.settle()
    expect(await podNames(client)).toEqual(['web-0', 'web-1', 'web-2'].slice(0, ordinal + 1))
    await report(cluster, await pod(client, ordinal))
  }
  await cluster.settle()
  const [revision, ...others] = await client.list(ControllerRevision)
  expect(others).toEqual([])
  expect(revision).toMatchObject({
    metadata: { labels: { app: 'web' }, annotations },
    revision: 1,
    data: { spec: { template: { ...template(), $patch: 'replace' } } },
  })
  const { name } = revision!.metadata
  const hash = revision!.metadata.labels?.['controller.kubernetes.io/hash']
  expect(name).toBe(`web-${hash}`)
  expect(controllerOf(revision!)?.uid).toBe(made.metadata.uid)
  const second = await pod(client, 1)
  expect(second.metadata.labels).toEqual({
    app: 'web',
    'statefulset.kubernetes.io/pod-name': 'web-1',
    'apps.kubernetes.io/pod-index': '1',
    'controller-revision-hash': name,
  })
  expect(second.spec).toMatchObject({ hostname: 'web-1', subdomain: 'web' })
  expect(controllerOf(second)).toMatchObject({ kind: 'StatefulSet', uid: made.metadata.uid })
  expect((await client.get(StatefulSet, web)).status).toEqual({
    observedGeneration: 1,
    replicas: 3,
    readyReplicas: 3,
    currentReplicas: 3,
    updatedReplicas: 3,
    availableReplicas: 3,
    currentRevision: name,
    updateRevision: name,
    collisionCount: 0,
  })
  expect(await messages(cluster)).toEqual(
    [0, 1, 2].map(
      (each) => `SuccessfulCreate: create Pod web-${each} in StatefulSet web successful`,
    ),
  )
  expect(cluster.logged).toEqual([])
})

describe('its number of pods', () => {
  test('shrinks from the top, one at a time, and waits for sick pods', async () => {
    await using cluster = await startCluster({ controllers })
    const { client } = cluster
    const finalizers = ['test.example/hold']
    const held = { ...template(), metadata: { ...template().metadata, finalizers } }
    await client.create(StatefulSet, statefulSet(4, { template: held }))
    await runPods(cluster)
    await report(cluster, await pod(client, 0), { isReady: false })
    await scale(client, 2)
    await cluster.settle()
    const going = async () =>
      (await client.list(Pod))
        .filter(({ metadata }) => metadata.deletionTimestamp)
        .map(({ metadata }) => metadata.name)
    expect(await going()).toEqual([])
    await report(cluster, await pod(client, 0))
    await cluster.settle()
    expect(await going()).toEqual(['web-3'])
    const free = (name: string) =>
      client.patch(Pod, named(name), { metadata: { finalizers: null } })
    await free('web-3')
    await cluster.settle()
    expect(await going()).toEqual(['web-2'])
    await free('web-2')
    await cluster.settle()
    expect(await podNames(client)).toEqual(['web-0', 'web-1'])
    expect(await messages(cluster)).toContain(
      'SuccessfulDelete: delete Pod web-3 in StatefulSet web successful',
    )
    expect(cluster.logged).toEqual([])
  })

  test('counts from the first ordinal, which may move', async () => {
    await using cluster = await startCluster({ controllers })
    const { client } = cluster
    await client.create(StatefulSet, statefulSet(2, { ordinals: { start: 5 } }))
    await runPods(cluster)
    expect(await podNames(client)).toEqual(['web-5', 'web-6'])
    await client.patch(StatefulSet, web, { spec: { ordinals: { start: 6 } } })
    await runPods(cluster)
    expect(await podNames(client)).toEqual(['web-6', 'web-7'])
  })

  test('is there at once where pods are managed in parallel', async () => {
    await using cluster = await startCluster({ controllers })
    const { client } = cluster
    await client.create(StatefulSet, statefulSet(5, { podManagementPolicy: 'Parallel' }))
    await cluster.settle()
    expect(await podNames(client)).toHaveLength(5)
    await scale(client, 1)
    await cluster.settle()
    expect(await podNames(client)).toEqual(['web-0'])
    expect(cluster.logged).toEqual([])
  })
})

test('a pod that has ended, however, or was deleted, comes again under its name', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  await client.create(StatefulSet, statefulSet(3))
  await runPods(cluster)
  const before = await client.list(Pod)
  await report(cluster, await pod(client, 0), { phase: 'Failed' })
  await report(cluster, await pod(client, 1), { phase: 'Succeeded' })
  await client.delete(Pod, named('web-2'))
  await runPods(cluster)
  const after = await client.list(Pod)
  expect(await podNames(client)).toEqual(['web-0', 'web-1', 'web-2'])
  const known = new Set(before.map(({ metadata }) => metadata.uid))
  expect(after.filter(({ metadata }) => known.has(metadata.uid))).toEqual([])
  expect(cluster.logged).toEqual([])
})

test('the next pod waits until the one before has been ready for long enough', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  await client.create(StatefulSet, statefulSet(2, { minReadySeconds: 30 }))
  await runPods(cluster)
  expect(await podNames(client)).toEqual(['web-0'])
  expect((await client.get(StatefulSet, web)).status).toMatchObject({
    readyReplicas: 1,
    availableReplicas: 0,
  })
  cluster.clock.jump(30_000)
  await cluster.settle()
  expect(await podNames(client)).toEqual(['web-0', 'web-1'])
  expect((await client.get(StatefulSet, web)).status.availableReplicas).toBe(1)
})

test('what fails is reported, counted, and done later', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  const quota = await client.create(ResourceQuota, {
    metadata: named('few'),
    spec: { hard: { pods: '1' } },
  })
  await client.updateStatus(ResourceQuota, quota, { hard: { pods: '1' }, used: { pods: '0' } })
  await client.create(StatefulSet, statefulSet(4, { podManagementPolicy: 'Parallel' }))
  await expect(cluster.settle()).rejects.toThrow('work still fails')
  expect((await client.get(StatefulSet, web)).status.replicas).toBe(1)
  const failed = (await client.list(Event)).find(({ reason }) => reason === 'FailedCreate')
  expect(failed?.message).toMatch(
    /^create Pod web-\d in StatefulSet web failed error: pods "web-\d" is forbidden: exceeded quota/,
  )
  await client.delete(ResourceQuota, quota)
  await cluster.settle()
  cluster.clock.jump(2_000_000)
  await cluster.settle()
  expect((await client.get(StatefulSet, web)).status.replicas).toBe(4)
})

describe('a rollout', () => {
  test('goes from the top to the partition, and a pod below stays what it was', async () => {
    await using cluster = await startCluster({ controllers })
    const { client } = cluster
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } as const
    const made = await client.create(StatefulSet, statefulSet(4, { updateStrategy }))
    await runPods(cluster)
    await setImage(client, 'web:2')
    await cluster.settle()
    expect(await pods(client)).toBe('web-0:web:1 web-1:web:1 web-2:web:1 web-3:web:2')
    await runPods(cluster)
    expect(await pods(client)).toBe('web-0:web:1 web-1:web:1 web-2:web:2 web-3:web:2')
    await client.delete(Pod, named('web-1'))
    await runPods(cluster)
    expect(await pods(client)).toBe('web-0:web:1 web-1:web:1 web-2:web:2 web-3:web:2')
    const { status } = await client.get(StatefulSet, made)
    expect(status).toMatchObject({ currentReplicas: 2, updatedReplicas: 2 })
    expect(status.currentRevision).not.toBe(status.updateRevision)
    await client.patch(StatefulSet, web, {
      spec: { updateStrategy: { rollingUpdate: { partition: 0 } } },
    })
    await runPods(cluster)
    expect(await pods(client)).toBe('web-0:web:2 web-1:web:2 web-2:web:2 web-3:web:2')
    const after = (await client.get(StatefulSet, made)).status
    expect(after).toMatchObject({ currentReplicas: 4, updatedReplicas: 4 })
    expect(after.currentRevision).toBe(status.updateRevision)
    expect(cluster.logged).toEqual([])
  })

  test('replaces as many at a time as may be missing', async () => {
    await using cluster = await startCluster({ controllers })
    const { client } = cluster
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '50%' } }
    const podManagementPolicy = 'Parallel'
    await client.create(
      StatefulSet,
      statefulSet(5, { updateStrategy, podManagementPolicy }) as never,
    )
    await runPods(cluster)
    await setImage(client, 'web:2')
    await cluster.settle()
    expect(await pods(client)).toBe('web-0:web:1 web-1:web:1 web-2:web:1 web-3:web:2 web-4:web:2')
    await report(cluster, await pod(client, 3))
    await cluster.settle()
    expect(await pods(client)).toBe('web-0:web:1 web-1:web:1 web-2:web:2 web-3:web:2 web-4:web:2')
    await runPods(cluster)
    expect((await client.get(StatefulSet, web)).status.updatedReplicas).toBe(5)
  })

  test('that is broken waits, even for a template that would mend it, as upstream does', async () => {
    await using cluster = await startCluster({ controllers })
    const { client } = cluster
    await client.create(StatefulSet, statefulSet(2))
    await runPods(cluster)
    await setImage(client, 'broken')
    await cluster.settle()
    await setImage(client, 'web:3')
    await cluster.settle()
    expect(await pods(client)).toBe('web-0:web:1 web-1:broken')
    await client.delete(Pod, named('web-1'))
    await runPods(cluster)
    expect(await pods(client)).toBe('web-0:web:3 web-1:web:3')
  })

  test('mends broken pods by itself where they are managed in parallel', async () => {
    await using cluster = await startCluster({ controllers })
    const { client } = cluster
    await client.create(StatefulSet, statefulSet(3, { podManagementPolicy: 'Parallel' }))
    await cluster.settle()
    await setImage(client, 'web:2')
    await runPods(cluster)
    expect(await pods(client)).toBe('web-0:web:2 web-1:web:2 web-2:web:2')
  })

  test('on deletion touches no pod that nobody deletes', async () => {
    await using cluster = await startCluster({ controllers })
    const { client } = cluster
    await client.create(StatefulSet, statefulSet(2, { updateStrategy: { type: 'OnDelete' } }))
    await runPods(cluster)
    await setImage(client, 'web:2')
    await runPods(cluster)
    expect(await pods(client)).toBe('web-0:web:1 web-1:web:1')
    await client.delete(Pod, named('web-0'))
    await runPods(cluster)
    expect(await pods(client)).toBe('web-0:web:2 web-1:web:1')
    expect((await client.get(StatefulSet, web)).status.updatedReplicas).toBe(1)
  })
})

describe('revisions', () => {
  const revisions = async (client: Client): Promise<readonly (readonly [string, number])[]> =>
    (await client.list(ControllerRevision))
      .toSorted((a, b) => a.revision - b.revision)
      .map(({ metadata, revision }) => [metadata.name, revision])

  test('are used again, with a new number, and no more are kept than wanted', async () => {
    await using cluster = await startCluster({ controllers })
    const { client } = cluster
    await client.create(StatefulSet, statefulSet(1, { revisionHistoryLimit: 2 }))
    await runPods(cluster)
    const [first] = (await revisions(client))[0]!
    await setImage(client, 'web:2')
    await runPods(cluster)
    await setImage(client, 'web:1')
    await runPods(cluster)
    expect((await revisions(client)).map(([, number]) => number)).toEqual([2, 3])
    expect((await revisions(client)).at(-1)).toEqual([first, 3])
    for (const version of [3, 4, 5]) {
      await setImage(client, `web:${version}`)
      await runPods(cluster)
    }
    // Two to go back to, and the present one.
    expect((await revisions(client)).map(([, number]) => number)).toEqual([4, 5, 6])
    expect(cluster.logged).toEqual([])
  })

  test('with a name that somebody else has get another one', async () => {
    await using cluster = await startCluster({ controllers })
    const { client } = cluster
    const made = await client.create(StatefulSet, statefulSet(1))
    await runPods(cluster)
    const [revision] = await client.list(ControllerRevision)
    await client.delete(StatefulSet, made)
    await client.delete(ControllerRevision, revision!)
    await client.delete(Pod, named('web-0'))
    await client.create(ControllerRevision, {
      metadata: named(revision!.metadata.name),
      data: { other: true },
      revision: 1,
    })
    await client.create(StatefulSet, statefulSet(1))
    await runPods(cluster)
    const { status } = await client.get(StatefulSet, web)
    expect(status).toMatchObject({ collisionCount: 1, updatedReplicas: 1 })
    expect(status.updateRevision).not.toBe(revision!.metadata.name)
  })

  test('and pods that were orphaned are taken up by the next set of the name', async () => {
    await using cluster = await startCluster({
      controllers: [...controllers, garbageCollectorController],
    })
    const { client } = cluster
    await client.create(StatefulSet, statefulSet(2))
    await runPods(cluster)
    const before = await client.list(Pod)
    await client.delete(StatefulSet, web, { propagationPolicy: 'Orphan' })
    await cluster.settle()
    expect((await client.list(Pod)).map(controllerOf)).toEqual([undefined, undefined])
    const made = await client.create(StatefulSet, statefulSet(2))
    await cluster.settle()
    const after = await client.list(Pod)
    expect(after.map(({ metadata }) => metadata.uid)).toEqual(
      before.map(({ metadata }) => metadata.uid),
    )
    expect(after.map((each) => controllerOf(each)?.uid)).toEqual([
      made.metadata.uid,
      made.metadata.uid,
    ])
    expect(await client.list(ControllerRevision)).toHaveLength(1)
    expect((await client.get(StatefulSet, web)).status).toMatchObject({
      readyReplicas: 2,
      updatedReplicas: 2,
    })
  })
})
