/** Rules about what roles permit and whom bindings grant them to. */
import { isDnsSubdomain, pathSegmentName } from '../names.ts'
import { type PolicyRule, type RoleRef, rbacGroup, type Subject } from '../parts/rbac/rules.ts'
import type { Path, Problems } from '../problems.ts'

/** Roles and bindings are named freely, as long as the name fits into a URL. */
export const rbacNameRule = pathSegmentName

const immutableRoleMessage = 'cannot change roleRef'

export interface Binding {
  readonly subjects?: Subject[] | null
  readonly roleRef: RoleRef
}

export function validatePolicyRules(
  rules: readonly PolicyRule[] | null,
  namespaced: boolean,
  at: Path,
  problems: Problems,
): void {
  for (const [position, rule] of rules?.entries() ?? []) {
    validatePolicyRule(rule, namespaced, at.index(position), problems)
  }
}

function validatePolicyRule(
  rule: PolicyRule,
  namespaced: boolean,
  at: Path,
  problems: Problems,
): void {
  const { apiGroups, resources, resourceNames, nonResourceURLs } = rule
  if (!rule.verbs?.length) {
    problems.required(at.child('verbs'), 'verbs must contain at least one value')
  }
  if (nonResourceURLs?.length) {
    const path = at.child('nonResourceURLs')
    if (namespaced) {
      const message = 'namespaced rules cannot apply to non-resource URLs'
      problems.invalid(path, nonResourceURLs, message)
    }
    if (apiGroups?.length || resources?.length || resourceNames?.length) {
      const message = 'rules cannot apply to both regular resources and non-resource URLs'
      problems.invalid(path, nonResourceURLs, message)
    }
    return
  }
  if (!apiGroups?.length) {
    const message = 'resource rules must supply at least one api group'
    problems.required(at.child('apiGroups'), message)
  }
  if (!resources?.length) {
    const message = 'resource rules must supply at least one resource'
    problems.required(at.child('resources'), message)
  }
}

/** `roleKinds` is what the binding may grant: a ClusterRoleBinding grants no Role. */
export function validateBinding(
  { roleRef, subjects }: Binding,
  roleKinds: readonly string[],
  at: Path,
  problems: Problems,
): void {
  validateRoleRef(roleRef, roleKinds, at.child('roleRef'), problems)
  const namespaced = roleKinds.includes('Role')
  for (const [position, each] of subjects?.entries() ?? []) {
    validateSubject(each, namespaced, at.child('subjects').index(position), problems)
  }
}

function validateRoleRef(
  { apiGroup, kind, name }: RoleRef,
  roleKinds: readonly string[],
  at: Path,
  problems: Problems,
): void {
  if (apiGroup !== rbacGroup) problems.notSupported(at.child('apiGroup'), apiGroup, [rbacGroup])
  if (!roleKinds.includes(kind)) problems.notSupported(at.child('kind'), kind, roleKinds)
  if (!name) problems.required(at.child('name'))
  else {
    for (const message of rbacNameRule(name)) problems.invalid(at.child('name'), name, message)
  }
}

/** Outside a namespace, a service account has to name its own. */
function validateSubject(
  { kind, apiGroup = '', name, namespace }: Subject,
  namespaced: boolean,
  at: Path,
  problems: Problems,
): void {
  if (!name) problems.required(at.child('name'))
  switch (kind) {
    case 'ServiceAccount':
      if (name) {
        for (const message of isDnsSubdomain(name)) {
          problems.invalid(at.child('name'), name, message)
        }
      }
      if (apiGroup) problems.notSupported(at.child('apiGroup'), apiGroup, [''])
      if (!namespaced && !namespace) problems.required(at.child('namespace'))
      break
    case 'User':
    case 'Group':
      if (apiGroup !== rbacGroup) {
        problems.notSupported(at.child('apiGroup'), apiGroup, [rbacGroup])
      }
      break
    default:
      problems.notSupported(at.child('kind'), kind, ['ServiceAccount', 'User', 'Group'])
  }
}

export function validateBindingUpdate(
  next: Binding,
  previous: Binding,
  at: Path,
  problems: Problems,
): void {
  const [after, before] = [next.roleRef, previous.roleRef]
  const isSame =
    after.apiGroup === before.apiGroup && after.kind === before.kind && after.name === before.name
  if (!isSame) problems.invalid(at.child('roleRef'), after, immutableRoleMessage)
}
