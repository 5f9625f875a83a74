/**
 * Nobody grants through roles and bindings what they may not do themselves, unless they have the
 * verbs `escalate` or `bind`. Always asked: it is part of RBAC and no plugin to switch off.
 */
import { isDeepStrictEqual } from 'node:util'
import type { ClusterRole } from '#api/kinds/rbac/cluster-role.ts'
import type { RoleBinding } from '#api/kinds/rbac/role-binding.ts'
import { type PolicyRule, type RoleRef, rbacGroup } from '#api/parts/rbac/rules.ts'
import { compacted, goList, missingRules, ruleText } from '#api/rules/rbac-coverage.ts'
import { forbidden, notFound } from '#api/status.ts'
import { mayAccess } from './access.ts'
import type { AdmissionContext, AdmissionPlugin, Attributes } from './admission.ts'

const MASTERS = 'system:masters'

const fullAuthority: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

type Check = (context: AdmissionContext, attributes: Attributes) => Promise<void>

const checks: ReadonlyMap<string, Check> = new Map([
  ['roles', checkRole],
  ['clusterroles', checkRole],
  ['rolebindings', checkBinding],
  ['clusterrolebindings', checkBinding],
])

export const rbacEscalation = (context: AdmissionContext): AdmissionPlugin => ({
  name: 'RBAC',
  handles: ({ operation, resource: { group, plural }, user }) =>
    (operation === 'CREATE' || operation === 'UPDATE') &&
    group === rbacGroup &&
    checks.has(plural) &&
    !user.groups.includes(MASTERS),
  // Behind the plugins that change objects, and before it is checked what is wrong with them.
  async mutate(attributes) {
    if (changesNothingGranted(attributes)) return
    await checks.get(attributes.resource.plural)!(context, attributes)
  },
})

/** What the garbage collector needs to let an object go. */
function changesNothingGranted({ object, old }: Attributes): boolean {
  if (!object || !old) return false
  const { metadata, ...rest } = object
  const { ownerReferences, finalizers, managedFields, resourceVersion } = old.metadata
  const kept = { ownerReferences, finalizers, managedFields, resourceVersion }
  return isDeepStrictEqual(
    { ...rest, metadata: defined({ ...metadata, ...kept }) },
    { ...old, metadata: defined(old.metadata) },
  )
}

const defined = (fields: object): object =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

async function checkRole(context: AdmissionContext, attributes: Attributes): Promise<void> {
  const { user, namespace, resource, object, old } = attributes
  const { group, plural } = resource
  // What is created in its collection has no name yet, whatever it says about itself.
  const name = attributes.operation === 'UPDATE' ? attributes.name : (attributes.pathName ?? '')
  const escalate = { verb: 'escalate', group, version: '*', resource: plural, namespace, name }
  if ((await mayAccess(context.authorizer, user, escalate)).allowed) return
  const [next, previous] = [object, old] as unknown as (ClusterRole | undefined)[]
  confirmHeld(context, attributes, next?.rules ?? [])
  if (!next?.aggregationRule && !previous?.aggregationRule) return
  if (!missing(context, attributes, fullAuthority).length) return
  throw refusal(attributes, 'must have cluster-admin privileges to use the aggregationRule')
}

async function checkBinding(context: AdmissionContext, attributes: Attributes): Promise<void> {
  const { user, namespace, object } = attributes
  const { roleRef } = object as unknown as RoleBinding
  const resource = roleResources[roleRef.kind]
  if (resource) {
    const what = { verb: 'bind', group: roleRef.apiGroup, version: '*', resource, namespace }
    const { allowed } = await mayAccess(context.authorizer, user, { ...what, name: roleRef.name })
    if (allowed) return
  }
  confirmHeld(context, attributes, rulesOf(context, roleRef, namespace))
}

const roleResources: Readonly<Record<string, string>> = {
  Role: 'roles',
  ClusterRole: 'clusterroles',
}

/** None for a reference that validation will refuse. */
function rulesOf(
  { store, resources }: AdmissionContext,
  { kind, name }: RoleRef,
  bindingNamespace: string,
): readonly PolicyRule[] {
  const plural = roleResources[kind]
  const resource = plural && resources.find(rbacGroup, 'v1', plural)
  if (!resource) return []
  const namespace = kind === 'Role' ? bindingNamespace : ''
  const entry = store.get(resource.keyOf(namespace, name))
  if (!entry) throw notFound(resource, name)
  return (resource.parse(entry) as unknown as ClusterRole).rules ?? []
}

function confirmHeld(
  context: AdmissionContext,
  attributes: Attributes,
  rules: readonly PolicyRule[],
): void {
  const lacking = missing(context, attributes, rules)
  if (!lacking.length) return
  const { user, namespace } = attributes
  const texts = [...new Set(compacted(lacking).map(ruleText))].sort()
  const { problem } = context.authorizer.rulesFor?.(user, namespace) ?? {}
  throw refusal(
    attributes,
    `user ${JSON.stringify(user.name)} (groups=${goList(user.groups)}) ` +
      `is attempting to grant RBAC permissions not currently held:\n${texts.join('\n')}` +
      (problem ? `; resolution errors: [${problem}]` : ''),
  )
}

/** What the user does not hold of these rules where the object is. */
function missing(
  { authorizer }: AdmissionContext,
  { user, namespace }: Attributes,
  rules: readonly PolicyRule[],
): PolicyRule[] {
  return missingRules(authorizer.rulesFor?.(user, namespace).rules ?? [], rules)
}

const refusal = ({ resource, object }: Attributes, why: string) =>
  forbidden(resource, object?.metadata.name ?? '', why)
