/** Tries when pods have to leave tainted nodes, and when they may stay after all. */
import { expect, test } from 'vitest'
import { findCondition } from '#api/conditions.ts'
import { Event } from '#api/kinds/core/event.ts'
import { Node, type Taint } from '#api/kinds/core/node.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import type { Toleration } from '#api/parts/core/pod-scheduling.ts'
import { epochToTime } from '#api/time.ts'
import { type Cluster, startCluster } from '#test/cluster.ts'
import { taintEvictionController } from './taint-eviction.ts'
import { toleratedMs } from './taint-eviction-plan.ts'

const taint = (key: string): Taint => ({ key, effect: 'NoExecute' }) as Taint
const tolerating = (key: string, tolerationSeconds?: number): Toleration =>
  ({
    key,
    operator: 'Exists',
    effect: 'NoExecute',
    ...(tolerationSeconds !== undefined && { tolerationSeconds }),
  }) as Toleration

test.for([
  { name: 'nothing is tolerated', taints: ['a'], tolerations: [], want: 0 },
  { name: 'one of two is not', taints: ['a', 'b'], tolerations: [tolerating('a')], want: 0 },
  { name: 'for ever', taints: ['a'], tolerations: [tolerating('a')], want: Infinity },
  { name: 'for a time', taints: ['a'], tolerations: [tolerating('a', 30)], want: 30_000 },
  {
    name: 'for the shortest time',
    taints: ['a', 'b', 'c'],
    tolerations: [tolerating('a', 30), tolerating('b', 20), tolerating('c')],
    want: 20_000,
  },
  { name: 'not at all', taints: ['a'], tolerations: [tolerating('a', -1)], want: 0 },
  {
    name: 'others do not count',
    taints: ['a'],
    tolerations: [tolerating('a', 30), tolerating('b', 20)],
    want: 30_000,
  },
])('toleratedMs(): $name', ({ taints, tolerations, want }) => {
  expect(toleratedMs(taints.map(taint), tolerations)).toBe(want)
})

const start = () => startCluster({ controllers: [taintEvictionController()] })

const run = ({ client }: Cluster, name: string, tolerations: readonly Toleration[] = []) =>
  client.create(Pod, {
    metadata: { name, finalizers: ['example.com/look'] },
    spec: { nodeName: 'n', tolerations, containers: [{ name: 'main', image: 'i' }] },
  } as never)

const setTaints = ({ client }: Cluster, taints: readonly object[]) =>
  client.patch(Node, { name: 'n' }, { spec: { taints } })

const leaving = async ({ client }: Cluster) =>
  (await client.list(Pod)).flatMap(({ metadata }) =>
    metadata.deletionTimestamp ? [metadata.name] : [],
  )

const told = async ({ client }: Cluster) =>
  (await client.list(Event)).map(({ reason, message }) => `${reason}: ${message}`)

test('pods leave at once, after their time, or never', async () => {
  await using cluster = await start()
  const { client, clock } = cluster
  await client.create(Node, { metadata: { name: 'n' } })
  await run(cluster, 'never', [tolerating('mine')])
  await run(cluster, 'at-once')
  await run(cluster, 'later', [tolerating('mine', 60)])
  await cluster.settle()
  await setTaints(cluster, [{ key: 'mine', effect: 'NoSchedule' }])
  await cluster.settle()
  expect(await leaving(cluster)).toEqual([])
  await setTaints(cluster, [taint('mine')])
  await cluster.settle()
  expect(await leaving(cluster)).toEqual(['at-once'])
  const { status } = await client.get(Pod, { name: 'at-once' })
  expect(findCondition(status.conditions, 'DisruptionTarget')).toMatchObject({
    status: 'True',
    reason: 'DeletionByTaintManager',
    message: 'Taint manager: deleting due to NoExecute taint',
  })
  clock.jump(59_000)
  await cluster.settle()
  expect(await leaving(cluster)).toEqual(['at-once'])
  clock.jump(1000)
  await cluster.settle()
  expect(await leaving(cluster)).toEqual(['at-once', 'later'])
  expect(await told(cluster)).toEqual([
    'TaintManagerEviction: Marking for deletion Pod default/at-once',
    'TaintManagerEviction: Marking for deletion Pod default/later',
  ])
  expect(cluster.logged).toEqual([])
})

test('a taint that goes in time spares the pod, and the next one begins anew', async () => {
  await using cluster = await start()
  const { client, clock } = cluster
  await client.create(Node, { metadata: { name: 'n' } })
  await run(cluster, 'web', [tolerating('mine', 60)])
  await setTaints(cluster, [taint('mine')])
  await cluster.settle()
  clock.jump(40_000)
  await setTaints(cluster, [])
  await cluster.settle()
  expect(await told(cluster)).toEqual([
    'TaintManagerEviction: Cancelling deletion of Pod default/web',
  ])
  await setTaints(cluster, [taint('mine')])
  await cluster.settle()
  clock.jump(40_000)
  await cluster.settle()
  expect(await leaving(cluster)).toEqual([])
  clock.jump(20_000)
  await cluster.settle()
  expect(await leaving(cluster)).toEqual(['web'])
})

test('nobody calls off what is to become of a pod whose node goes', async () => {
  await using cluster = await start()
  const { client } = cluster
  await client.create(Node, { metadata: { name: 'n' } })
  await run(cluster, 'web', [tolerating('mine', 60)])
  await setTaints(cluster, [taint('mine')])
  await cluster.settle()
  await client.delete(Node, { name: 'n' })
  await cluster.settle()
  expect(await told(cluster)).toEqual([])
})

test('a controller that starts anew goes on with the time that has passed', async () => {
  await using cluster = await start()
  const { client, clock } = cluster
  await client.create(Node, { metadata: { name: 'n' } })
  await run(cluster, 'older', [tolerating('mine', 300)])
  for (let minute = 0; minute < 5; minute++) {
    clock.jump(60_000)
    await cluster.settle()
  }
  await run(cluster, 'newer', [tolerating('mine', 300)])
  // As if it had been there for long before this controller came to see it.
  const timeAdded = epochToTime(Math.floor(clock.now() / 1000) - 200)
  await setTaints(cluster, [{ ...taint('mine'), timeAdded }])
  await cluster.settle()
  clock.jump(100_000)
  await cluster.settle()
  expect(await leaving(cluster)).toEqual(['older'])
  clock.jump(100_000)
  await cluster.settle()
  clock.jump(100_000)
  await cluster.settle()
  expect(await leaving(cluster)).toEqual(['newer', 'older'])
})
