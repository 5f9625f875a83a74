/** Tries how ClusterRoles gather the rules of others. */
import { expect, test } from 'vitest'
import { ClusterRole } from '#api/kinds/rbac/cluster-role.ts'
import { startCluster } from '#test/cluster.ts'
import { clusterRoleAggregationController } from './cluster-role-aggregation.ts'

const controllers = [clusterRoleAggregationController]
const rule = (resource: string) => ({
  apiGroups: ['example.com'],
  resources: [resource],
  verbs: ['get'],
})
const part = (name: string, ...resources: string[]) => ({
  metadata: { name, labels: { part: 'of-whole' } },
  rules: resources.map(rule),
})
const whole = {
  metadata: { name: 'whole' },
  aggregationRule: { clusterRoleSelectors: [{ matchLabels: { part: 'of-whole' } }] },
  rules: [],
}

test('a role gathers the rules of those it selects, in the order of their names', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  const rules = async () =>
    ((await client.get(ClusterRole, { name: 'whole' })).rules ?? []).map(
      ({ resources }) => resources?.[0],
    )
  await client.create(ClusterRole, part('b', 'pears', 'apples'))
  await client.create(ClusterRole, whole)
  await client.create(ClusterRole, part('a', 'apples'))
  await cluster.settle()
  expect(await rules()).toEqual(['apples', 'pears'])
  await client.patch(ClusterRole, { name: 'b' }, { metadata: { labels: { part: null } } })
  await cluster.settle()
  expect(await rules()).toEqual(['apples'])
  await client.delete(ClusterRole, { name: 'a' })
  await cluster.settle()
  expect(await rules()).toEqual([])
})

test('rules that somebody writes into it are taken out again', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  await client.create(ClusterRole, part('a', 'apples'))
  await client.create(ClusterRole, whole)
  await cluster.settle()
  await client.patch(ClusterRole, { name: 'whole' }, { rules: [rule('plums')] })
  await cluster.settle()
  const { rules } = await client.get(ClusterRole, { name: 'whole' })
  expect(rules).toEqual([rule('apples')])
})

test('what extends view, edit and admin reaches all three', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' }
  await client.create(ClusterRole, { metadata: { name: 'more', labels }, rules: [rule('plums')] })
  await cluster.settle()
  for (const name of ['view', 'edit', 'admin']) {
    const { rules } = await client.get(ClusterRole, { name })
    expect(rules).toContainEqual(rule('plums'))
  }
})
