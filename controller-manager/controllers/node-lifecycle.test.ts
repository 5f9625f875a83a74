/** Nodes that report, fall silent and come back, and what becomes of them and their pods. */
import { describe, expect, test } from 'vitest'
import { findCondition } from '#api/conditions.ts'
import { Lease } from '#api/kinds/coordination/lease.ts'
import { Event } from '#api/kinds/core/event.ts'
import { Namespace } from '#api/kinds/core/namespace.ts'
import { Node } from '#api/kinds/core/node.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { epochToMicroTime, epochToTime } from '#api/time.ts'
import { type Cluster, startCluster } from '#test/cluster.ts'
import { report } from '#test/workloads.ts'
import { nodeLifecycleController } from './node-lifecycle.ts'
import { usualRates } from './node-zones.ts'

const settings = {
  monitorGraceMs: 50_000,
  startupGraceMs: 60_000,
  monitorPeriodMs: 5000,
  rates: usualRates,
}
const start = () => startCluster({ controllers: [nodeLifecycleController(settings)] })

const seconds = ({ clock }: Cluster) => Math.floor(clock.now() / 1000)

/** What its kubelet would report: that it is ready, unless something else is said. */
async function heartbeat(cluster: Cluster, name: string, status = 'True'): Promise<void> {
  const now = epochToTime(seconds(cluster))
  const ready = { type: 'Ready', status, reason: 'KubeletReady', lastHeartbeatTime: now }
  const patch = { status: { conditions: [ready] } }
  await cluster.client.patch(Node, { name }, patch, { type: 'strategic', subresource: 'status' })
}

async function renew({ client, clock }: Cluster, name: string): Promise<void> {
  const target = { name, namespace: 'kube-node-lease' }
  const renewTime = epochToMicroTime(Math.floor(clock.now() / 1000))
  const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime }
  if (await client.find(Lease, target)) await client.patch(Lease, target, { spec })
  else await client.create(Lease, { metadata: target, spec })
}

async function join(cluster: Cluster, name: string, labels: Record<string, string> = {}) {
  await cluster.client.create(Node, { metadata: { name, labels } })
  await heartbeat(cluster, name)
}

async function pass(cluster: Cluster, ms: number, alive: readonly string[] = []): Promise<void> {
  for (let left = ms; left > 0; left -= 5000) {
    cluster.clock.jump(Math.min(left, 5000))
    for (const name of alive) await renew(cluster, name)
    await cluster.settle()
  }
}

const taints = async ({ client }: Cluster, name: string) =>
  ((await client.get(Node, { name })).spec.taints ?? [])
    .map(({ key, effect }) => `${key.replace('node.kubernetes.io/', '')}:${effect}`)
    .toSorted()

const ready = async ({ client }: Cluster, name: string) =>
  findCondition((await client.get(Node, { name })).status.conditions, 'Ready')

const events = async ({ client }: Cluster, about: string) =>
  (await client.list(Event, { namespace: 'default' }))
    .filter(({ involvedObject }) => involvedObject.name === about)
    .map(({ reason, message }) => `${reason}: ${message}`)

const leases = { metadata: { name: 'kube-node-lease' } }
async function startWithLeases(): Promise<Cluster> {
  const cluster = await start()
  if (!(await cluster.client.find(Namespace, leases.metadata))) {
    await cluster.client.create(Namespace, leases)
  }
  return cluster
}

describe('a node', () => {
  test('that falls silent is unknown, and so are its pods', async () => {
    await using cluster = await startWithLeases()
    const { client } = cluster
    await join(cluster, 'alive')
    await join(cluster, 'silent')
    const spec = { nodeName: 'silent', containers: [{ name: 'main', image: 'i' }] }
    const pod = await client.create(Pod, { metadata: { name: 'web' }, spec })
    await report(cluster, pod)
    await pass(cluster, 50_000, ['alive'])
    expect((await ready(cluster, 'silent'))?.status).toBe('True')
    await pass(cluster, 5000, ['alive'])
    expect(await ready(cluster, 'alive')).toMatchObject({ status: 'True' })
    expect(await ready(cluster, 'silent')).toMatchObject({
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
    })
    const node = await client.get(Node, { name: 'silent' })
    expect(
      node.status.conditions?.map(({ type, status, reason }) => [type, status, reason]),
    ).toEqual([
      ['Ready', 'Unknown', 'NodeStatusUnknown'],
      ['MemoryPressure', 'Unknown', 'NodeStatusNeverUpdated'],
      ['DiskPressure', 'Unknown', 'NodeStatusNeverUpdated'],
      ['PIDPressure', 'Unknown', 'NodeStatusNeverUpdated'],
    ])
    expect(await taints(cluster, 'silent')).toEqual([
      'unreachable:NoExecute',
      'unreachable:NoSchedule',
    ])
    const { status } = await client.get(Pod, pod)
    expect(findCondition(status.conditions, 'Ready')?.status).toBe('False')
    expect(await events(cluster, 'silent')).toEqual([
      'RegisteredNode: Node silent event: Registered Node silent in Controller',
      'NodeNotReady: Node silent status is now: NodeNotReady',
    ])
    expect(await events(cluster, 'web')).toEqual(['NodeNotReady: Node is not ready'])
    expect(cluster.logged).toEqual([])
  })

  test('that comes back loses its taints', async () => {
    await using cluster = await startWithLeases()
    await join(cluster, 'alive')
    await join(cluster, 'silent')
    await pass(cluster, 60_000, ['alive'])
    expect(await taints(cluster, 'silent')).not.toEqual([])
    await heartbeat(cluster, 'silent')
    await cluster.settle()
    expect(await taints(cluster, 'silent')).toEqual([])
    await pass(cluster, 45_000, ['alive', 'silent'])
    await pass(cluster, 45_000, ['alive', 'silent'])
    expect((await ready(cluster, 'silent'))?.status).toBe('True')
  })

  test('that says itself that it is not ready is tainted, and its pods are its own', async () => {
    await using cluster = await startWithLeases()
    const { client } = cluster
    await join(cluster, 'alive')
    await join(cluster, 'ill', { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' })
    const spec = { nodeName: 'ill', containers: [{ name: 'main', image: 'i' }] }
    const pod = await client.create(Pod, { metadata: { name: 'web' }, spec })
    await report(cluster, pod)
    await heartbeat(cluster, 'ill', 'False')
    await cluster.settle()
    expect(await taints(cluster, 'ill')).toEqual(['not-ready:NoExecute', 'not-ready:NoSchedule'])
    const { status } = await client.get(Pod, pod)
    expect(findCondition(status.conditions, 'Ready')?.status).toBe('True')
    const { labels } = (await client.get(Node, { name: 'ill' })).metadata
    expect(labels).toMatchObject({ 'beta.kubernetes.io/os': 'linux' })
  })

  test('that never reports has a minute', async () => {
    await using cluster = await startWithLeases()
    await join(cluster, 'alive')
    await cluster.client.create(Node, { metadata: { name: 'mute' } })
    await pass(cluster, 60_000, ['alive'])
    expect(await ready(cluster, 'mute')).toBeUndefined()
    await pass(cluster, 5000, ['alive'])
    expect(await ready(cluster, 'mute')).toMatchObject({
      status: 'Unknown',
      reason: 'NodeStatusNeverUpdated',
      message: 'Kubelet never posted node status.',
    })
    expect(await taints(cluster, 'mute')).toContain('unreachable:NoExecute')
  })

  test('that is deleted is said to be gone, and its namesake is another', async () => {
    await using cluster = await startWithLeases()
    await join(cluster, 'n')
    await cluster.settle()
    await cluster.client.delete(Node, { name: 'n' })
    await cluster.settle()
    expect((await events(cluster, 'n')).at(-1)).toBe(
      'RemovingNode: Node n event: Removing Node n from Controller',
    )
    await join(cluster, 'n')
    await cluster.settle()
    expect((await events(cluster, 'n')).at(-1)).toBe(
      'RegisteredNode: Node n event: Registered Node n in Controller',
    )
  })

  test('that is cordoned is tainted until it is not', async () => {
    await using cluster = await startWithLeases()
    await join(cluster, 'n')
    await cluster.client.patch(Node, { name: 'n' }, { spec: { unschedulable: true } })
    await cluster.settle()
    expect(await taints(cluster, 'n')).toEqual(['unschedulable:NoSchedule'])
    await cluster.client.patch(Node, { name: 'n' }, { spec: { unschedulable: null } })
    await cluster.settle()
    expect(await taints(cluster, 'n')).toEqual([])
  })
})

describe('many nodes', () => {
  test('lose their pods one by one', async () => {
    await using cluster = await startWithLeases()
    const alive = ['a', 'b', 'c']
    const silent = ['x', 'y']
    for (const name of [...alive, ...silent]) await join(cluster, name)
    await pass(cluster, 55_000, alive)
    const tainted = async () => {
      const all = await Promise.all(silent.map((name) => taints(cluster, name)))
      return all.filter((each) => each.includes('unreachable:NoExecute')).length
    }
    expect(await tainted()).toBe(1)
    await pass(cluster, 5000, alive)
    expect(await tainted()).toBe(1)
    await pass(cluster, 5000, alive)
    expect(await tainted()).toBe(2)
  })

  test('keep their pods when none can be seen, and get their grace when some can again', async () => {
    await using cluster = await startWithLeases()
    const names = ['a', 'b', 'c', 'd']
    for (const name of names) await join(cluster, name)
    await pass(cluster, 55_000, ['a', 'b', 'c'])
    expect(await taints(cluster, 'd')).toContain('unreachable:NoExecute')
    await pass(cluster, 60_000)
    for (const name of names)
      expect(await taints(cluster, name)).toEqual(['unreachable:NoSchedule'])
    await heartbeat(cluster, 'a')
    await pass(cluster, 5000, ['a'])
    expect(await taints(cluster, 'a')).toEqual([])
    await pass(cluster, 5000, ['a'])
    // Too many of so few: partial disruption, which taints nobody.
    expect(await taints(cluster, 'b')).toEqual(['unreachable:NoSchedule'])
    expect(cluster.logged).toEqual([])
  })
})
