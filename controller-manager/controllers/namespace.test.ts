/** Tries how namespaces are emptied, and what is told of it. */
import { describe, expect, test } from 'vitest'
import { CustomResourceDefinition } from '#api/kinds/apiextensions/custom-resource-definition.ts'
import { ConfigMap } from '#api/kinds/core/config-map.ts'
import { Namespace } from '#api/kinds/core/namespace.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { Secret } from '#api/kinds/core/secret.ts'
import { startCluster } from '#test/cluster.ts'
import { namespaceController } from './namespace.ts'
import { type Findings, statusAfter, waitMs } from './namespace-content.ts'

const controllers = [namespaceController]
const nothing: Findings = { remaining: [], failures: [], unreachable: [] }

describe('statusAfter()', () => {
  const conditionsOf = (findings: Findings) =>
    (statusAfter({ phase: 'Terminating' }, findings, '2030-01-01T00:00:00Z').conditions ?? [])
      .filter(({ status }) => status === 'True')
      .map(({ type, reason, message }) => [type, reason, message])

  test('says that all is well of every aspect', () => {
    const { conditions } = statusAfter({ phase: 'Terminating' }, nothing, '2030-01-01T00:00:00Z')
    expect(conditions?.map(({ type, status, reason }) => `${type} ${status} ${reason}`)).toEqual([
      'NamespaceDeletionDiscoveryFailure False ResourcesDiscovered',
      'NamespaceDeletionGroupVersionParsingFailure False ParsedGroupVersions',
      'NamespaceDeletionContentFailure False ContentDeleted',
      'NamespaceContentRemaining False ContentRemoved',
      'NamespaceFinalizersRemaining False ContentRemoved',
    ])
  })

  test.for([
    {
      name: 'objects that remain, and what holds them',
      findings: {
        remaining: [
          { resource: 'pods.', objects: [{}, {}] },
          { resource: 'jobs.batch', objects: [{ finalizers: ['a/b'] }] },
        ],
      },
      conditions: [
        [
          'NamespaceContentRemaining',
          'SomeResourcesRemain',
          'Some resources are remaining: jobs.batch has 1 resource instances, ' +
            'pods. has 2 resource instances',
        ],
        [
          'NamespaceFinalizersRemaining',
          'SomeFinalizerRemain',
          'Some finalizers are remaining: a/b in 1 resource instances',
        ],
      ],
    },
    {
      name: 'deletes that failed',
      findings: { failures: ['b', 'a'] },
      conditions: [
        [
          'NamespaceDeletionContentFailure',
          'ContentDeletionFailed',
          'Failed to delete all resource types, 2 remaining: a, b',
        ],
      ],
    },
    {
      name: 'groups that do not answer',
      findings: { unreachable: ['metrics.k8s.io/v1beta1'] },
      conditions: [
        [
          'NamespaceDeletionDiscoveryFailure',
          'DiscoveryFailed',
          'Discovery failed for some groups, 1 failing: unable to retrieve the complete list ' +
            'of server APIs: metrics.k8s.io/v1beta1: stale GroupVersion discovery: ' +
            'metrics.k8s.io/v1beta1',
        ],
      ],
    },
  ])('tells $name', ({ findings, conditions }) => {
    expect(conditionsOf({ ...nothing, ...findings })).toEqual(conditions)
  })
})

test.for([
  { name: 'finalizers', object: { finalizers: ['x/y'] }, ms: 8000 },
  { name: 'grace', object: { deletionTimestamp: '1970-01-01T00:00:30Z' }, ms: 16_000 },
  {
    name: 'grace that is over',
    object: { deletionTimestamp: '1970-01-01T00:00:00Z' },
    ms: undefined,
  },
  { name: 'nothing', object: {}, ms: undefined },
])('waitMs(): $name', ({ object, ms }) => {
  expect(waitMs([{ resource: 'pods.', objects: [object] }], 0)).toBe(ms)
})

const podIn = (namespace: string, nodeName?: string) => ({
  metadata: { name: 'pod', namespace },
  spec: { containers: [{ name: 'main', image: 'image' }], ...(nodeName && { nodeName }) },
})

describe('deleting a namespace', () => {
  test('takes everything in it along, custom objects too', async () => {
    await using cluster = await startCluster({ controllers })
    const { client, clock } = cluster
    await client.create(CustomResourceDefinition, widgets as never)
    await client.create(Namespace, { metadata: { name: 'going' } })
    await cluster.settle()
    const path = '/apis/example.com/v1/namespaces/going/widgets'
    const widget = { ...widgetKind, metadata: { name: 'one', namespace: 'going' } }
    await client.create(widgetResource as never, widget as never)
    await client.create(ConfigMap, { metadata: { name: 'config', namespace: 'going' } })
    await client.create(ConfigMap, { metadata: { name: 'config', namespace: 'default' } })
    await client.create(Pod, podIn('going'))
    await client.delete(Namespace, { name: 'going' })
    await cluster.settle()
    clock.jump(2000)
    await cluster.settle()
    expect(await client.find(Namespace, { name: 'going' })).toBeUndefined()
    expect(await client.list(ConfigMap, { namespace: 'going' })).toEqual([])
    expect(JSON.parse((await client.raw(path)).toString()).items).toEqual([])
    expect(await client.list(ConfigMap, { namespace: 'default' })).toHaveLength(1)
    expect(cluster.logged).toEqual([])
  })

  test('waits for pods before anything else goes, and tells of them', async () => {
    await using cluster = await startCluster({ controllers })
    const { client, clock } = cluster
    await client.create(Namespace, { metadata: { name: 'going' } })
    await client.create(Secret, { metadata: { name: 'needed', namespace: 'going' } })
    const pod = await client.create(Pod, podIn('going', 'node-1'))
    await client.delete(Namespace, { name: 'going' })
    await cluster.settle()
    const { status } = await client.get(Namespace, { name: 'going' })
    const told = status.conditions?.find(({ type }) => type === 'NamespaceContentRemaining')
    expect(told?.message).toBe('Some resources are remaining: pods. has 1 resource instances')
    expect(await client.list(Secret, { namespace: 'going' })).toHaveLength(1)
    clock.jump(2000)
    // What the kubelet does when the containers have ended.
    await client.delete(Pod, pod, { gracePeriodSeconds: 0 })
    await cluster.settle()
    expect(await client.find(Namespace, { name: 'going' })).toBeUndefined()
  })

  test('waits for finalizers of others', async () => {
    await using cluster = await startCluster({ controllers })
    const { client, clock } = cluster
    await client.create(Namespace, { metadata: { name: 'going' } })
    const metadata = { name: 'held', namespace: 'going', finalizers: ['example.com/hold'] }
    const held = await client.create(ConfigMap, { metadata })
    await client.delete(Namespace, { name: 'going' })
    await cluster.settle()
    const { status } = await client.get(Namespace, { name: 'going' })
    expect(
      status.conditions?.filter((each) => each.status === 'True').map((c) => c.message),
    ).toEqual([
      'Some resources are remaining: configmaps. has 1 resource instances',
      'Some finalizers are remaining: example.com/hold in 1 resource instances',
    ])
    await client.patch(ConfigMap, held, { metadata: { finalizers: null } })
    clock.jump(8000)
    await cluster.settle()
    expect(await client.find(Namespace, { name: 'going' })).toBeUndefined()
  })

  test('leaves it to other finalizers of the namespace when it is empty', async () => {
    await using cluster = await startCluster({ controllers })
    const { client, clock } = cluster
    const spec = { finalizers: ['example.com/other'] }
    await client.create(Namespace, { metadata: { name: 'going' }, spec } as never)
    await client.delete(Namespace, { name: 'going' })
    await cluster.settle()
    clock.jump(2000)
    await cluster.settle()
    const left = await client.get(Namespace, { name: 'going' })
    expect(left.spec.finalizers).toEqual(['example.com/other'])
  })
})

const widgetKind = { apiVersion: 'example.com/v1', kind: 'Widget' }
const widgetResource = { ...widgetKind, group: 'example.com', version: 'v1', plural: 'widgets' }
const widgets = {
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
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
