/** Tries which Services get which addresses, and that none is given twice. */
import { describe, expect, test } from 'vitest'
import { Event } from '#api/kinds/core/event.ts'
import { Node } from '#api/kinds/core/node.ts'
import { Service } from '#api/kinds/core/service.ts'
import { type Cluster, startCluster } from '#test/cluster.ts'
import { startWithRoles } from '#test/role-scene.ts'
import { parsePool } from './address-pool.ts'
import type { Balancers } from './provider.ts'
import { localProvider } from './providers/local.ts'
import { actionFor, serviceController, takesTraffic } from './service-controller.ts'

const FINALIZER = 'service.kubernetes.io/load-balancer-cleanup'
const finalizers = [FINALIZER]
const deletionTimestamp = '2030-01-01T00:00:00Z'

test.for([
  { name: 'a new one', spec: { type: 'LoadBalancer' }, want: 'ensure' },
  { name: 'a present one', spec: { type: 'LoadBalancer' }, meta: { finalizers }, want: 'ensure' },
  {
    name: 'one of a class',
    spec: { type: 'LoadBalancer', loadBalancerClass: 'example.com/theirs' },
    want: 'nothing',
  },
  { name: 'another type', spec: { type: 'ClusterIP' }, want: 'nothing' },
  {
    name: 'another type by now',
    spec: { type: 'ClusterIP' },
    meta: { finalizers },
    want: 'remove',
  },
  {
    name: 'one that goes',
    spec: { type: 'LoadBalancer' },
    meta: { finalizers, deletionTimestamp },
    want: 'remove',
  },
  {
    name: 'one that goes, and has nothing',
    spec: { type: 'LoadBalancer' },
    meta: { deletionTimestamp },
    want: 'nothing',
  },
])('actionFor(): $name', ({ spec, meta = {}, want }) => {
  expect(actionFor({ metadata: { name: 'web', ...meta }, spec } as unknown as Service)).toBe(want)
})

test.for([
  { name: 'any', meta: {}, taints: [], want: true },
  {
    name: 'excluded',
    meta: { labels: { 'node.kubernetes.io/exclude-from-external-load-balancers': '' } },
    taints: [],
    want: false,
  },
  {
    name: 'about to go',
    meta: {},
    taints: [{ key: 'ToBeDeletedByClusterAutoscaler' }],
    want: false,
  },
  { name: 'going', meta: { deletionTimestamp }, taints: [], want: false },
])('takesTraffic(): $name', ({ meta, taints, want }) => {
  const node = { metadata: { name: 'n', ...meta }, spec: { taints } } as unknown as Node
  expect(takesTraffic(node)).toBe(want)
})

const local = (...pool: string[]) => {
  const { balancers } = localProvider({
    pool: parsePool(pool),
    zones: new Map(),
    region: undefined,
  })
  return serviceController(balancers!)
}
const start = (...pool: string[]) => startCluster({ controllers: [local(...pool)] })

const create = ({ client }: Pick<Cluster, 'client'>, name: string, spec: object = {}) =>
  client.create(Service, {
    metadata: { name, namespace: 'default' },
    spec: { type: 'LoadBalancer', ports: [{ port: 80 }], ...spec },
  } as never)

const shown = async ({ client }: Cluster, name: string) =>
  ((await client.get(Service, { name })).status.loadBalancer.ingress ?? []).map(({ ip }) => ip)

const told = async ({ client }: Cluster, about: string) =>
  (await client.list(Event))
    .filter(({ involvedObject }) => involvedObject.name === about)
    .map(({ reason, message }) => `${reason}: ${message}`)

describe('a Service of type LoadBalancer', () => {
  test('gets an address, and gives it back when it goes', async () => {
    await using cluster = await start('192.0.2.10-192.0.2.20')
    const { client } = cluster
    await create(cluster, 'web')
    await cluster.settle()
    const web = await client.get(Service, { name: 'web' })
    expect(web.status.loadBalancer.ingress).toEqual([{ ip: '192.0.2.10', ipMode: 'VIP' }])
    expect(web.metadata.finalizers).toEqual(finalizers)
    await create(cluster, 'other')
    await cluster.settle()
    expect(await shown(cluster, 'other')).toEqual(['192.0.2.11'])
    await client.delete(Service, web)
    await cluster.settle()
    expect(await client.find(Service, { name: 'web' })).toBeUndefined()
    expect(await told(cluster, 'web')).toEqual([
      'EnsuringLoadBalancer: Ensuring load balancer',
      'EnsuredLoadBalancer: Ensured load balancer',
      'DeletingLoadBalancer: Deleting load balancer',
      'DeletedLoadBalancer: Deleted load balancer',
    ])
    await create(cluster, 'next')
    await cluster.settle()
    expect(await shown(cluster, 'next')).toEqual(['192.0.2.10'])
    expect(cluster.logged).toEqual([])
  })

  test('gives its address back when it becomes another type', async () => {
    await using cluster = await start('192.0.2.10')
    const { client } = cluster
    await create(cluster, 'web')
    await cluster.settle()
    await create(cluster, 'waits')
    await cluster.settle()
    expect(await shown(cluster, 'waits')).toEqual([])
    expect((await told(cluster, 'waits')).at(-1)).toBe(
      'SyncLoadBalancerFailed: Error syncing load balancer: failed to ensure load balancer: ' +
        'no IPv4 address is left in the pool of load balancers',
    )
    await client.patch(Service, { name: 'web' }, { spec: { type: 'ClusterIP' } })
    await cluster.settle()
    const { metadata, status } = await client.get(Service, { name: 'web' })
    expect([metadata.finalizers ?? [], status.loadBalancer]).toEqual([[], {}])
    expect(await shown(cluster, 'waits')).toEqual(['192.0.2.10'])
  })

  test('gets the address that it asks for, if that is free and ours', async () => {
    await using cluster = await start('192.0.2.10-192.0.2.12')
    await create(cluster, 'wants', { loadBalancerIP: '192.0.2.12' })
    await cluster.settle()
    await create(cluster, 'late', { loadBalancerIP: '192.0.2.12' })
    await cluster.settle()
    expect(await shown(cluster, 'wants')).toEqual(['192.0.2.12'])
    expect(await shown(cluster, 'late')).toEqual([])
    expect((await told(cluster, 'late')).at(-1)).toMatch(
      /loadBalancerIP 192.0.2.12 belongs to the service default\/wants$/,
    )
    const { client } = cluster
    await client.patch(Service, { name: 'late' }, { spec: { loadBalancerIP: '192.0.2.11' } })
    await cluster.settle()
    expect(await shown(cluster, 'late')).toEqual(['192.0.2.11'])
  })

  test('gets none while it has a class of somebody else', async () => {
    await using cluster = await start('192.0.2.10')
    await create(cluster, 'theirs', { loadBalancerClass: 'example.com/theirs' })
    await cluster.settle()
    expect(await shown(cluster, 'theirs')).toEqual([])
    expect(await told(cluster, 'theirs')).toEqual([])
  })

  test('what somebody writes into its status is put right', async () => {
    await using cluster = await start('192.0.2.10-192.0.2.12')
    const { client } = cluster
    await create(cluster, 'web')
    await create(cluster, 'other')
    await cluster.settle()
    const [kept] = await shown(cluster, 'web')
    const ingress = [{ ip: kept, ipMode: 'VIP' }]
    const patch = { status: { loadBalancer: { ingress } } }
    await client.patch(Service, { name: 'other' }, patch, { subresource: 'status' })
    await cluster.settle()
    const after = [await shown(cluster, 'web'), await shown(cluster, 'other')].flat()
    expect(new Set(after).size).toBe(2)
  })
})

test('many at once get one each, and a controller that starts anew takes none away', async () => {
  await using cluster = await start('192.0.2.0/24')
  const names = Array.from({ length: 30 }, (_, index) => `s${index}`)
  await Promise.all(names.map((name) => create(cluster, name)))
  await cluster.settle()
  const before = await Promise.all(names.map((name) => shown(cluster, name)))
  expect(new Set(before.flat()).size).toBe(30)
  const { balancers } = localProvider({
    pool: parsePool(['192.0.2.0/24']),
    zones: new Map(),
    region: undefined,
  })
  const services = await cluster.client.list(Service)
  for (const service of services.filter(({ spec }) => spec.type === 'LoadBalancer')) {
    const { ingress } = await balancers!.ensure({ service, services, nodes: [] })
    expect(ingress).toEqual(service.status.loadBalancer.ingress)
  }
})

test('a cloud that balances over nodes is told when they come and go', async () => {
  const seen: string[] = []
  const balancers: Balancers = {
    dependsOnNodes: true,
    async ensure({ nodes }) {
      seen.push(
        nodes
          .map(({ metadata }) => metadata.name)
          .toSorted()
          .join(),
      )
      return { ingress: [{ hostname: 'lb.example.com' }] }
    },
    async remove() {
      seen.push('removed')
    },
  }
  await using cluster = await startCluster({ controllers: [serviceController(balancers)] })
  const { client } = cluster
  await create(cluster, 'web')
  await cluster.settle()
  await client.create(Node, { metadata: { name: 'n1' } })
  await cluster.settle()
  const labels = { 'node.kubernetes.io/exclude-from-external-load-balancers': 'yes' }
  await client.patch(Node, { name: 'n1' }, { metadata: { labels } })
  await cluster.settle()
  await client.delete(Service, { name: 'web' })
  await cluster.settle()
  expect([...new Set(seen)]).toEqual(['', 'n1', 'removed'])
  expect(await told(cluster, 'web')).toEqual([
    'EnsuringLoadBalancer: Ensuring load balancer',
    'UnAvailableLoadBalancer: There are no available nodes for LoadBalancer',
    'EnsuredLoadBalancer: Ensured load balancer',
    'UpdatedLoadBalancer: Updated load balancer with new hosts',
    'DeletingLoadBalancer: Deleting load balancer',
    'DeletedLoadBalancer: Deleted load balancer',
  ])
})

test("all of that is allowed to upstream's account", async () => {
  const controllers = [local('192.0.2.10')]
  await using scene = await startWithRoles([{ account: 'service-controller', controllers }])
  const { client } = scene
  const web = await create(scene, 'web')
  await scene.until(async () =>
    Boolean((await client.get(Service, web)).status.loadBalancer.ingress?.length),
  )
  await client.delete(Service, web)
  await scene.until(async () => (await client.find(Service, web)) === undefined)
  expect(scene.logged).toEqual([])
})
