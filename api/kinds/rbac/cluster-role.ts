/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import { labelSelector } from '../../parts/meta/label-selector.ts'
import { policyRule } from '../../parts/rbac/rules.ts'
import { always, listOf, omitEmpty, optional, type Stored, struct } from '../../schema.ts'

export const aggregationRule = struct('rbac.v1.AggregationRule', '', {
  clusterRoleSelectors: omitEmpty(1, listOf(labelSelector, { listType: 'atomic' }), ''),
})
export interface AggregationRule extends Stored<typeof aggregationRule> {}

export const ClusterRole = defineKind({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRole',
  plural: 'clusterroles',
  scope: 'Cluster',
  doc: '',
  fields: {
    rules: always(2, listOf(policyRule, { listType: 'atomic' }), '', { mayOmit: true }),
    aggregationRule: optional(3, aggregationRule, ''),
  },
  // columns: Name, Created At
})
export interface ClusterRole extends Stored<typeof ClusterRole> {}
