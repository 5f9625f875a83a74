/** What users see when there is no room for an important pod: others leave, gracefully. */
import { expect, test } from 'vitest'
import { Node } from '#api/kinds/core/node.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { PodDisruptionBudget } from '#api/kinds/policy/pod-disruption-budget.ts'
import { PriorityClass } from '#api/kinds/scheduling/priority-class.ts'
import { type SchedulingCluster, startSchedulingCluster } from '#test/scheduling-cluster.ts'

const place = (name: string) => ({ name, namespace: 'default' })
const classes = { low: 10, middle: 50, high: 100 }

const asking = (cpu: string, priorityClassName?: keyof typeof classes, grace = 0) => ({
  containers: [{ name: 'main', image: 'image', resources: { requests: { cpu } } }],
  terminationGracePeriodSeconds: grace,
  ...(priorityClassName && { priorityClassName }),
})

async function start(nodes: readonly string[]): Promise<SchedulingCluster> {
  const cluster = await startSchedulingCluster()
  for (const [name, value] of Object.entries(classes)) {
    await cluster.client.create(PriorityClass, { metadata: { name }, value })
  }
  for (const name of nodes) await cluster.addNode(name)
  return cluster
}

test('a pod waits until its victim has gone, and says where it will go', async () => {
  await using cluster = await start(['n1'])
  const { client } = cluster
  await cluster.addPod('small', asking('3', 'low', 30))
  await cluster.settle()
  await cluster.addPod('big', asking('3', 'high'))
  await cluster.settle()
  const small = await client.get(Pod, place('small'))
  expect(small.metadata.deletionTimestamp).toBeDefined()
  expect(small.status.conditions).toContainEqual(
    expect.objectContaining({
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: 'default-scheduler: preempting to accommodate a higher priority pod',
    }),
  )
  const big = await client.get(Pod, place('big'))
  expect([big.spec.nodeName, big.status.nominatedNodeName]).toEqual([undefined, 'n1'])
  expect(await cluster.eventsOf('small')).toContain(
    `Preempted: Preempted by pod ${big.metadata.uid} on node n1`,
  )
  expect(await cluster.eventsOf('big')).toEqual([
    'FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu.',
  ])
  await client.delete(Pod, place('small'), { gracePeriodSeconds: 0 })
  await cluster.settle()
  const bound = await client.get(Pod, place('big'))
  expect([bound.spec.nodeName, bound.status.nominatedNodeName]).toEqual(['n1', undefined])
  expect(cluster.logged).toEqual([])
})

test('while the victim goes, nobody else is asked to leave', async () => {
  await using cluster = await start(['n1', 'n2'])
  const { client, clock } = cluster
  await cluster.addPod('one', asking('3', 'low', 30))
  await cluster.addPod('two', asking('3', 'middle', 30))
  await cluster.settle()
  await cluster.addPod('big', asking('3', 'high'))
  await cluster.settle()
  clock.jump(60_000)
  await client.patch(Pod, place('big'), { metadata: { labels: { look: 'again' } } })
  clock.jump(5 * 60_000)
  await cluster.settle()
  expect((await client.get(Pod, place('two'))).metadata.deletionTimestamp).toBeUndefined()
  const { status } = await client.get(Pod, place('big'))
  expect(status.conditions?.[0]?.message).toBe(
    '0/2 nodes are available: 2 Insufficient cpu. ' +
      'preemption: not eligible due to a terminating pod on the nominated node.',
  )
})

test('room that was promised is kept from less important pods, not from more important ones', async () => {
  await using cluster = await start(['n1'])
  const { client } = cluster
  await cluster.addPod('leaving', asking('3', 'low', 30))
  await cluster.settle()
  await cluster.addPod('promised', asking('3', 'middle'))
  await cluster.settle()
  await cluster.addPod('latecomer', asking('1', 'low'))
  await cluster.settle()
  expect(await cluster.nodeOf('latecomer')).toBe('')
  await cluster.addPod('urgent', asking('1', 'high'))
  await cluster.settle()
  expect(await cluster.nodeOf('urgent')).toBe('n1')
  await client.delete(Pod, place('leaving'), { gracePeriodSeconds: 0 })
  await cluster.settle()
  expect(await cluster.nodeOf('promised')).toBe('n1')
  expect(await cluster.nodeOf('latecomer')).toBe('')
})

test('a promise ends with the pod that had it', async () => {
  await using cluster = await start(['n1'])
  await cluster.addPod('leaving', asking('3', 'low', 30))
  await cluster.settle()
  await cluster.addPod('promised', asking('3', 'middle'))
  await cluster.settle()
  await cluster.addPod('latecomer', asking('1', 'low'))
  await cluster.settle()
  await cluster.client.delete(Pod, place('promised'), { gracePeriodSeconds: 0 })
  await cluster.settle()
  expect(await cluster.nodeOf('latecomer')).toBe('n1')
})

test('a promise that has become useless is taken back', async () => {
  await using cluster = await start(['n1'])
  const { client } = cluster
  await cluster.addPod('leaving', asking('3', 'low', 30))
  await cluster.settle()
  await cluster.addPod('big', asking('3', 'high'))
  await cluster.settle()
  await client.patch(Node, { name: 'n1' }, { spec: { unschedulable: true } })
  await client.patch(Pod, place('big'), { metadata: { labels: { look: 'again' } } })
  cluster.clock.jump(5 * 60_000)
  await cluster.settle()
  const { status } = await client.get(Pod, place('big'))
  expect(status.nominatedNodeName).toBeUndefined()
  expect(status.conditions?.[0]?.message).toBe(
    '0/1 nodes are available: 1 node(s) were unschedulable. ' +
      'preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
  )
})

test('a pod that may preempt nobody says so', async () => {
  await using cluster = await start(['n1'])
  const modest = { metadata: { name: 'modest' }, value: 100, preemptionPolicy: 'Never' } as const
  await cluster.client.create(PriorityClass, modest)
  await cluster.addPod('small', asking('3', 'low'))
  await cluster.settle()
  await cluster.addPod('big', { ...asking('3'), priorityClassName: 'modest' })
  await cluster.settle()
  expect(await cluster.nodeOf('small')).toBe('n1')
  expect(await cluster.eventsOf('big')).toEqual([
    'FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu. ' +
      'preemption: not eligible due to preemptionPolicy=Never.',
  ])
})

test('budgets are kept to where there is a choice', async () => {
  await using cluster = await start(['n1', 'n2'])
  const { client } = cluster
  await cluster.addPod('guarded', asking('3', 'low'), { app: 'guarded' })
  await cluster.addPod('free', asking('3', 'middle'), { app: 'free' })
  await cluster.settle()
  await client.create(PodDisruptionBudget, {
    metadata: place('guarded'),
    spec: { minAvailable: 1, selector: { matchLabels: { app: 'guarded' } } },
  })
  await cluster.settle()
  await cluster.addPod('big', asking('3', 'high'))
  await cluster.settle()
  const left = await client.list(Pod, { namespace: 'default' })
  expect(left.map(({ metadata }) => metadata.name).sort()).toEqual(['big', 'guarded'])
  expect(await cluster.nodeOf('big')).not.toBe('')
})

test('a victim that cannot be told to leave is tried again', async () => {
  await using cluster = await start(['n1'])
  const { client, clock } = cluster
  await cluster.addPod('small', asking('3', 'low'))
  await cluster.settle()
  let refusals = 1
  const remove = client.delete.bind(client)
  client.delete = ((...given: Parameters<typeof remove>) =>
    refusals-- > 0
      ? Promise.reject(new Error('the server is away'))
      : remove(...given)) as typeof client.delete
  await cluster.addPod('big', asking('3', 'high'))
  await cluster.settle()
  clock.jump(10_000)
  await cluster.settle()
  expect(await cluster.nodeOf('big')).toBe('n1')
})
