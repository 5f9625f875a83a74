/** What roles permit and whom bindings grant them to. */
import {
  always,
  listOf,
  omitEmpty,
  required,
  type Stored,
  string,
  struct,
  wordOf,
} from '../../schema.ts'

export const rbacGroup = 'rbac.authorization.k8s.io'

const texts = listOf(string, { listType: 'atomic' })

export const policyRule = struct(
  'rbac.v1.PolicyRule',
  'Permits verbs on resources, or on paths that are not resources.',
  {
    verbs: required(1, texts, 'What may be done, such as get; * is everything.'),
    apiGroups: omitEmpty(2, texts, 'API groups of the resources; empty is the core, * every one.'),
    resources: omitEmpty(3, texts, 'Plural names, subresources after a slash; * is every one.'),
    resourceNames: omitEmpty(4, texts, 'Names of the objects that this is limited to, if any.'),
    nonResourceURLs: omitEmpty(5, texts, 'Other paths; * at the end is any rest. In ClusterRoles.'),
  },
)
export interface PolicyRule extends Stored<typeof policyRule> {}

export const subject = struct(
  'rbac.v1.Subject',
  'A user, group or service account.',
  {
    kind: required(1, wordOf('User', 'Group', 'ServiceAccount'), 'What it is.'),
    apiGroup: omitEmpty(2, string, 'Empty for a ServiceAccount, else rbac.authorization.k8s.io.'),
    name: required(3, string, 'Its name.'),
    namespace: omitEmpty(4, string, 'Namespace of a ServiceAccount; the others have none.'),
  },
  {
    atomic: true,
    defaults(each) {
      if (!each.apiGroup && (each.kind === 'User' || each.kind === 'Group')) {
        each.apiGroup = rbacGroup
      }
    },
  },
)
export interface Subject extends Stored<typeof subject> {}

export const roleRef = struct(
  'rbac.v1.RoleRef',
  'The role that a binding grants.',
  {
    apiGroup: always(1, string, 'The group of the role, rbac.authorization.k8s.io.', {
      default: rbacGroup,
      mayOmit: true,
    }),
    kind: required(2, wordOf('Role', 'ClusterRole'), 'What it is: Role or ClusterRole.'),
    name: required(3, string, 'Its name.'),
  },
  { atomic: true },
)
export interface RoleRef extends Stored<typeof roleRef> {}
