/** What aggregated roles gather: by label, in the order of names, and each rule once. */
import { expect, test } from 'vitest'
import type { ClusterRole } from '../kinds/rbac/cluster-role.ts'
import { aggregatedRules } from './role-aggregation.ts'

const rule = (resource: string) => ({ verbs: ['get'], apiGroups: [''], resources: [resource] })

const role = (name: string, labels: Record<string, string>, ...resources: string[]): ClusterRole =>
  ({ metadata: { name, labels }, rules: resources.map(rule) }) as unknown as ClusterRole

const gathering = (...selectors: Record<string, string>[]): ClusterRole =>
  ({
    metadata: { name: 'all', labels: { to: 'a' } },
    rules: [rule('stale')],
    aggregationRule: { clusterRoleSelectors: selectors.map((matchLabels) => ({ matchLabels })) },
  }) as unknown as ClusterRole

const others = [
  gathering({ to: 'a' }),
  role('one', { to: 'a' }, 'pods', 'secrets'),
  role('three', { to: 'b' }, 'nodes'),
  role('two', { to: 'a' }, 'pods', 'services'),
]

test.for<[string, Record<string, string>[], string[]]>([
  ['one label', [{ to: 'a' }], ['pods', 'secrets', 'services']],
  ['one selector is enough', [{ to: 'b' }, { to: 'a' }], ['nodes', 'pods', 'secrets', 'services']],
  ['nobody', [{ to: 'c' }], []],
  ['no selector', [], []],
])('aggregatedRules(): %s', ([, selectors, resources]) => {
  expect(aggregatedRules(gathering(...selectors), others)).toEqual(resources.map(rule))
})
