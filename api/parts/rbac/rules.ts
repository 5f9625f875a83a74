/** FIXME: one sentence. */
import { always, listOf, omitEmpty, required, type Stored, string, struct } from '../../schema.ts'

export const policyRule = struct('rbac.v1.PolicyRule', '', {
  verbs: required(1, listOf(string, { listType: 'atomic' }), ''),
  apiGroups: omitEmpty(2, listOf(string, { listType: 'atomic' }), ''),
  resources: omitEmpty(3, listOf(string, { listType: 'atomic' }), ''),
  resourceNames: omitEmpty(4, listOf(string, { listType: 'atomic' }), ''),
  nonResourceURLs: omitEmpty(5, listOf(string, { listType: 'atomic' }), ''),
})
export interface PolicyRule extends Stored<typeof policyRule> {}

export const subject = struct(
  'rbac.v1.Subject',
  '',
  {
    kind: required(1, string, ''),
    apiGroup: omitEmpty(2, string, ''),
    name: required(3, string, ''),
    namespace: omitEmpty(4, string, ''),
  },
  { atomic: true },
)
export interface Subject extends Stored<typeof subject> {}

export const roleRef = struct(
  'rbac.v1.RoleRef',
  '',
  {
    apiGroup: always(1, string, '', { mayOmit: true }),
    kind: required(2, string, ''),
    name: required(3, string, ''),
  },
  { atomic: true },
)
export interface RoleRef extends Stored<typeof roleRef> {}
