/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import { policyRule } from '../../parts/rbac/rules.ts'
import { always, listOf, type Stored } from '../../schema.ts'

export const Role = defineKind({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'Role',
  plural: 'roles',
  scope: 'Namespaced',
  doc: '',
  fields: {
    rules: always(2, listOf(policyRule, { listType: 'atomic' }), '', { mayOmit: true }),
  },
  // columns: Name, Created At
})
export interface Role extends Stored<typeof Role> {}
