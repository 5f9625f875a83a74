/** Tries how many pods of a budget may go, as pods come, fail and are evicted. */
import { expect, test } from 'vitest'
import { ReplicaSet } from '#api/kinds/apps/replica-set.ts'
import { Event } from '#api/kinds/core/event.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { Eviction } from '#api/kinds/policy/eviction.ts'
import {
  PodDisruptionBudget,
  type PodDisruptionBudgetSpec,
} from '#api/kinds/policy/pod-disruption-budget.ts'
import { epochToTime } from '#api/time.ts'
import { type Cluster, startCluster } from '#test/cluster.ts'
import { report, runPods, template, webSelector } from '#test/workloads.ts'
import { disruptionController, staleDisruptionController } from './disruption.ts'
import { grantedOf, healthyCount, statusOf, wantedBy } from './disruption-plan.ts'
import { replicaSetController } from './replicaset.ts'

test.for<[string, object, number, number, [number, number]]>([
  ['a number that must be there', { minAvailable: 2 }, 5, 9, [5, 2]],
  ['a share that must be there, rounded up', { minAvailable: '50%' }, 5, 7, [7, 4]],
  ['a number that may be gone', { maxUnavailable: 2 }, 5, 7, [7, 5]],
  ['a share that may be gone, rounded up', { maxUnavailable: '50%' }, 5, 7, [7, 3]],
  ['more than there are', { maxUnavailable: 9 }, 5, 7, [7, 0]],
  ['nothing', {}, 5, 7, [0, 0]],
])('wantedBy(): %s', ([, spec, pods, scale, [expectedPods, desiredHealthy]]) => {
  const wanted = wantedBy(spec as PodDisruptionBudgetSpec, pods, scale)
  expect(wanted).toEqual({ expectedPods, desiredHealthy })
})

const NOW_MS = 1_000_000_000
const at = (secondsAgo: number): string => epochToTime(NOW_MS / 1000 - secondsAgo)
const pod = (name: string, isReady = true, deletionTimestamp?: string): Pod =>
  ({
    metadata: { name, deletionTimestamp },
    status: { conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] },
  }) as unknown as Pod

test('evictions that were granted count as done until they are overdue', () => {
  const pods = [pod('a'), pod('b'), pod('c'), pod('d', false), pod('e', true, at(1))]
  const disruptedPods = { a: at(60), b: at(121), e: at(5), gone: at(5) }
  const granted = grantedOf(pods, { status: { disruptedPods } } as never, NOW_MS)
  expect(granted.disruptedPods).toEqual({ a: at(60) })
  expect(granted.overdue).toEqual([pods[1]])
  expect(granted.nextMs).toBe(NOW_MS + 60_000)
  expect(healthyCount(pods, granted)).toBe(2)
})

test.for<[number, number, number, number, string]>([
  [3, 2, 3, 1, 'SufficientPods'],
  [2, 2, 3, 0, 'InsufficientPods'],
  [1, 2, 3, 0, 'InsufficientPods'],
  [0, 0, 0, 0, 'InsufficientPods'],
])(
  'statusOf(): %i healthy, %i wanted, %i expected',
  ([healthy, desired, expected, allowed, why]) => {
    const budget = { metadata: { generation: 4 }, status: {} } as never
    const wanted = { expectedPods: expected, desiredHealthy: desired }
    const granted = { disruptedPods: {}, overdue: [], nextMs: undefined }
    const status = statusOf(budget, wanted, healthy, granted, NOW_MS)
    expect(status).toMatchObject({ disruptionsAllowed: allowed, observedGeneration: 4 })
    expect(status.conditions).toEqual([
      {
        type: 'DisruptionAllowed',
        status: allowed > 0 ? 'True' : 'False',
        reason: why,
        message: '',
        observedGeneration: 4,
        lastTransitionTime: at(0),
      },
    ])
  },
)

const start = () =>
  startCluster({
    controllers: [disruptionController(), staleDisruptionController, replicaSetController],
  })
const addBudget = ({ client }: Cluster, spec: object) =>
  client.create(PodDisruptionBudget, {
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: webSelector, ...spec },
  })
const addPods = async (cluster: Cluster, replicas: number) => {
  await cluster.client.create(ReplicaSet, {
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas, selector: webSelector, template: template() },
  })
  await runPods(cluster)
}
const statusIn = async ({ client }: Cluster) =>
  (await client.get(PodDisruptionBudget, { name: 'web' })).status
const evict = ({ client }: Cluster, name: string) =>
  client.createSubresource(Pod, { name, namespace: 'default' }, 'eviction', Eviction, {
    metadata: { name, namespace: 'default' },
  })
const reasons = async ({ client }: Cluster) =>
  (await client.list(Event, { namespace: 'default' })).map(({ reason }) => reason)

test('as many pods may be evicted as the budget says, and then no more', async () => {
  await using cluster = await start()
  await addBudget(cluster, { maxUnavailable: '40%' })
  await cluster.settle()
  expect(await statusIn(cluster)).toMatchObject({ disruptionsAllowed: 0, expectedPods: 0 })
  expect(await reasons(cluster)).toContain('NoPods')
  await addPods(cluster, 5)
  expect(await statusIn(cluster)).toMatchObject({
    disruptionsAllowed: 2,
    currentHealthy: 5,
    desiredHealthy: 3,
    expectedPods: 5,
  })
  const [first, second, third] = await cluster.client.list(Pod)
  await evict(cluster, first!.metadata.name)
  await report(cluster, second!, { isReady: false })
  await cluster.settle()
  expect(await statusIn(cluster)).toMatchObject({ disruptionsAllowed: 0, currentHealthy: 3 })
  await expect(evict(cluster, third!.metadata.name)).rejects.toThrow('disruption budget')
  await runPods(cluster)
  expect(await statusIn(cluster)).toMatchObject({ disruptionsAllowed: 1, currentHealthy: 4 })
})

test('pods without scale make the budget say so, and no pod may go', async () => {
  await using cluster = await start()
  const { client } = cluster
  await addBudget(cluster, { minAvailable: '50%' })
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'x', controller: true }
  const { metadata, spec } = template()
  const pod = { metadata: { ...metadata, name: 'a', ownerReferences: [owner] }, spec }
  await client.create(Pod, pod)
  await cluster.settle()
  const status = await statusIn(cluster)
  expect(status.disruptionsAllowed).toBe(0)
  expect(status.conditions).toMatchObject([
    {
      reason: 'SyncFailed',
      message: 'configmaps does not implement the scale subresource',
    },
  ])
  await client.patch(Pod, { name: 'a' }, { metadata: { ownerReferences: null } })
  await cluster.settle()
  expect(await reasons(cluster)).toContain('UnmanagedPods')
})

test('an eviction that never happens is forgotten after two minutes', async () => {
  await using cluster = await start()
  const { client, clock } = cluster
  await addPods(cluster, 2)
  const [pod] = await client.list(Pod)
  await addBudget(cluster, { minAvailable: 1 })
  await cluster.settle()
  const { name } = pod!.metadata
  const disruptedPods = { [name]: epochToTime(Math.floor(clock.now() / 1000)) }
  const patch = { status: { disruptedPods } }
  await client.patch(PodDisruptionBudget, { name: 'web' }, patch, { subresource: 'status' })
  await cluster.settle()
  expect(await statusIn(cluster)).toMatchObject({ disruptionsAllowed: 0, disruptedPods })
  clock.jump(121_000)
  await cluster.settle()
  expect((await statusIn(cluster)).disruptedPods).toBeUndefined()
  expect(await statusIn(cluster)).toMatchObject({ disruptionsAllowed: 1 })
  expect(await reasons(cluster)).toContain('NotDeleted')
})

test('what was announced to a pod and does not happen is taken back', async () => {
  await using cluster = await start()
  const { client, clock } = cluster
  await client.create(Pod, { metadata: { name: 'a' }, spec: template().spec })
  const lastTransitionTime = epochToTime(Math.floor(clock.now() / 1000))
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    lastTransitionTime,
  }
  const patch = { status: { conditions: [condition] } }
  await client.patch(Pod, { name: 'a' }, patch, { type: 'strategic', subresource: 'status' })
  await cluster.settle()
  clock.jump(120_000)
  await cluster.settle()
  const { status } = await client.get(Pod, { name: 'a' })
  expect(status.conditions).toMatchObject([{ type: 'DisruptionTarget', status: 'False' }])
})
