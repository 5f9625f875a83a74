/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import { roleRef, subject } from '../../parts/rbac/rules.ts'
import { listOf, omitEmpty, required, type Stored } from '../../schema.ts'

export const ClusterRoleBinding = defineKind({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  scope: 'Cluster',
  doc: '',
  fields: {
    subjects: omitEmpty(2, listOf(subject, { listType: 'atomic' }), ''),
    roleRef: required(3, roleRef, ''),
  },
  // columns: Name, Role, Age, Users*, Groups*, ServiceAccounts*
})
export interface ClusterRoleBinding extends Stored<typeof ClusterRoleBinding> {}
