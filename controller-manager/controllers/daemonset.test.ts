/** DaemonSets with their nodes, pods and revisions, against a real API server. */
import { describe, expect, test } from 'vitest'
import { ControllerRevision } from '#api/kinds/apps/controller-revision.ts'
import { DaemonSet } from '#api/kinds/apps/daemon-set.ts'
import { Event } from '#api/kinds/core/event.ts'
import { Node, type Taint } from '#api/kinds/core/node.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { controllerOf } from '#client/cache.ts'
import type { Client } from '#client/rest.ts'
import { type Cluster, startCluster } from '#test/cluster.ts'
import { report, runPods, template, webSelector } from '#test/workloads.ts'
import { daemonSetController } from './daemonset.ts'
import { targetNode } from './daemonset-pod.ts'

const web = { name: 'web', namespace: 'default' }

const start = () => startCluster({ controllers: [daemonSetController()] })

const daemonSet = (more: object = {}, spec: object = {}) => ({
  metadata: web,
  spec: {
    selector: webSelector,
    template: { ...template(), spec: { ...template().spec, ...spec } },
    ...more,
  },
})

/** A node that is ready: new ones have a taint until somebody has seen that. */
async function addNode(
  client: Client,
  name: string,
  { labels = {}, taints = [] }: { labels?: Record<string, string>; taints?: Taint[] } = {},
): Promise<void> {
  const made = await client.create(Node, { metadata: { name, labels } })
  await client.update(Node, { ...made, spec: { ...made.spec, taints } })
}

const setImage = (client: Client, image: string) =>
  client.patch(DaemonSet, web, { spec: { template: template(image) } })

const setTaints = (client: Client, name: string, taints: readonly Taint[]) =>
  client.patch(Node, { name }, { spec: { taints } })

const stored = async (client: Client) => (await client.get(DaemonSet, web)).status

/** `n1:web:1 …`, sorted. */
async function places(client: Client): Promise<string> {
  const pods = (await client.list(Pod)).filter(({ metadata }) => !metadata.deletionTimestamp)
  return pods
    .map((pod) => `${targetNode(pod)}:${pod.spec.containers?.[0]?.image}`)
    .toSorted()
    .join(' ')
}

async function onNode(client: Client, name: string): Promise<Pod> {
  return (await client.list(Pod)).find((pod) => targetNode(pod) === name)!
}

async function messages(cluster: Cluster, reason: string): Promise<readonly string[]> {
  const events = await cluster.client.list(Event)
  return events.filter((each) => each.reason === reason).map(({ message }) => message ?? '')
}

const noExecute: Taint = { key: 'trouble', effect: 'NoExecute' }
const noSchedule: Taint = { key: 'trouble', effect: 'NoSchedule' }

test('every node gets a pod that can run nowhere else, and the status counts nodes', async () => {
  await using cluster = await start()
  const { client } = cluster
  for (const name of ['n1', 'n2']) await addNode(client, name)
  const made = await client.create(DaemonSet, daemonSet())
  await runPods(cluster)
  expect(await places(client)).toBe('n1:web:1 n2:web:1')
  const [revision, ...others] = await client.list(ControllerRevision)
  expect(others).toEqual([])
  const hash = revision!.metadata.labels?.['controller-revision-hash']
  expect(revision).toMatchObject({
    metadata: { name: `web-${hash}`, labels: { app: 'web' } },
    revision: 1,
    data: { spec: { template: { ...template(), $patch: 'replace' } } },
  })
  const pod = await onNode(client, 'n1')
  expect(pod.metadata).toMatchObject({
    generateName: 'web-',
    labels: { app: 'web', 'controller-revision-hash': hash, 'pod-template-generation': '1' },
  })
  expect(controllerOf(pod)?.uid).toBe(made.metadata.uid)
  expect(pod.spec.nodeName).toBeUndefined()
  expect(pod.spec.affinity).toEqual({
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] },
        ],
      },
    },
  })
  const tolerated = (pod.spec.tolerations ?? []).map(
    ({ key, effect, operator, tolerationSeconds }) =>
      `${key?.replace('node.kubernetes.io/', '')}:${effect}:${operator}:${tolerationSeconds}`,
  )
  expect(tolerated).toEqual([
    'not-ready:NoExecute:Exists:undefined',
    'unreachable:NoExecute:Exists:undefined',
    'disk-pressure:NoSchedule:Exists:undefined',
    'memory-pressure:NoSchedule:Exists:undefined',
    'pid-pressure:NoSchedule:Exists:undefined',
    'unschedulable:NoSchedule:Exists:undefined',
  ])
  expect(await stored(client)).toEqual({
    currentNumberScheduled: 2,
    desiredNumberScheduled: 2,
    numberAvailable: 2,
    numberMisscheduled: 0,
    numberReady: 2,
    observedGeneration: 1,
    updatedNumberScheduled: 2,
  })
  expect(await messages(cluster, 'SuccessfulCreate')).toHaveLength(2)
  expect(cluster.logged).toEqual([])
})

describe('nodes', () => {
  test('come and go, and change what they are', async () => {
    await using cluster = await start()
    const { client } = cluster
    await client.create(DaemonSet, daemonSet({}, { nodeSelector: { disk: 'ssd' } }))
    await addNode(client, 'n1', { labels: { disk: 'ssd' } })
    await addNode(client, 'n2')
    await runPods(cluster)
    expect(await places(client)).toBe('n1:web:1')
    await client.patch(Node, { name: 'n2' }, { metadata: { labels: { disk: 'ssd' } } })
    await runPods(cluster)
    expect(await places(client)).toBe('n1:web:1 n2:web:1')
    await client.patch(Node, { name: 'n1' }, { metadata: { labels: { disk: null } } })
    await cluster.settle()
    expect(await places(client)).toBe('n2:web:1')
    // A pod that waits for a node that is gone has nobody else who removes it.
    await client.delete(Node, { name: 'n2' })
    await cluster.settle()
    expect(await client.list(Pod)).toEqual([])
    expect(await stored(client)).toMatchObject({ desiredNumberScheduled: 0 })
    expect(cluster.logged).toEqual([])
  })

  test('keep pods off by taints, and drive them away by some of them', async () => {
    await using cluster = await start()
    const { client } = cluster
    for (const name of ['n1', 'n2']) await addNode(client, name)
    await addNode(client, 'n3', { taints: [noSchedule] })
    await client.create(DaemonSet, daemonSet())
    await runPods(cluster)
    expect(await places(client)).toBe('n1:web:1 n2:web:1')
    await setTaints(client, 'n1', [noSchedule])
    await setTaints(client, 'n2', [noExecute])
    await cluster.settle()
    expect(await places(client)).toBe('n1:web:1')
    expect(await stored(client)).toMatchObject({
      desiredNumberScheduled: 0,
      currentNumberScheduled: 0,
      numberMisscheduled: 1,
    })
  })

  test('in trouble, or closed for other pods, keep theirs and get new ones', async () => {
    await using cluster = await start()
    const { client } = cluster
    const cordoned: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }
    await addNode(client, 'n1', { taints: [cordoned] })
    await client.patch(Node, { name: 'n1' }, { spec: { unschedulable: true } })
    await client.create(DaemonSet, daemonSet())
    await runPods(cluster)
    expect(await places(client)).toBe('n1:web:1')
  })
})

test('a pod that has failed is replaced, later each time', async () => {
  await using cluster = await start()
  const { client } = cluster
  await addNode(client, 'n1')
  await client.create(DaemonSet, daemonSet())
  await runPods(cluster)
  const fail = async () => {
    const pod = await onNode(client, 'n1')
    await report(cluster, pod, { phase: 'Failed' })
    await cluster.settle()
    return pod
  }
  const isThere = async (pod: Pod) => (await client.find(Pod, pod)) !== undefined
  const first = await fail()
  expect(await isThere(first)).toBe(false)
  expect(await messages(cluster, 'FailedDaemonPod')).toEqual([
    `Found failed daemon pod default/${first.metadata.name} on node n1, will try to kill it`,
  ])
  for (const seconds of [1, 2, 4]) {
    const pod = await fail()
    expect(await isThere(pod)).toBe(true)
    cluster.clock.jump(seconds * 1000 - 1)
    await cluster.settle()
    expect(await isThere(pod)).toBe(true)
    cluster.clock.jump(1)
    await cluster.settle()
    expect(await isThere(pod)).toBe(false)
  }
  await report(cluster, await onNode(client, 'n1'), { phase: 'Succeeded' })
  await cluster.settle()
  expect(await messages(cluster, 'SucceededDaemonPod')).toHaveLength(1)
  expect(await places(client)).toBe('n1:web:1')
  expect(cluster.logged).toEqual([])
})

describe('a rollout', () => {
  const rolling = (rollingUpdate: object) =>
    ({ updateStrategy: { type: 'RollingUpdate', rollingUpdate } }) as never

  async function withNodes(cluster: Cluster, count: number, more: object): Promise<void> {
    const { client } = cluster
    for (let number = 1; number <= count; number++) await addNode(client, `n${number}`)
    await client.create(DaemonSet, daemonSet(more))
    await runPods(cluster)
    await setImage(client, 'web:2')
    await cluster.settle()
  }

  const counts = async (client: Client) => {
    const all = await places(client)
    return [all.split('web:1').length - 1, all.split('web:2').length - 1]
  }

  test('leaves no more nodes without a pod than allowed', async () => {
    await using cluster = await start()
    const { client } = cluster
    await withNodes(cluster, 5, rolling({ maxUnavailable: '40%' }))
    expect(await counts(client)).toEqual([3, 2])
    const [pending] = (await client.list(Pod)).filter(({ status }) => status.phase === 'Pending')
    await report(cluster, pending!)
    await cluster.settle()
    expect(await counts(client)).toEqual([2, 3])
    await runPods(cluster)
    expect(await counts(client)).toEqual([0, 5])
    expect(await stored(client)).toMatchObject({
      updatedNumberScheduled: 5,
      numberAvailable: 5,
      observedGeneration: 2,
    })
    expect(cluster.logged).toEqual([])
  })

  test('may bring the new pod first', async () => {
    await using cluster = await start()
    const { client } = cluster
    await withNodes(cluster, 3, rolling({ maxSurge: 1, maxUnavailable: 0 }))
    expect(await counts(client)).toEqual([3, 1])
    await report(cluster, await pendingOf(client))
    await cluster.settle()
    expect(await counts(client)).toEqual([2, 2])
    await runPods(cluster)
    expect(await counts(client)).toEqual([0, 3])
    expect(cluster.logged).toEqual([])
  })

  const pendingOf = async (client: Client): Promise<Pod> =>
    (await client.list(Pod)).find(({ status }) => status.phase === 'Pending')!

  test('waits until new pods have been ready for long enough', async () => {
    await using cluster = await start()
    const { client } = cluster
    for (const name of ['n1', 'n2']) await addNode(client, name)
    await client.create(DaemonSet, daemonSet({ minReadySeconds: 20 }))
    await runPods(cluster)
    expect(await stored(client)).toMatchObject({ numberReady: 2, numberUnavailable: 2 })
    cluster.clock.jump(20_000)
    await cluster.settle()
    expect(await stored(client)).toMatchObject({ numberAvailable: 2 })
    await setImage(client, 'web:2')
    await runPods(cluster)
    expect(await counts(client)).toEqual([1, 1])
    cluster.clock.jump(20_000)
    await runPods(cluster)
    expect(await counts(client)).toEqual([0, 2])
  })

  test('goes on from a broken template to the next one', async () => {
    await using cluster = await start()
    const { client } = cluster
    await withNodes(cluster, 3, {})
    expect(await counts(client)).toEqual([2, 1])
    await setImage(client, 'web:3')
    await runPods(cluster)
    expect(await places(client)).toBe('n1:web:3 n2:web:3 n3:web:3')
  })

  test('on deletion touches no pod that nobody deletes', async () => {
    await using cluster = await start()
    const { client } = cluster
    await withNodes(cluster, 2, { updateStrategy: { type: 'OnDelete' } })
    expect(await counts(client)).toEqual([2, 0])
    await client.delete(Pod, await onNode(client, 'n2'))
    await runPods(cluster)
    expect(await places(client)).toBe('n1:web:1 n2:web:2')
    expect(await stored(client)).toMatchObject({ updatedNumberScheduled: 1 })
  })
})

describe('revisions', () => {
  const numbers = async (client: Client): Promise<readonly number[]> =>
    (await client.list(ControllerRevision)).map(({ revision }) => revision).toSorted()

  test('are used again, and no more are kept than wanted', async () => {
    await using cluster = await start()
    const { client } = cluster
    await addNode(client, 'n1')
    await client.create(DaemonSet, daemonSet({ revisionHistoryLimit: 1 }))
    await runPods(cluster)
    const [first] = await client.list(ControllerRevision)
    for (const image of ['web:2', 'web:1']) {
      await setImage(client, image)
      await runPods(cluster)
    }
    expect(await numbers(client)).toEqual([2, 3])
    expect((await client.get(ControllerRevision, first!)).revision).toBe(3)
    await setImage(client, 'web:3')
    await runPods(cluster)
    expect(await numbers(client)).toEqual([3, 4])
    expect(cluster.logged).toEqual([])
  })

  test('of one template become one, and their pods stay', async () => {
    await using cluster = await start()
    const { client } = cluster
    await addNode(client, 'n1')
    await client.create(DaemonSet, daemonSet())
    await runPods(cluster)
    const before = await onNode(client, 'n1')
    const [revision] = await client.list(ControllerRevision)
    await client.create(ControllerRevision, {
      metadata: {
        name: 'copy',
        namespace: 'default',
        labels: { app: 'web', 'controller-revision-hash': 'copy' },
      },
      data: revision!.data as Record<string, unknown>,
      revision: 7,
    })
    await runPods(cluster)
    const [only, ...others] = await client.list(ControllerRevision)
    expect(others).toEqual([])
    expect(only!.metadata.name).toBe('copy')
    const after = await onNode(client, 'n1')
    expect(after.metadata.uid).toBe(before.metadata.uid)
    expect(after.metadata.labels?.['controller-revision-hash']).toBe('copy')
    expect(cluster.logged).toEqual([])
  })

  test('with a name that somebody else has get another one', async () => {
    await using cluster = await start()
    const { client } = cluster
    await addNode(client, 'n1')
    const made = await client.create(DaemonSet, daemonSet())
    await runPods(cluster)
    const [revision] = await client.list(ControllerRevision)
    await client.delete(DaemonSet, made)
    await client.delete(ControllerRevision, revision!)
    const metadata = { name: revision!.metadata.name, namespace: 'default' }
    await client.create(ControllerRevision, { metadata, data: { other: true }, revision: 1 })
    await client.create(DaemonSet, daemonSet())
    await runPods(cluster)
    expect(await stored(client)).toMatchObject({ collisionCount: 1, updatedNumberScheduled: 1 })
  })
})

test('one that is being deleted makes nothing any more', async () => {
  await using cluster = await start()
  const { client } = cluster
  await addNode(client, 'n1')
  const finalizers = ['test.example/hold']
  const made = await client.create(DaemonSet, {
    ...daemonSet(),
    metadata: { ...web, finalizers },
  })
  await runPods(cluster)
  await client.delete(DaemonSet, made)
  await client.delete(Pod, await onNode(client, 'n1'))
  await cluster.settle()
  expect(await client.list(Pod)).toEqual([])
})
