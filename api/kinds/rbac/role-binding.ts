/** RoleBinding: grants a role to users, groups and service accounts within a namespace. */
import { defineKind } from '../../kind.ts'
import { bindingColumns } from '../../parts/rbac/binding-columns.ts'
import { roleRef, subject } from '../../parts/rbac/rules.ts'
import { rbacNameRule, validateBinding, validateBindingUpdate } from '../../rules/rbac.ts'
import { listOf, omitEmpty, required, type Stored } from '../../schema.ts'

const roleKinds = ['Role', 'ClusterRole']

export const RoleBinding = defineKind({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'RoleBinding',
  plural: 'rolebindings',
  scope: 'Namespaced',
  nameRule: rbacNameRule,
  createOnUpdate: true,
  doc: 'Grants a Role or ClusterRole to users, groups and service accounts in its namespace.',
  fields: {
    subjects: omitEmpty(2, listOf(subject, { listType: 'atomic' }), 'Who is granted the role.'),
    roleRef: required(3, roleRef, 'The role that is granted. Never changes: bind again instead.'),
  },
  validateWhole: (binding, at, problems) => validateBinding(binding, roleKinds, at, problems),
  validateUpdate: validateBindingUpdate,
  columns: bindingColumns,
})
export interface RoleBinding extends Stored<typeof RoleBinding> {}
