/** Roles and bindings: what may be granted, to whom, and what stays as it is. */
import { expect, test } from 'vitest'
import { judged, judgedChange, posted } from '../judged.ts'
import { ClusterRole } from '../kinds/rbac/cluster-role.ts'
import { ClusterRoleBinding } from '../kinds/rbac/cluster-role-binding.ts'
import { Role } from '../kinds/rbac/role.ts'
import { RoleBinding } from '../kinds/rbac/role-binding.ts'

const group = 'rbac.authorization.k8s.io'
const onPods = { verbs: ['get'], apiGroups: [''], resources: ['pods'] }
const onHealth = { verbs: ['get'], nonResourceURLs: ['/healthz'] }
const nothingGiven = [
  'rules[0].verbs: Required value: verbs must contain at least one value',
  'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
  'rules[0].resources: Required value: resource rules must supply at least one resource',
]

test.for([
  { kind: Role, rule: onPods, problems: [] },
  { kind: Role, rule: {}, problems: nothingGiven },
  {
    kind: Role,
    rule: onHealth,
    problems: [
      'rules[0].nonResourceURLs: Invalid value: ["/healthz"]: namespaced rules cannot apply to non-resource URLs',
    ],
  },
  { kind: ClusterRole, rule: onHealth, problems: [] },
  {
    kind: ClusterRole,
    rule: { ...onHealth, ...onPods },
    problems: [
      'rules[0].nonResourceURLs: Invalid value: ["/healthz"]: rules cannot apply to both regular resources and non-resource URLs',
    ],
  },
])('a $kind.kind with the rule $rule', ({ kind, rule, problems }) => {
  expect(judged(kind, { rules: [rule] })).toEqual(problems)
})

test('an aggregated ClusterRole selects something, by valid labels', () => {
  const path = 'aggregationRule.clusterRoleSelectors'
  expect(judged(ClusterRole, { aggregationRule: {} })).toEqual([
    `${path}: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil`,
  ])
  const matchExpressions = [{ key: 'a', operator: 'In' }]
  expect(
    judged(ClusterRole, { aggregationRule: { clusterRoleSelectors: [{ matchExpressions }] } }),
  ).toEqual([
    `${path}[0].matchExpressions[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
  ])
})

test.for([
  ['a:B', []],
  ['a%b', [`metadata.name: Invalid value: "a%b": may not contain '%'`]],
  ['.', [`metadata.name: Invalid value: ".": may not be '.'`]],
] as const)('a role may be named as a URL allows: %s', ([name, problems]) => {
  expect(judged(Role, { metadata: { name } })).toEqual(problems)
})

const roleRef = { apiGroup: group, kind: 'ClusterRole', name: 'view' }
const badRef = [
  `roleRef.apiGroup: Unsupported value: "x": supported values: "${group}"`,
  'roleRef.kind: Unsupported value: "Foo": supported values: "ClusterRole", "Role"',
  'roleRef.name: Required value',
]

test.for([
  { kind: RoleBinding, ref: roleRef, problems: [] },
  { kind: RoleBinding, ref: { ...roleRef, kind: 'Role' }, problems: [] },
  {
    kind: ClusterRoleBinding,
    ref: { ...roleRef, kind: 'Role' },
    problems: ['roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"'],
  },
  { kind: RoleBinding, ref: { apiGroup: 'x', kind: 'Foo', name: '' }, problems: badRef },
  { kind: RoleBinding, ref: undefined, problems: [badRef[1]!.replace('Foo', ''), badRef[2]!] },
])('a $kind.kind of $ref', ({ kind, ref, problems }) => {
  expect(judged(kind, { roleRef: ref })).toEqual(problems)
})

const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

test('subjects are named according to their kind', () => {
  const subjects = [
    { kind: 'User', name: '' },
    { kind: 'ServiceAccount', name: 'A_' },
    { kind: 'Foo', name: 'x' },
    { kind: 'Group', name: 'g', apiGroup: 'bad' },
  ]
  expect(judged(RoleBinding, { roleRef, subjects })).toEqual([
    'subjects[0].name: Required value',
    `subjects[1].name: Invalid value: "A_": ${subdomain}`,
    'subjects[2].kind: Unsupported value: "Foo": supported values: "Group", "ServiceAccount", "User"',
    `subjects[3].apiGroup: Unsupported value: "bad": supported values: "${group}"`,
  ])
})

test('only in a namespace is the one of a service account clear', () => {
  const subjects = [{ kind: 'ServiceAccount', name: 's' }]
  expect(judged(RoleBinding, { roleRef, subjects })).toEqual([])
  expect(judged(ClusterRoleBinding, { roleRef, subjects })).toEqual([
    'subjects[0].namespace: Required value',
  ])
})

test('the group of a subject follows from its kind', () => {
  const subjects = ['User', 'Group', 'ServiceAccount'].map((kind) => ({ kind, name: 'x' }))
  const binding = posted(RoleBinding, { roleRef: { kind: 'Role', name: 'r' }, subjects })
  expect(binding.roleRef.apiGroup).toBe(group)
  expect(binding.subjects?.map(({ apiGroup }) => apiGroup)).toEqual([group, group, undefined])
})

test('a binding keeps its role and may change its subjects', () => {
  const other = { ...roleRef, name: 'edit' }
  expect(judgedChange(RoleBinding, { roleRef }, { roleRef: other })).toEqual([
    `roleRef: Invalid value: ${JSON.stringify(other)}: cannot change roleRef`,
  ])
  const subjects = [{ kind: 'User', name: 'u' }]
  expect(judgedChange(RoleBinding, { roleRef }, { roleRef, subjects })).toEqual([])
})
