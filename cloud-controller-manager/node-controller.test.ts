/** Nodes as their cloud completes, marks and removes them. */
import { describe, expect, test } from 'vitest'
import { Event } from '#api/kinds/core/event.ts'
import { Node } from '#api/kinds/core/node.ts'
import { type Cluster, startCluster } from '#test/cluster.ts'
import { startWithRoles } from '#test/role-scene.ts'
import { cloudNodeController } from './node-controller.ts'
import { cloudLifecycleController } from './node-lifecycle-controller.ts'
import { initialized, newerLabels, wantedAddresses } from './node-plan.ts'
import type { Instances } from './provider.ts'
import { localProvider } from './providers/local.ts'

const UNINITIALIZED = 'node.cloudprovider.kubernetes.io/uninitialized'
const SHUT_DOWN = 'node.cloudprovider.kubernetes.io/shutdown'
const PROVIDED = 'alpha.kubernetes.io/provided-node-ip'
const address = (type: string, text: string) => ({ type, address: text }) as never
const internal = (text: string) => address('InternalIP', text)
const cloudAddresses = [
  internal('10.0.0.1'),
  internal('10.0.0.2'),
  address('ExternalIP', '192.0.2.1'),
]
const node = (annotations: object = {}, status: object = {}, spec: object = {}) =>
  ({ metadata: { name: 'n', annotations, resourceVersion: '7' }, spec, status }) as unknown as Node

test.for([
  { name: 'as the cloud says', annotations: {}, want: ['10.0.0.1', '10.0.0.2', '192.0.2.1'] },
  {
    name: 'what the kubelet was told',
    annotations: { [PROVIDED]: '10.0.0.2' },
    want: ['10.0.0.2', '192.0.2.1'],
  },
])('wantedAddresses(): $name', ({ annotations, want }) => {
  const metadata = { providerId: 'x://1', addresses: cloudAddresses }
  const addresses = wantedAddresses(node(annotations), metadata)
  expect(addresses?.map((each) => each.address)).toEqual(want)
})

test('wantedAddresses(): the name of the host is kept, and no news is no change', () => {
  const present = node({}, { addresses: [address('Hostname', 'n')] })
  const known = wantedAddresses(present, { providerId: 'x://1', addresses: [internal('10.0.0.1')] })
  expect(known?.map(({ type }) => type)).toEqual(['InternalIP', 'Hostname'])
  expect(wantedAddresses(present, { providerId: 'x://1', addresses: [] })).toBeUndefined()
})

test('initialized(): all facts, in both of their names', () => {
  const taints = [
    { key: UNINITIALIZED, effect: 'NoSchedule' },
    { key: 'mine', effect: 'NoSchedule' },
  ]
  const metadata = { providerId: 'x://1', addresses: [], zone: 'a', region: 'b', instanceType: 'c' }
  expect(initialized(node({}, {}, { taints }), metadata)).toEqual({
    metadata: {
      resourceVersion: '7',
      labels: {
        'beta.kubernetes.io/instance-type': 'c',
        'node.kubernetes.io/instance-type': 'c',
        'failure-domain.beta.kubernetes.io/zone': 'a',
        'topology.kubernetes.io/zone': 'a',
        'failure-domain.beta.kubernetes.io/region': 'b',
        'topology.kubernetes.io/region': 'b',
      },
    },
    spec: { providerID: 'x://1', taints: [taints[1]] },
  })
})

test.for([
  {
    name: 'no name',
    given: node(),
    metadata: { providerId: '', addresses: [] },
    problem: /provider ID/,
  },
  {
    name: 'an address that the cloud does not know',
    given: node({ [PROVIDED]: '10.0.0.9' }),
    metadata: { providerId: 'x://1', addresses: cloudAddresses },
    problem: /matches ip: 10.0.0.9/,
  },
])('initialized(): $name', ({ given, metadata, problem }) => {
  expect(() => initialized(given, metadata)).toThrow(problem)
})

test('newerLabels() follow the older ones', () => {
  const older = { 'failure-domain.beta.kubernetes.io/zone': 'a' }
  const labelled = (labels: object) => ({ metadata: { name: 'n', labels } }) as unknown as Node
  expect(newerLabels(labelled(older))).toEqual({ 'topology.kubernetes.io/zone': 'a' })
  expect(newerLabels(labelled({ ...older, 'topology.kubernetes.io/zone': 'a' }))).toBeUndefined()
})

const local = localProvider({ pool: [], zones: new Map([['n1', 'east']]), region: 'here' })
const updatePeriodMs = 300_000
const monitorPeriodMs = 5000

const join = ({ client }: Pick<Cluster, 'client'>, name: string) =>
  client.create(Node, {
    metadata: { name, annotations: { [PROVIDED]: '10.0.0.7' } },
    spec: { taints: [{ key: UNINITIALIZED, effect: 'NoSchedule', value: 'true' }] },
  })

test('a node that joins is completed', async () => {
  const controllers = [cloudNodeController(local.instances!, { updatePeriodMs })]
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  await join(cluster, 'n1')
  await cluster.settle()
  const { metadata, spec, status } = await client.get(Node, { name: 'n1' })
  expect(spec.providerID).toBe('local://n1')
  expect(spec.taints?.map(({ key }) => key)).not.toContain(UNINITIALIZED)
  expect(metadata.labels).toMatchObject({
    'topology.kubernetes.io/zone': 'east',
    'topology.kubernetes.io/region': 'here',
  })
  expect(status.addresses).toEqual([internal('10.0.0.7'), address('Hostname', 'n1')])
  const events = (await client.list(Event)).map(({ reason, message }) => `${reason}: ${message}`)
  expect(events).toEqual(['Synced: Node synced successfully'])
  expect(cluster.logged).toEqual([])
})

/** Machines that the test switches off and takes away. */
function cloud() {
  const machines = new Map<string, 'up' | 'down'>()
  const instances: Instances = {
    metadata: async () => undefined,
    exists: async ({ metadata }) => machines.has(metadata.name),
    isShutDown: async ({ metadata }) => machines.get(metadata.name) === 'down',
  }
  return { machines, instances }
}

const report = ({ client }: Pick<Cluster, 'client'>, name: string, status: string) =>
  client.patch(
    Node,
    { name },
    { status: { conditions: [{ type: 'Ready', status }] } },
    { type: 'strategic', subresource: 'status' },
  )

describe('a node whose machine', () => {
  test('is shut down is marked, and is not when it is up again', async () => {
    const { machines, instances } = cloud()
    const controllers = [cloudLifecycleController(instances, { monitorPeriodMs })]
    await using cluster = await startCluster({ controllers })
    const { client, clock } = cluster
    machines.set('n1', 'up')
    await client.create(Node, { metadata: { name: 'n1' } })
    await report(cluster, 'n1', 'Unknown')
    await cluster.settle()
    const marked = async () =>
      (await client.get(Node, { name: 'n1' })).spec.taints?.some(({ key }) => key === SHUT_DOWN)
    expect(await marked()).toBe(false)
    machines.set('n1', 'down')
    clock.jump(5000)
    await cluster.settle()
    expect(await marked()).toBe(true)
    await report(cluster, 'n1', 'True')
    await cluster.settle()
    expect(await marked()).toBe(false)
  })

  test('is gone is deleted, if it is not ready', async () => {
    const { machines, instances } = cloud()
    const controllers = [cloudLifecycleController(instances, { monitorPeriodMs })]
    await using scene = await startWithRoles([{ account: 'node-controller', controllers }])
    const { client } = scene
    for (const name of ['n1', 'n2']) {
      machines.set(name, 'up')
      await client.create(Node, { metadata: { name } })
      await report(scene, name, name === 'n1' ? 'Unknown' : 'True')
    }
    const isSeen = async () => Boolean((await client.find(Node, { name: 'n2' }))?.status.conditions)
    await scene.until(isSeen)
    // What is stored is on its way to the caches.
    let rounds = 0
    await scene.until(async () => rounds++ === 10)
    // A ready node is believed, whatever the cloud says.
    machines.clear()
    await scene.until(async () => (await client.find(Node, { name: 'n1' })) === undefined)
    expect(await client.find(Node, { name: 'n2' })).toBeDefined()
    const events = await client.list(Event, { namespace: 'default' })
    expect(events.map(({ reason, message }) => `${reason}: ${message}`)).toEqual([
      'DeletingNode: Deleting node n1 because it does not exist in the cloud provider',
    ])
    expect(scene.logged).toEqual([])
  })
})
