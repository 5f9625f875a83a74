/** What users see of the scheduler: bindings, conditions and events, on a real API server. */
import { expect, test } from 'vitest'
import { Node } from '#api/kinds/core/node.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { startSchedulingCluster } from '#test/scheduling-cluster.ts'
import { defaultProfile } from './profile.ts'

const place = (name: string) => ({ name, namespace: 'default' })
const asking = (requests: Record<string, string>) => ({
  containers: [{ name: 'main', image: 'image', resources: { requests } }],
})

test('a pod is bound, and says so', async () => {
  await using cluster = await startSchedulingCluster()
  await cluster.addNode('n1')
  await cluster.addPod('web')
  await cluster.settle()
  const { spec, status } = await cluster.client.get(Pod, place('web'))
  expect(spec.nodeName).toBe('n1')
  expect(status.conditions).toMatchObject([{ type: 'PodScheduled', status: 'True' }])
  expect(await cluster.eventsOf('web')).toEqual([
    'Scheduled: Successfully assigned default/web to n1',
  ])
  expect(cluster.logged).toEqual([])
})

test('a pod that fits nowhere says why, for each node', async () => {
  await using cluster = await startSchedulingCluster()
  const taints = [{ key: 'dedicated', value: 'gpu', effect: 'NoSchedule' as const }]
  await cluster.addNode('small', { allocatable: { cpu: '1' } })
  await cluster.addNode('tainted-a', { spec: { taints } })
  await cluster.addNode('tainted-b', { spec: { taints } })
  await cluster.addPod('web', asking({ cpu: '2' }))
  await cluster.settle()
  const message =
    '0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint(s). ' +
    'preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.'
  const { spec, status } = await cluster.client.get(Pod, place('web'))
  expect(spec.nodeName).toBeUndefined()
  expect(status.conditions).toMatchObject([
    { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message },
  ])
  expect(await cluster.eventsOf('web')).toEqual([`FailedScheduling: ${message}`])
  const kept = cluster.scheduler.verdicts.get('default/web')!
  expect([...kept.verdicts].map(([node, { plugin }]) => [node, plugin]).sort()).toEqual([
    ['small', 'NodeResourcesFit'],
    ['tainted-a', 'TaintToleration'],
    ['tainted-b', 'TaintToleration'],
  ])
})

test('without nodes there is no choice; the first node ends the wait', async () => {
  await using cluster = await startSchedulingCluster()
  await cluster.addPod('web')
  await cluster.settle()
  expect(await cluster.eventsOf('web')).toEqual([
    'FailedScheduling: no nodes available to schedule pods',
  ])
  await cluster.addNode('n1')
  await cluster.settle()
  expect(await cluster.nodeOf('web')).toBe('n1')
})

test('each change that makes a node possible is enough, without any time passing', async () => {
  await using cluster = await startSchedulingCluster()
  const taints = [{ key: 'dedicated', effect: 'NoSchedule' as const }]
  const { client } = cluster
  await cluster.addNode('tainted', { spec: { taints } })
  await cluster.addPod('web', { nodeSelector: { disk: 'ssd' } })
  await cluster.settle()
  await client.patch(Node, { name: 'tainted' }, { metadata: { labels: { disk: 'ssd' } } })
  await cluster.settle()
  expect(await cluster.nodeOf('web')).toBe('')
  await client.patch(Node, { name: 'tainted' }, { spec: { taints: null } })
  await cluster.settle()
  expect(await cluster.nodeOf('web')).toBe('tainted')
  await cluster.addPod('big', asking({ cpu: '8' }))
  await cluster.settle()
  const more = { status: { allocatable: { cpu: '16' } } }
  await client.patch(Node, { name: 'tainted' }, more, { subresource: 'status' })
  await cluster.settle()
  expect(await cluster.nodeOf('big')).toBe('tainted')
})

test('what a deleted pod leaves is taken by one that waits', async () => {
  await using cluster = await startSchedulingCluster()
  await cluster.addNode('n1')
  await cluster.addPod('first', asking({ cpu: '3' }))
  await cluster.settle()
  await cluster.addPod('second', asking({ cpu: '3' }))
  await cluster.settle()
  expect(await cluster.nodeOf('second')).toBe('')
  await cluster.client.delete(Pod, place('first'), { gracePeriodSeconds: 0 })
  await cluster.settle()
  expect(await cluster.nodeOf('second')).toBe('n1')
})

test('a pod that has ended holds nothing', async () => {
  await using cluster = await startSchedulingCluster()
  await cluster.addNode('n1', { allocatable: { pods: '1' } })
  await cluster.addPod('job')
  await cluster.settle()
  await cluster.addPod('next')
  await cluster.settle()
  expect(await cluster.eventsOf('next')).toEqual([
    'FailedScheduling: 0/1 nodes are available: 1 Too many pods. preemption: ' +
      '0/1 nodes are available: 1 No preemption victims found for incoming pod.',
  ])
  const ended = { status: { phase: 'Succeeded' } }
  await cluster.client.patch(Pod, place('job'), ended, { subresource: 'status' })
  await cluster.settle()
  expect(await cluster.nodeOf('next')).toBe('n1')
})

test('gates hold a pod back until the last is removed', async () => {
  await using cluster = await startSchedulingCluster()
  await cluster.addNode('n1')
  await cluster.addPod('web', { schedulingGates: [{ name: 'a' }, { name: 'b' }] })
  await cluster.settle()
  expect(await cluster.nodeOf('web')).toBe('')
  expect(await cluster.eventsOf('web')).toEqual([])
  const { client } = cluster
  await client.patch(Pod, place('web'), { spec: { schedulingGates: [{ name: 'b' }] } })
  await cluster.settle()
  expect(await cluster.nodeOf('web')).toBe('')
  await client.patch(Pod, place('web'), { spec: { schedulingGates: null } })
  await cluster.settle()
  expect(await cluster.nodeOf('web')).toBe('n1')
})

test('pods of other schedulers are left alone, and those of each profile are not', async () => {
  const profiles = [defaultProfile, { ...defaultProfile, schedulerName: 'other' }]
  await using cluster = await startSchedulingCluster({ profiles })
  await cluster.addNode('n1')
  await cluster.addPod('mine', { schedulerName: 'other' })
  await cluster.addPod('foreign', { schedulerName: 'somebody' })
  await cluster.settle()
  expect(await cluster.nodeOf('mine')).toBe('n1')
  expect(await cluster.nodeOf('foreign')).toBe('')
})

test('many pods at once are spread, and no node gets more than it has', async () => {
  await using cluster = await startSchedulingCluster()
  for (const name of ['n1', 'n2', 'n3']) await cluster.addNode(name)
  const names = Array.from({ length: 13 }, (_, index) => `web-${index}`)
  await Promise.all(names.map((name) => cluster.addPod(name, asking({ cpu: '1' }))))
  await cluster.settle()
  const nodes = await Promise.all(names.map((name) => cluster.nodeOf(name)))
  const counts = Object.groupBy(nodes, (node) => node)
  expect(['n1', 'n2', 'n3'].map((name) => counts[name]?.length)).toEqual([4, 4, 4])
  expect(counts['']?.length).toBe(1)
})

test('a binding that the server refuses gives the room back and is tried again', async () => {
  await using cluster = await startSchedulingCluster()
  await cluster.addNode('n1', { allocatable: { pods: '1' } })
  const { client, scheduler, clock } = cluster
  let refusals = 1
  const bind = client.createSubresource.bind(client)
  client.createSubresource = ((...given: Parameters<typeof bind>) => {
    if (refusals-- > 0) return Promise.reject(new Error('the server is away'))
    return bind(...given)
  }) as typeof client.createSubresource
  await cluster.addPod('web')
  await cluster.settle()
  expect(scheduler.isRetrying).toBe(true)
  expect(await cluster.eventsOf('web')).toEqual([
    'FailedScheduling: running Bind plugin "DefaultBinder": the server is away',
  ])
  clock.jump(1000)
  await cluster.settle()
  expect(await cluster.nodeOf('web')).toBe('n1')
})
