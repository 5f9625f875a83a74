/** Tries which endpoints Services have, and how these are spread over slices. */
import { describe, expect, test } from 'vitest'
import { Node } from '#api/kinds/core/node.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { Service } from '#api/kinds/core/service.ts'
import { type Endpoint, EndpointSlice } from '#api/kinds/discovery/endpoint-slice.ts'
import { type Cluster, startCluster } from '#test/cluster.ts'
import { endpointSliceController } from './endpointslice.ts'
import { planSlices } from './endpointslice-plan.ts'

const controllers = [endpointSliceController]
const labels = { app: 'web' }
const ports = [{ name: '', protocol: 'TCP', port: 80 }] as const
const endpoints = (from: number, to: number): Endpoint[] =>
  Array.from({ length: to - from }, (_, index) => ({
    addresses: [`10.0.${Math.floor((from + index) / 250)}.${((from + index) % 250) + 1}`],
    conditions: { ready: true },
  }))
const slice = (from: number, to: number, more: object = {}): EndpointSlice =>
  ({
    metadata: { name: `s${from}`, labels },
    addressType: 'IPv4',
    ports: [...ports],
    endpoints: endpoints(from, to),
    ...more,
  }) as unknown as EndpointSlice
const empty = slice(0, 0, { ports: [] })

test.for([
  { name: 'a placeholder where nothing is', want: [], existing: [], create: [0] },
  { name: 'a placeholder stays', want: [], existing: [empty] },
  { name: 'a hundred in one slice', want: [0, 250], existing: [], create: [100, 100, 50] },
  { name: 'nothing to do', want: [0, 10], existing: [slice(0, 10)] },
  {
    name: 'one more goes into the fullest with room',
    want: [0, 151],
    existing: [slice(0, 100), slice(100, 130), slice(130, 150)],
    update: [31],
  },
  {
    name: 'what changes anyway is filled first',
    want: [10, 60],
    existing: [slice(0, 50)],
    update: [50],
  },
  {
    name: 'what has nothing left goes',
    want: [0, 50],
    existing: [slice(0, 50), slice(50, 60)],
    remove: 1,
  },
  {
    name: 'the last one makes place for a placeholder',
    want: [],
    existing: [slice(0, 5)],
    create: [0],
    remove: 1,
  },
  {
    name: 'other ports are other slices',
    want: [0, 5],
    remove: 1,
    create: [5],
    existing: [slice(0, 5, { ports: [{ name: '', protocol: 'TCP', port: 81 }] })],
  },
  {
    name: 'other labels are an update',
    want: [0, 5],
    update: [5],
    existing: [slice(0, 5, { metadata: { name: 's', labels: {} } })],
  },
])('planSlices(): $name', ({ want, existing, create = [], update = [], remove = 0 }) => {
  const wanted = want.length ? [{ ports, endpoints: endpoints(want[0]!, want[1]!) }] : []
  const plan = planSlices(wanted, existing, labels)
  expect(plan.create.map((each) => each.endpoints.length)).toEqual(create)
  expect(plan.update.map((each) => each.endpoints?.length)).toEqual(update)
  expect(plan.remove).toHaveLength(remove)
})

const service = (spec: object = {}) =>
  ({
    metadata: { name: 'web', labels: { team: 'a' } },
    spec: { selector: labels, ports: [{ port: 80, targetPort: 'http' }], ...spec },
  }) as never

async function runPod({ client }: Cluster, name: string, ip: string, isReady = true, spec = {}) {
  const containers = [{ name: 'main', image: 'i', ports: [{ name: 'http', containerPort: 8080 }] }]
  const metadata = { name, labels }
  const pod = await client.create(Pod, {
    metadata,
    spec: { containers, nodeName: 'node-1', ...spec },
  } as never)
  return setStatus({ client } as Cluster, pod, ip, isReady)
}

const setStatus = ({ client }: Pick<Cluster, 'client'>, pod: Pod, ip: string, isReady: boolean) =>
  client.updateStatus(Pod, pod, {
    ...pod.status,
    phase: 'Running',
    podIP: ip,
    podIPs: [{ ip }],
    conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }],
  } as never)

async function withNode(): Promise<Cluster> {
  const cluster = await startCluster({ controllers })
  const zone = { 'topology.kubernetes.io/zone': 'z1' }
  await cluster.client.create(Node, { metadata: { name: 'node-1', labels: zone } })
  return cluster
}

const shown = async ({ client }: Cluster) =>
  (await client.list(EndpointSlice, { labelSelector: 'kubernetes.io/service-name=web' }))
    .flatMap((each) => each.endpoints ?? [])
    .map(({ addresses, conditions: { ready, serving, terminating } = {} }) =>
      [addresses?.[0], ready, serving, terminating].join(' '),
    )
    .toSorted()

describe('slices', () => {
  test('say whose they are, and what is behind them', async () => {
    await using cluster = await withNode()
    const { client } = cluster
    const owner = await client.create(Service, service())
    const pod = await runPod(cluster, 'one', '10.1.0.1')
    await cluster.settle()
    const [found, ...more] = await client.list(EndpointSlice, {
      namespace: 'default',
      labelSelector: 'team=a',
    })
    expect(more).toEqual([])
    expect(found?.metadata.name).toMatch(/^web-/)
    expect(found?.metadata.ownerReferences).toMatchObject([
      { kind: 'Service', uid: owner.metadata.uid, controller: true, blockOwnerDeletion: true },
    ])
    expect(found?.metadata.labels).toEqual({
      team: 'a',
      'kubernetes.io/service-name': 'web',
      'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
    })
    expect(found?.ports).toEqual([{ name: '', protocol: 'TCP', port: 8080 }])
    expect(found?.endpoints).toEqual([
      {
        addresses: ['10.1.0.1'],
        conditions: { ready: true, serving: true, terminating: false },
        nodeName: 'node-1',
        zone: 'z1',
        targetRef: { kind: 'Pod', namespace: 'default', name: 'one', uid: pod.metadata.uid },
      },
    ])
  })

  test('follow pods: not ready, terminating, ended', async () => {
    await using cluster = await withNode()
    const { client } = cluster
    await client.create(Service, service())
    const one = await runPod(cluster, 'one', '10.1.0.1', false)
    const two = await runPod(cluster, 'two', '10.1.0.2')
    await cluster.settle()
    expect(await shown(cluster)).toEqual(['10.1.0.1 false false false', '10.1.0.2 true true false'])
    await client.delete(Pod, two)
    await setStatus(cluster, one, '10.1.0.1', true)
    await cluster.settle()
    expect(await shown(cluster)).toEqual(['10.1.0.1 true true false', '10.1.0.2 false true true'])
    await client.delete(Pod, two, { gracePeriodSeconds: 0 })
    const last = await client.get(Pod, { name: 'one' })
    await client.updateStatus(Pod, last, { ...last.status, phase: 'Failed' })
    await cluster.settle()
    expect(await shown(cluster)).toEqual([])
    // An empty slice remains, which says that the Service has been looked at.
    expect(await client.list(EndpointSlice, { labelSelector: 'team=a' })).toHaveLength(1)
  })

  test('follow labels of pods and selectors of Services', async () => {
    await using cluster = await withNode()
    const { client } = cluster
    await client.create(Service, service({ selector: { app: 'other' } }))
    await runPod(cluster, 'one', '10.1.0.1')
    await cluster.settle()
    expect(await shown(cluster)).toEqual([])
    await client.patch(Service, { name: 'web' }, { spec: { selector: labels } })
    await cluster.settle()
    expect(await shown(cluster)).toEqual(['10.1.0.1 true true false'])
    await client.patch(Pod, { name: 'one' }, { metadata: { labels: { app: 'gone' } } })
    await cluster.settle()
    expect(await shown(cluster)).toEqual([])
  })

  test('of headless Services say so, and hosts have names', async () => {
    await using cluster = await withNode()
    const { client } = cluster
    await client.create(Service, service({ clusterIP: 'None', publishNotReadyAddresses: true }))
    await runPod(cluster, 'one', '10.1.0.1', false, { hostname: 'first', subdomain: 'web' })
    await cluster.settle()
    expect(await shown(cluster)).toEqual(['10.1.0.1 true false false'])
    const [found] = await client.list(EndpointSlice, { labelSelector: 'team=a' })
    expect(found?.metadata.labels).toHaveProperty(['service.kubernetes.io/headless'], '')
    expect(found?.endpoints?.[0]?.hostname).toBe('first')
  })

  test('wait for the node of a pod', async () => {
    await using cluster = await withNode()
    const { client } = cluster
    await client.create(Service, service({ trafficDistribution: 'PreferClose' }))
    await runPod(cluster, 'one', '10.1.0.1', true, { nodeName: 'node-2' })
    await cluster.settle()
    expect(await shown(cluster)).toEqual([])
    const zone = { 'topology.kubernetes.io/zone': 'z2' }
    await client.create(Node, { metadata: { name: 'node-2', labels: zone } })
    await cluster.settle()
    const [found] = await client.list(EndpointSlice, { labelSelector: 'team=a' })
    expect(found?.endpoints?.[0]?.hints).toEqual({ forZones: [{ name: 'z2' }] })
  })

  test('are not made for Services without selector, or with an outside name', async () => {
    await using cluster = await withNode()
    await cluster.client.create(Service, service({ selector: null }))
    const outside = {
      metadata: { name: 'out' },
      spec: { type: 'ExternalName', externalName: 'a.b' },
    }
    await cluster.client.create(Service, outside as never)
    await cluster.settle()
    expect(await cluster.client.list(EndpointSlice, { labelSelector: 'team=a' })).toEqual([])
    expect(cluster.logged).toEqual([])
  })
})
