/** Role: permissions within one namespace. */
import { defineKind } from '../../kind.ts'
import { policyRule } from '../../parts/rbac/rules.ts'
import { rbacNameRule, validatePolicyRules } from '../../rules/rbac.ts'
import { always, listOf, type Stored } from '../../schema.ts'
import { createdAtColumn, nameColumn } from '../../table.ts'

export const Role = defineKind({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'Role',
  plural: 'roles',
  scope: 'Namespaced',
  nameRule: rbacNameRule,
  createOnUpdate: true,
  doc: 'Permissions within one namespace.',
  fields: {
    rules: always(2, listOf(policyRule, { listType: 'atomic' }), 'What is permitted.', {
      mayOmit: true,
    }),
  },
  validateWhole({ rules }, at, problems) {
    validatePolicyRules(rules, true, at.child('rules'), problems)
  },
  columns: [nameColumn, createdAtColumn],
})
export interface Role extends Stored<typeof Role> {}
