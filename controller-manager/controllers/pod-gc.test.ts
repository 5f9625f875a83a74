/** Tries which pods are deleted by force, and that nothing is that a kubelet takes care of. */
import { expect, test } from 'vitest'
import { findCondition } from '#api/conditions.ts'
import { Node } from '#api/kinds/core/node.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { type Cluster, startCluster } from '#test/cluster.ts'
import { report } from '#test/workloads.ts'
import { judged, podGcController, surplus } from './pod-gc.ts'

const gc = (terminatedPodsMax = 12_500) => podGcController({ terminatedPodsMax })
const node = (status: string, taint = 'node.kubernetes.io/out-of-service') =>
  ({
    metadata: { name: 'n' },
    spec: { taints: [{ key: taint, effect: 'NoExecute' }] },
    status: { conditions: [{ type: 'Ready', status }] },
  }) as unknown as Node
const deletionTimestamp = '2030-01-01T00:00:00Z'
const bound = { spec: { nodeName: 'n' }, metadata: {} }
const leaving = { spec: { nodeName: 'n' }, metadata: { deletionTimestamp } }

test.for([
  { name: 'waits for a node', pod: { metadata: {}, spec: {} }, verdict: 'keep' },
  {
    name: 'goes before it has a node',
    pod: { metadata: { deletionTimestamp }, spec: {} },
    verdict: 'unscheduled',
  },
  { name: 'its node is gone', pod: bound, verdict: 'orphaned' },
  { name: 'its node is there', pod: bound, node: node('True'), verdict: 'keep' },
  { name: 'out of service, and it stays', pod: bound, node: node('Unknown'), verdict: 'keep' },
  { name: 'out of service', pod: leaving, node: node('Unknown'), verdict: 'out of service' },
  { name: 'tainted, and yet ready', pod: leaving, node: node('True'), verdict: 'keep' },
  { name: 'not ready alone', pod: leaving, node: node('Unknown', 'other'), verdict: 'keep' },
])('judged(): $name', ({ pod, node: on, verdict }) => {
  expect(judged(pod as unknown as Pod, on)).toBe(verdict)
})

const ended = (name: string, minute: number, reason?: string) =>
  ({
    metadata: { name, creationTimestamp: `2030-01-01T00:0${minute}:00Z` },
    status: { phase: 'Failed', reason },
  }) as unknown as Pod

test.for([
  { name: 'any number', max: 0, want: [] },
  { name: 'not too many', max: 4, want: [] },
  { name: 'evicted ones first', max: 3, want: ['evicted'] },
  { name: 'then the oldest', max: 2, want: ['evicted', 'a'] },
  { name: 'of equal age by name', max: 1, want: ['evicted', 'a', 'b'] },
])('surplus(): $name', ({ max, want }) => {
  const pods = [ended('c', 2), ended('b', 1), ended('a', 1), ended('evicted', 5, 'Evicted')]
  expect(surplus(pods, max).map(({ metadata }) => metadata.name)).toEqual(want)
})

const createPod = ({ client }: Cluster, name: string, spec: object = {}) =>
  client.create(Pod, {
    metadata: { name },
    spec: { containers: [{ name: 'main', image: 'i' }], ...spec },
  } as never)

const names = async ({ client }: Cluster) =>
  (await client.list(Pod)).map(({ metadata }) => metadata.name)

test('pods of a node that is gone are deleted after the quarantine, and not before', async () => {
  await using cluster = await startCluster({ controllers: [gc()] })
  const { client, clock } = cluster
  await client.create(Node, { metadata: { name: 'kept' } })
  await client.create(Node, { metadata: { name: 'gone' } })
  const pod = await createPod(cluster, 'orphan', { nodeName: 'gone' })
  await client.patch(Pod, pod, { metadata: { finalizers: ['example.com/look'] } })
  await createPod(cluster, 'other', { nodeName: 'kept' })
  await report(cluster, pod)
  await cluster.settle()
  await client.delete(Node, { name: 'gone' })
  await cluster.settle()
  clock.jump(39_000)
  await cluster.settle()
  expect((await client.get(Pod, pod)).metadata.deletionTimestamp).toBeUndefined()
  clock.jump(1000)
  await cluster.settle()
  const { metadata, status } = await client.get(Pod, pod)
  expect(metadata.deletionTimestamp).toBeDefined()
  expect(status.phase).toBe('Failed')
  const target = findCondition(status.conditions, 'DisruptionTarget')
  expect(target).toMatchObject({
    status: 'True',
    reason: 'DeletionByPodGC',
    message: 'PodGC: node no longer exists',
  })
  await client.patch(Pod, pod, { metadata: { finalizers: null } })
  await cluster.settle()
  expect(await names(cluster)).toEqual(['other'])
})

test('a node that comes back in time keeps its pods', async () => {
  await using cluster = await startCluster({ controllers: [gc()] })
  const { client, clock } = cluster
  await createPod(cluster, 'early', { nodeName: 'late' })
  await cluster.settle()
  clock.jump(30_000)
  await client.create(Node, { metadata: { name: 'late' } })
  await cluster.settle()
  clock.jump(100_000)
  await cluster.settle()
  expect(await names(cluster)).toEqual(['early'])
})

test('a terminating pod leaves a node that is declared out of service', async () => {
  await using cluster = await startCluster({ controllers: [gc()] })
  const { client } = cluster
  const dead = await client.create(Node, { metadata: { name: 'dead' } })
  const pod = await createPod(cluster, 'stuck', { nodeName: 'dead' })
  await report(cluster, pod)
  await client.delete(Pod, pod)
  await cluster.settle()
  expect(await names(cluster)).toEqual(['stuck'])
  const taints = [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }]
  await client.patch(Node, dead, { spec: { taints } })
  await cluster.settle()
  expect(await names(cluster)).toEqual([])
})

test('of pods that have ended only so many stay', async () => {
  await using cluster = await startCluster({ controllers: [gc(2)] })
  const { client, clock } = cluster
  await client.create(Node, { metadata: { name: 'n' } })
  for (const name of ['a', 'b', 'c', 'd', 'running']) {
    const pod = await createPod(cluster, name, { nodeName: 'n' })
    await report(cluster, pod, { phase: name === 'running' ? 'Running' : 'Succeeded' })
    clock.jump(1000)
  }
  await cluster.settle()
  expect(await names(cluster)).toEqual(['c', 'd', 'running'])
  expect(cluster.logged).toEqual([])
})
