/** Tries what goes, stays or waits when owners are deleted. */
import { describe, expect, test } from 'vitest'
import { CustomResourceDefinition } from '#api/kinds/apiextensions/custom-resource-definition.ts'
import { ReplicaSet } from '#api/kinds/apps/replica-set.ts'
import { ConfigMap } from '#api/kinds/core/config-map.ts'
import { Event } from '#api/kinds/core/event.ts'
import { Namespace } from '#api/kinds/core/namespace.ts'
import { Secret } from '#api/kinds/core/secret.ts'
import { ClusterRole } from '#api/kinds/rbac/cluster-role.ts'
import type { ObjectMeta, OwnerReference } from '#api/parts/meta/object-meta.ts'
import type { ApiObject } from '#client/resource.ts'
import { type Cluster, startCluster } from '#test/cluster.ts'
import { definitionWhen } from '#test/definitions.ts'
import { garbageCollectorController } from './garbage-collector.ts'
import { type Owners, planOwned } from './garbage-collector-plan.ts'

const controllers = [garbageCollectorController]

describe('planOwned()', () => {
  const owner = (uid: string, blockOwnerDeletion = true): OwnerReference =>
    ({ apiVersion: 'v1', kind: 'ConfigMap', name: uid, uid, blockOwnerDeletion }) as OwnerReference
  const [a, b] = [owner('a'), owner('b')]
  const none: Owners = { solid: [], dangling: [], waiting: [] }
  const alone = { count: 0, isAnyWaiting: false }

  test.for([
    { name: 'one whose owner is there stays', owners: { solid: [a] }, plan: { type: 'keep' } },
    {
      name: 'one with an owner that is there forgets the others',
      owners: { solid: [a], dangling: [b] },
      plan: { type: 'release', ownerReferences: [a] },
    },
    {
      name: 'one with an owner that is there does not hold up an owner that waits',
      owners: { solid: [a], waiting: [b] },
      plan: { type: 'release', ownerReferences: [a] },
    },
    {
      name: 'one whose owners are gone goes',
      owners: { dangling: [a, b] },
      plan: { type: 'delete', policy: 'Background' },
    },
    {
      name: 'one whose owner waits goes, after its own dependents',
      owners: { waiting: [a] },
      dependents: { count: 2, isAnyWaiting: false },
      plan: { type: 'delete', policy: 'Foreground' },
    },
    {
      name: 'one without dependents goes at once',
      owners: { waiting: [a] },
      plan: { type: 'delete', policy: 'Background' },
    },
    {
      name: 'a circle is broken',
      owners: { waiting: [a] },
      dependents: { count: 1, isAnyWaiting: true },
      plan: { type: 'delete', policy: 'Foreground', unblocked: [owner('a', false)] },
    },
    {
      name: 'dependents that are to stay stay',
      owners: { dangling: [a] },
      finalizers: ['orphan'],
      plan: { type: 'delete', policy: 'Orphan' },
    },
    {
      name: 'dependents that are to go first go first',
      owners: { dangling: [a] },
      finalizers: ['foregroundDeletion'],
      plan: { type: 'delete', policy: 'Foreground' },
    },
  ])('$name', ({ owners, dependents = alone, finalizers, plan }) => {
    const classified = { ...none, ...owners }
    const ownerReferences = [...classified.solid, ...classified.dangling, ...classified.waiting]
    const metadata = { name: 'x', uid: 'x', ownerReferences, finalizers } as unknown as ObjectMeta
    expect(planOwned(metadata, classified, dependents)).toEqual(plan)
  })

  test('one without owners stays', () => {
    expect(planOwned({ name: 'x' } as ObjectMeta, none, alone)).toEqual({ type: 'keep' })
  })
})

const ownedBy = ({ apiVersion, kind, metadata }: ApiObject, blockOwnerDeletion = true) => ({
  apiVersion: apiVersion!,
  kind: kind!,
  name: metadata.name,
  uid: metadata.uid,
  blockOwnerDeletion,
})

const create = (
  { client }: Cluster,
  name: string,
  owners: readonly ApiObject[] = [],
  more: object = {},
) => {
  const ownerReferences = owners.map((owner) => ownedBy(owner))
  return client.create(ConfigMap, { metadata: { name, ownerReferences, ...more } })
}

const names = async ({ client }: Cluster, namespace = 'default') =>
  (await client.list(ConfigMap, { namespace })).map(({ metadata }) => metadata.name)

describe('background deletion', () => {
  test('takes dependents and their dependents along, of any kind', async () => {
    await using cluster = await startCluster({ controllers })
    const { client } = cluster
    const root = await create(cluster, 'root')
    const child = await create(cluster, 'child', [root])
    const metadata = { name: 'grandchild', ownerReferences: [ownedBy(child)] }
    await client.create(Secret, { metadata })
    await create(cluster, 'other')
    await cluster.settle()
    expect(await names(cluster)).toEqual(['child', 'other', 'root'])
    await client.delete(ConfigMap, root, { propagationPolicy: 'Background' })
    await cluster.settle()
    expect(await names(cluster)).toEqual(['other'])
    expect(await client.list(Secret)).toEqual([])
    expect(cluster.logged).toEqual([])
  })

  test('leaves those that have another owner, and makes them forget the one', async () => {
    await using cluster = await startCluster({ controllers })
    const { client } = cluster
    const [one, two] = [await create(cluster, 'one'), await create(cluster, 'two')]
    await create(cluster, 'shared', [one, two])
    await cluster.settle()
    await client.delete(ConfigMap, one)
    await cluster.settle()
    const shared = await client.get(ConfigMap, { name: 'shared' })
    expect(shared.metadata.ownerReferences?.map(({ name }) => name)).toEqual(['two'])
    await client.delete(ConfigMap, two)
    await cluster.settle()
    expect(await names(cluster)).toEqual([])
  })

  test('finds what lost its owner while nobody looked', async () => {
    await using cluster = await startCluster({ controllers })
    const { client } = cluster
    const owner = await create(cluster, 'owner')
    await client.delete(ConfigMap, owner)
    await create(cluster, 'owner')
    // A namesake of the owner is another object.
    await create(cluster, 'late', [owner])
    await cluster.settle()
    expect(await names(cluster)).toEqual(['owner'])
  })
})

describe('foreground deletion', () => {
  test('removes the owner after its dependents', async () => {
    await using cluster = await startCluster({ controllers })
    const { client } = cluster
    const root = await create(cluster, 'root')
    const child = await create(cluster, 'child', [root])
    await create(cluster, 'grandchild', [child], { finalizers: ['example.com/hold'] })
    await cluster.settle()
    await client.delete(ConfigMap, root, { propagationPolicy: 'Foreground' })
    await cluster.settle()
    expect(await names(cluster)).toEqual(['child', 'grandchild', 'root'])
    const held = await client.get(ConfigMap, { name: 'grandchild' })
    expect(held.metadata.deletionTimestamp).toBeTruthy()
    await client.patch(ConfigMap, held, { metadata: { finalizers: null } })
    await cluster.settle()
    expect(await names(cluster)).toEqual([])
  })

  test('does not wait for dependents that do not block', async () => {
    await using cluster = await startCluster({ controllers })
    const { client } = cluster
    const root = await create(cluster, 'root')
    const ownerReferences = [ownedBy(root, false)]
    const finalizers = ['example.com/hold']
    await client.create(ConfigMap, { metadata: { name: 'child', ownerReferences, finalizers } })
    await cluster.settle()
    await client.delete(ConfigMap, root, { propagationPolicy: 'Foreground' })
    await cluster.settle()
    expect(await names(cluster)).toEqual(['child'])
    const { metadata } = await client.get(ConfigMap, { name: 'child' })
    expect(metadata.deletionTimestamp).toBeTruthy()
  })

  test('gets through a circle', async () => {
    await using cluster = await startCluster({ controllers })
    const { client } = cluster
    const a = await create(cluster, 'a')
    const b = await create(cluster, 'b', [a])
    await client.patch(ConfigMap, a, { metadata: { ownerReferences: [ownedBy(b)] } })
    await cluster.settle()
    await client.delete(ConfigMap, a, { propagationPolicy: 'Foreground' })
    await cluster.settle()
    expect(await names(cluster)).toEqual([])
  })
})

test('orphans stay, and forget their owner', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  const owner = await create(cluster, 'owner')
  await create(cluster, 'child', [owner])
  await cluster.settle()
  await client.delete(ConfigMap, owner, { propagationPolicy: 'Orphan' })
  await cluster.settle()
  expect(await names(cluster)).toEqual(['child'])
  const child = await client.get(ConfigMap, { name: 'child' })
  expect(child.metadata.ownerReferences ?? []).toEqual([])
})

test('cluster-wide objects may own those in namespaces', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  const role = await client.create(ClusterRole, { metadata: { name: 'owner' }, rules: [] })
  await create(cluster, 'child', [role])
  await cluster.settle()
  expect(await names(cluster)).toEqual(['child'])
  await client.delete(ClusterRole, role)
  await cluster.settle()
  expect(await names(cluster)).toEqual([])
})

describe('owners in another namespace', () => {
  test('are none, and an event says so', async () => {
    await using cluster = await startCluster({ controllers })
    const { client } = cluster
    await client.create(Namespace, { metadata: { name: 'elsewhere' } })
    const owner = await create(cluster, 'owner', [], { namespace: 'elsewhere' })
    await cluster.settle()
    await create(cluster, 'child', [owner])
    await cluster.settle()
    expect(await names(cluster)).toEqual([])
    expect(await names(cluster, 'elsewhere')).toEqual(['owner'])
    const [event] = await client.list(Event)
    expect(event?.reason).toBe('OwnerRefInvalidNamespace')
    expect(event?.message).toContain('does not exist in namespace "default"')
  })

  test('of a cluster-wide object change nothing', async () => {
    await using cluster = await startCluster({ controllers })
    const { client } = cluster
    const owner = await create(cluster, 'owner')
    const metadata = { name: 'child', ownerReferences: [ownedBy(owner)] }
    await client.create(ClusterRole, { metadata, rules: [] })
    await cluster.settle()
    await client.delete(ConfigMap, owner)
    await cluster.settle()
    expect(await client.find(ClusterRole, { name: 'child' })).toBeDefined()
  })
})

test('custom objects own and are owned, from the moment their definition is there', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  await cluster.settle()
  await client.create(CustomResourceDefinition, gadgets as never)
  await cluster.settle()
  const input = { apiVersion: 'example.com/v1', kind: 'Gadget', metadata: { name: 'owner' } }
  const owner: ApiObject = await client.create(gadgetResource as never, input as never)
  const child = await create(cluster, 'child', [owner])
  const metadata = { name: 'grandchild', ownerReferences: [ownedBy(child)] }
  await client.create(gadgetResource as never, { ...input, metadata } as never)
  await cluster.settle()
  expect(await names(cluster)).toEqual(['child'])
  await client.delete(gadgetResource as never, owner)
  await cluster.settle()
  expect(await names(cluster)).toEqual([])
  expect(await client.list(gadgetResource as never)).toEqual([])
})

test('what custom objects own goes when their definition is deleted', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  await client.create(CustomResourceDefinition, gadgets as never)
  await cluster.settle()
  const input = { apiVersion: 'example.com/v1', kind: 'Gadget', metadata: { name: 'owner' } }
  const owner: ApiObject = await client.create(gadgetResource as never, input as never)
  await create(cluster, 'child', [owner])
  await cluster.settle()
  await client.delete(CustomResourceDefinition, { name: 'gadgets.example.com' })
  await definitionWhen(cluster.server, 'gadgets.example.com', (found) => found === undefined)
  await cluster.settle()
  expect(await names(cluster)).toEqual([])
})

test('a ReplicaSet takes along many dependents', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  const labels = { app: 'many' }
  const template = {
    metadata: { labels },
    spec: { containers: [{ name: 'main', image: 'image' }] },
  }
  const owner = await client.create(ReplicaSet, {
    metadata: { name: 'many' },
    spec: { selector: { matchLabels: labels }, template },
  })
  const children = Array.from({ length: 100 }, (_, index) => create(cluster, `c${index}`, [owner]))
  await Promise.all(children)
  await cluster.settle()
  expect(await names(cluster)).toHaveLength(100)
  await client.delete(ReplicaSet, owner, { propagationPolicy: 'Foreground' })
  await cluster.settle()
  expect(await names(cluster)).toEqual([])
  expect(await client.list(ReplicaSet)).toEqual([])
})

const gadgetResource = {
  group: 'example.com',
  version: 'v1',
  apiVersion: 'example.com/v1',
  kind: 'Gadget',
  plural: 'gadgets',
}
const gadgets = {
  metadata: { name: 'gadgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', listKind: 'GadgetList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object' } },
      },
    ],
  },
}
