/** ClusterRole: permissions in the whole cluster, or for RoleBindings to grant in a namespace. */
import { defineKind } from '../../kind.ts'
import { validateLabelSelector } from '../../label-selector.ts'
import { labelSelector } from '../../parts/meta/label-selector.ts'
import { policyRule } from '../../parts/rbac/rules.ts'
import { rbacNameRule, validatePolicyRules } from '../../rules/rbac.ts'
import { always, listOf, omitEmpty, optional, type Stored, struct } from '../../schema.ts'
import { createdAtColumn, nameColumn } from '../../table.ts'

export const aggregationRule = struct(
  'rbac.v1.AggregationRule',
  'Which other ClusterRoles this one is made up of.',
  {
    clusterRoleSelectors: omitEmpty(
      1,
      listOf(labelSelector, { listType: 'atomic' }),
      'Selects them by labels; one selector that matches is enough.',
    ),
  },
)
export interface AggregationRule extends Stored<typeof aggregationRule> {}

export const ClusterRole = defineKind({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRole',
  plural: 'clusterroles',
  scope: 'Cluster',
  nameRule: rbacNameRule,
  createOnUpdate: true,
  doc: 'Permissions in the whole cluster, or for RoleBindings to grant in one namespace.',
  fields: {
    rules: always(
      2,
      listOf(policyRule, { listType: 'atomic' }),
      'What is permitted. Kept by a controller when aggregationRule is set.',
      { mayOmit: true },
    ),
    aggregationRule: optional(
      3,
      aggregationRule,
      'Where to gather the rules from instead of writing them here.',
    ),
  },
  validateWhole({ rules, aggregationRule: aggregation }, at, problems) {
    validatePolicyRules(rules, false, at.child('rules'), problems)
    if (!aggregation) return
    const path = at.child('aggregationRule').child('clusterRoleSelectors')
    const selectors = aggregation.clusterRoleSelectors ?? []
    if (!selectors.length) {
      problems.required(
        path,
        'at least one clusterRoleSelector required if aggregationRule is non-nil',
      )
    }
    for (const [position, selector] of selectors.entries()) {
      validateLabelSelector(selector, path.index(position), problems)
    }
  },
  columns: [nameColumn, createdAtColumn],
})
export interface ClusterRole extends Stored<typeof ClusterRole> {}
