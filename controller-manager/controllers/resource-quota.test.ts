/** Tries what is counted of quotas, when, and what becomes of requests meanwhile. */
import { expect, test } from 'vitest'
import { CustomResourceDefinition } from '#api/kinds/apiextensions/custom-resource-definition.ts'
import { ConfigMap } from '#api/kinds/core/config-map.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { ResourceQuota, type ResourceQuotaSpec } from '#api/kinds/core/resource-quota.ts'
import { Service } from '#api/kinds/core/service.ts'
import { type Cluster, startCluster } from '#test/cluster.ts'
import { report } from '#test/workloads.ts'
import { resourceQuotaController } from './resource-quota.ts'
import { isLess, sameAmounts, usedOf } from './resource-quota-usage.ts'

const pod = (name: string, cpu: string, more: object = {}) => ({
  metadata: { name, namespace: 'default' },
  spec: {
    containers: [{ name: 'main', image: 'image', resources: { requests: { cpu } } }],
    ...more,
  },
})
const seen = (cpu: string, more: object = {}) => ({ ...pod('p', cpu, more), status: {} })

test.for<{ case: string; spec: object; want: object }>([
  {
    case: 'sums',
    spec: { hard: { pods: '9', 'requests.cpu': '9' } },
    want: { pods: '2', 'requests.cpu': '1500m' },
  },
  { case: 'numbers', spec: { hard: { 'count/pods': '9' } }, want: { 'count/pods': '2' } },
  { case: 'nothing', spec: { hard: { secrets: '9' } }, want: { secrets: '0' } },
  {
    case: 'what is unknown',
    spec: { hard: { 'count/foos.example.com': '9', pods: '1' } },
    want: { pods: '2' },
  },
  {
    case: 'one scope',
    spec: { hard: { pods: '9' }, scopes: ['Terminating'] },
    want: { pods: '1' },
  },
  {
    case: 'two scopes',
    spec: { hard: { pods: '9' }, scopes: ['Terminating', 'BestEffort'] },
    want: { pods: '0' },
  },
  {
    case: 'a scope of objects that have none',
    spec: { hard: { configmaps: '9' }, scopes: ['Terminating'] },
    want: { configmaps: '0' },
  },
])('usedOf(): $case', ({ spec, want }) => {
  const objects: Readonly<Record<string, object[]>> = {
    pods: [seen('1'), seen('500m', { activeDeadlineSeconds: 5 })],
    secrets: [],
    configmaps: [{}],
  }
  expect(usedOf(spec as ResourceQuotaSpec, (name) => objects[name], 0)).toEqual(want)
})

test('amounts are compared as amounts', () => {
  expect(sameAmounts({ memory: '1Gi' }, { memory: '1024Mi' })).toBe(true)
  expect(sameAmounts({ memory: '1Gi' }, {})).toBe(false)
  expect(isLess({ cpu: '1' }, { cpu: '1001m' })).toBe(true)
  expect(isLess({ cpu: '1', pods: '2' }, { cpu: '1000m' })).toBe(false)
})

const controllers = [resourceQuotaController()]
const bound = ({ client }: Cluster, hard: Record<string, string>) =>
  client.create(ResourceQuota, {
    metadata: { name: 'quota', namespace: 'default' },
    spec: { hard },
  })
const used = async ({ client }: Cluster) =>
  (await client.get(ResourceQuota, { name: 'quota' })).status.used
const later = async (cluster: Cluster, ms: number) => {
  await cluster.settle()
  cluster.clock.jump(ms)
  await cluster.settle()
}

test('what was there before the quota is counted, and what goes is given back', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  for (const name of ['a', 'b']) await client.create(Pod, pod(name, '100m'))
  await bound(cluster, { pods: '3', 'requests.cpu': '1', configmaps: '2' })
  await cluster.settle()
  expect(await used(cluster)).toEqual({ configmaps: '0', pods: '2', 'requests.cpu': '200m' })
  await client.create(Pod, pod('c', '100m'))
  const full = /exceeded quota: quota, requested: pods=1, used: pods=3, limited: pods=3/
  await expect(client.create(Pod, pod('d', '100m'))).rejects.toThrow(full)
  await client.delete(Pod, { name: 'a' })
  await later(cluster, 500)
  expect(await used(cluster)).toEqual({ configmaps: '0', pods: '2', 'requests.cpu': '200m' })
  await client.create(Pod, pod('d', '100m'))
})

test('a pod that has ended takes up no more than its place among the objects', async () => {
  await using cluster = await startCluster({ controllers })
  const made = await cluster.client.create(Pod, pod('a', '100m'))
  await bound(cluster, { pods: '3', 'requests.cpu': '1', 'count/pods': '5' })
  await cluster.settle()
  await report(cluster, made, { phase: 'Succeeded' })
  await later(cluster, 500)
  expect(await used(cluster)).toEqual({ 'count/pods': '1', pods: '0', 'requests.cpu': '0' })
})

test('less is found only when no request was charged a moment ago', async () => {
  await using cluster = await startCluster({ controllers })
  const { client, clock } = cluster
  await bound(cluster, { configmaps: '5' })
  await cluster.settle()
  // A request that was charged, and whose object is still under way.
  await client.patch(
    ResourceQuota,
    { name: 'quota' },
    { status: { used: { configmaps: '3' } } },
    { subresource: 'status' },
  )
  await client.create(ConfigMap, { metadata: { name: 'a' } })
  await client.delete(ConfigMap, { name: 'a' })
  await cluster.settle()
  expect(await used(cluster)).toEqual({ configmaps: '4' })
  clock.jump(500)
  await cluster.settle()
  expect(await used(cluster)).toEqual({ configmaps: '0' })
})

test('a bound that is changed is in force at once', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  // One is there from the start.
  await bound(cluster, { services: '2' })
  const spec = { ports: [{ port: 80 }] }
  await cluster.settle()
  await client.create(Service, { metadata: { name: 'a' }, spec })
  await expect(client.create(Service, { metadata: { name: 'b' }, spec })).rejects.toThrow(
    'exceeded',
  )
  const hard = { services: '3', 'services.nodeports': '0' }
  await client.patch(ResourceQuota, { name: 'quota' }, { spec: { hard } })
  await cluster.settle()
  expect((await client.get(ResourceQuota, { name: 'quota' })).status).toEqual({
    hard,
    used: { services: '2', 'services.nodeports': '0' },
  })
  await client.create(Service, { metadata: { name: 'b' }, spec })
})

test('custom resources are counted from when they are known', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  await bound(cluster, { 'count/foos.example.com': '1' })
  await cluster.settle()
  expect(await used(cluster)).toBeUndefined()
  const schema = { openAPIV3Schema: { type: 'object' } }
  await client.create(CustomResourceDefinition, {
    metadata: { name: 'foos.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'foos', kind: 'Foo' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  } as never)
  await later(cluster, 5000)
  expect(await used(cluster)).toEqual({ 'count/foos.example.com': '0' })
})
