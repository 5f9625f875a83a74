/**
 * Makes the roles and bindings of a fresh cluster at each start. What users added stays; what is
 * missing is added again, except where they forbid it by an annotation.
 */
import type { ClusterRole } from '#api/kinds/rbac/cluster-role.ts'
import type { RoleBinding } from '#api/kinds/rbac/role-binding.ts'
import { type PolicyRule, rbacGroup, type Subject } from '#api/parts/rbac/rules.ts'
import { missingRules } from '#api/rules/rbac-coverage.ts'
import { aggregatedRules } from '#api/rules/role-aggregation.ts'
import { settleAll } from '#daemon/settle-all.ts'
import type { ServerParts } from '../../request-context.ts'
import type { Resource } from '../../resources.ts'
import { selfContext, selfParameters } from '../../self.ts'
import type { ApiObject } from '../../stored-object.ts'
import { changeObject } from '../../verbs/update.ts'
import { ensure, type Wanted } from '../ensure.ts'
import { clusterSubjects, namespacedBindings, namespacedRoles, systemAccount } from './bindings.ts'
import { componentRoles } from './component-roles.ts'
import { controllerRoles } from './controller-roles.ts'
import { allow, READ, type RoleTable } from './policy.ts'
import { userRoles } from './user-roles.ts'

const apiVersion = `${rbacGroup}/v1`
const AUTO_UPDATE = 'rbac.authorization.kubernetes.io/autoupdate'
const CONTROLLER = 'system:controller:'
const aggregateTo = (name: string): string => `${rbacGroup}/aggregate-to-${name}`

/** Each is part of the next. */
const userRoleNames = ['view', 'edit', 'admin']

export async function ensurePolicy(parts: ServerParts): Promise<void> {
  await settleAll([...clusterRoles(), ...roles()].map((each) => ensureRole(parts, each)))
  await settleAll([...clusterBindings(), ...bindings()].map((each) => ensureBinding(parts, each)))
  for (const name of userRoleNames) await fillAggregated(parts, name)
}

interface WantedRole extends Wanted {
  readonly rules: readonly PolicyRule[] | null
  readonly aggregationRule?: { readonly clusterRoleSelectors: readonly Selector[] }
}

interface Selector {
  readonly matchLabels: Readonly<Record<string, string>>
}

interface WantedBinding extends Wanted {
  readonly roleRef: { readonly apiGroup: string; readonly kind: string; readonly name: string }
  readonly subjects: readonly Subject[]
}

const metadata = (name: string, more: { namespace?: string; partOf?: string } = {}) => ({
  name,
  ...(more.namespace && { namespace: more.namespace }),
  annotations: { [AUTO_UPDATE]: 'true' },
  labels: {
    'kubernetes.io/bootstrapping': 'rbac-defaults',
    ...(more.partOf && { [aggregateTo(more.partOf)]: 'true' }),
  },
})

/** As metrics-server ships it: who may view a namespace may see what its pods use. */
const metricsReader: WantedRole = {
  apiVersion,
  kind: 'ClusterRole',
  metadata: metadata('system:aggregated-metrics-reader', { partOf: 'view' }),
  rules: [allow(READ, 'metrics.k8s.io', 'nodes pods')],
}

function clusterRoles(): WantedRole[] {
  const kind = 'ClusterRole'
  const made = (table: RoleTable, prefix: string): WantedRole[] =>
    Object.entries(table).map(([name, rules]) => ({
      apiVersion,
      kind,
      metadata: metadata(prefix + name),
      rules,
    }))
  const forUsers = Object.entries(userRoles).map(([name, rules]) => ({
    apiVersion,
    kind,
    metadata: metadata(`system:aggregate-to-${name}`, { partOf: name }),
    rules,
  }))
  const aggregated = userRoleNames.map((name, position) => {
    const partOf = userRoleNames[position + 1]
    const clusterRoleSelectors = [{ matchLabels: { [aggregateTo(name)]: 'true' } }]
    return {
      apiVersion,
      kind,
      metadata: metadata(name, partOf ? { partOf } : {}),
      rules: null,
      aggregationRule: { clusterRoleSelectors },
    }
  })
  return [
    ...made(componentRoles, ''),
    ...made(controllerRoles, CONTROLLER),
    ...forUsers,
    ...aggregated,
    metricsReader,
  ]
}

const roles = (): WantedRole[] =>
  Object.entries(namespacedRoles).flatMap(([namespace, table]) =>
    Object.entries(table).map(([name, rules]) => ({
      apiVersion,
      kind: 'Role',
      metadata: metadata(name, { namespace }),
      rules,
    })),
  )

const bindingOf = (
  role: { readonly kind: string; readonly name: string },
  meta: Wanted['metadata'],
  subjects: readonly Subject[],
): WantedBinding => ({
  apiVersion,
  kind: `${role.kind}Binding`,
  metadata: meta,
  roleRef: { apiGroup: rbacGroup, ...role },
  subjects,
})

function clusterBindings(): WantedBinding[] {
  const kind = 'ClusterRole'
  const ofControllers = Object.keys(controllerRoles).map((account) => {
    const name = CONTROLLER + account
    return bindingOf({ kind, name }, metadata(name), [systemAccount(account)])
  })
  const others = Object.entries(clusterSubjects).map(([name, subjects]) =>
    bindingOf({ kind, name }, metadata(name), subjects),
  )
  return [...others, ...ofControllers]
}

const bindings = (): WantedBinding[] =>
  namespacedBindings.map(({ namespace, name, role, subjects }) =>
    bindingOf({ kind: 'Role', name: role }, metadata(name, { namespace }), subjects),
  )

async function ensureRole(parts: ServerParts, wanted: WantedRole): Promise<void> {
  if (await ensure(parts, wanted)) return
  await reconcile(parts, wanted, (present) => {
    const { rules, aggregationRule } = present as unknown as ClusterRole
    const missing = missingRules(rules ?? [], wanted.rules ?? [])
    const selectors = aggregationRule?.clusterRoleSelectors ?? []
    const added = (wanted.aggregationRule?.clusterRoleSelectors ?? []).filter(
      (each) => !selectors.some((other) => JSON.stringify(other) === JSON.stringify(each)),
    )
    return {
      ...(missing.length > 0 && { rules: [...(rules ?? []), ...missing] }),
      ...(added.length > 0 && {
        aggregationRule: { ...aggregationRule, clusterRoleSelectors: [...selectors, ...added] },
      }),
    }
  })
}

async function ensureBinding(parts: ServerParts, wanted: WantedBinding): Promise<void> {
  if (await ensure(parts, wanted)) return
  const { store } = parts
  const resource = resourceOf(parts, wanted.apiVersion, wanted.kind)
  const { name, namespace = '' } = wanted.metadata
  const entry = store.get(resource.keyOf(namespace, name))
  if (entry && grantsOther(resource.parse(entry), wanted)) {
    // The role of a binding never changes: it is made anew.
    await store.delete(entry.key, entry.revision)
    await ensure(parts, wanted)
    return
  }
  await reconcile(parts, wanted, (present) => {
    const { subjects } = present as unknown as RoleBinding
    const missing = wanted.subjects.filter(
      (each) => !(subjects ?? []).some((other) => isSameSubject(each, other)),
    )
    return missing.length ? { subjects: [...(subjects ?? []), ...missing] } : {}
  })
}

function grantsOther(present: ApiObject, { roleRef: wanted }: WantedBinding): boolean {
  if (isProtected(present)) return false
  const { roleRef } = present as unknown as RoleBinding
  return roleRef.kind !== wanted.kind || roleRef.name !== wanted.name
}

const isProtected = ({ metadata: { annotations } }: ApiObject): boolean =>
  annotations?.[AUTO_UPDATE] === 'false'

const isSameSubject = (one: Subject, other: Subject): boolean =>
  one.kind === other.kind &&
  one.name === other.name &&
  (one.namespace ?? '') === (other.namespace ?? '')

/** Adds what `missing` gives and the labels, unless a user has said to leave the object alone. */
async function reconcile(
  parts: ServerParts,
  { apiVersion: version, kind, metadata: wanted }: Wanted,
  missing: (present: ApiObject) => object,
): Promise<void> {
  const resource = resourceOf(parts, version, kind)
  const { name, namespace = '' } = wanted
  const context = selfContext(resource, 'update', namespace, name)
  await changeObject(context, parts, resource, selfParameters, (present) => {
    if (isProtected(present)) return present
    const { labels, annotations } = present.metadata
    const meta = {
      ...present.metadata,
      labels: { ...wanted.labels, ...labels },
      annotations: { ...wanted.annotations, ...annotations },
    }
    return { ...present, ...missing(present), metadata: meta }
  })
}

function resourceOf({ resources }: ServerParts, version: string, kind: string): Resource {
  const plural = `${kind.toLowerCase()}s`
  return resources.find(version.split('/')[0]!, 'v1', plural)!
}

/** Until a controller does so, and again at each start. */
async function fillAggregated(parts: ServerParts, name: string): Promise<void> {
  const resource = resourceOf(parts, apiVersion, 'ClusterRole')
  const all = parts.store
    .list(resource.prefix)
    .entries.map((entry) => resource.parse(entry) as unknown as ClusterRole)
  const context = selfContext(resource, 'update', '', name)
  await changeObject(context, parts, resource, selfParameters, (present) => {
    const rules = aggregatedRules(present as unknown as ClusterRole, all)
    return { ...present, rules }
  })
}
