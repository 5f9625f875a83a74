/**
 * Who is granted which role, kept up to date by the store: nothing is read or parsed when a request
 * is judged.
 */
import type { PolicyRule, RoleRef, Subject } from '#api/parts/rbac/rules.ts'
import type { User } from '../../request-context.ts'
import type { Resource, ResourceTable } from '../../resources.ts'
import type { Entry, Store } from '../../store/store.ts'
import { FollowedKeys } from '../followed-keys.ts'
import { RoleRules } from './role.ts'

const GROUP = 'rbac.authorization.k8s.io'

/** A binding as it concerns one of its subjects. */
export interface Grant {
  /** `ClusterRoleBinding "name"`, or `RoleBinding "name/namespace"`. */
  readonly binding: string
  readonly role: RoleRef
  /** The key of the role in the store. */
  readonly roleKey: string
  readonly subject: Subject
  /** Where a service account without a namespace of its own is looked for. */
  readonly namespace: string
}

/** The grants of one namespace, or of the cluster. */
interface Grants {
  readonly users: Map<string, Grant[]>
  readonly groups: Map<string, Grant[]>
}

const newGrants = (): Grants => ({ users: new Map(), groups: new Map() })

export class RbacIndex implements Disposable {
  readonly #roles = new Map<string, RoleRules>()
  readonly #clusterGrants = newGrants()
  readonly #namespaceGrants = new Map<string, Grants>()
  /** What to take out again when a binding changes, by its key. */
  readonly #bindings = new Map<string, readonly Grant[]>()
  readonly #resources: Readonly<Record<'roles' | 'clusterRoles', Resource>>
  readonly #followed: FollowedKeys[]

  constructor(store: Store, resources: ResourceTable) {
    const find = (plural: string): Resource => resources.find(GROUP, 'v1', plural)!
    const [roles, clusterRoles] = [find('roles'), find('clusterroles')]
    const [bindings, clusterBindings] = [find('rolebindings'), find('clusterrolebindings')]
    this.#resources = { roles, clusterRoles }
    const follow = (resource: Resource, put: (entry: Entry) => void, remove: (k: string) => void) =>
      new FollowedKeys(store, resource.prefix, { put, remove })
    const forgetRole = (key: string): void => void this.#roles.delete(key)
    const forgetBinding = (key: string): void => this.#unbind(key)
    this.#followed = [
      ...[roles, clusterRoles].map((resource) =>
        follow(resource, (entry) => this.#putRole(resource, entry), forgetRole),
      ),
      ...[bindings, clusterBindings].map((resource) =>
        follow(resource, (entry) => this.#bind(resource, entry), forgetBinding),
      ),
    ]
  }

  [Symbol.dispose](): void {
    for (const followed of this.#followed) followed[Symbol.dispose]()
  }

  /** Undefined when there is no such role. */
  role(key: string): RoleRules | undefined {
    return this.#roles.get(key)
  }

  /** What the user is granted in the cluster, then in a namespace, until `visit` answers true. */
  someGrant(user: User, namespace: string, visit: (grant: Grant) => boolean): boolean {
    if (someOf(this.#clusterGrants, user, visit)) return true
    const local = namespace ? this.#namespaceGrants.get(namespace) : undefined
    return local !== undefined && someOf(local, user, visit)
  }

  #putRole(resource: Resource, entry: Entry): void {
    const { rules } = resource.parse(entry) as { readonly rules?: readonly PolicyRule[] | null }
    this.#roles.set(entry.key, new RoleRules(rules ?? []))
  }

  #bind(resource: Resource, entry: Entry): void {
    this.#unbind(entry.key)
    const { kind, metadata, ...rest } = resource.parse(entry)
    const { namespace = '', name } = metadata
    const { roleRef: role, subjects } = rest as unknown as {
      readonly roleRef: RoleRef
      readonly subjects?: readonly Subject[]
    }
    const { roles, clusterRoles } = this.#resources
    const roleKey =
      role.kind === 'Role' ? roles.keyOf(namespace, role.name) : clusterRoles.keyOf('', role.name)
    const binding = `${kind} ${JSON.stringify(namespace ? `${name}/${namespace}` : name)}`
    const grants = (subjects ?? []).map((subject) => ({
      binding,
      role,
      roleKey,
      subject,
      namespace,
    }))
    if (!grants.length) return
    this.#bindings.set(entry.key, grants)
    for (const grant of grants) this.#insert(grant)
  }

  #insert(grant: Grant): void {
    const place = this.#place(grant)
    if (!place) return
    const [map, key] = place
    const present = map.get(key)
    if (present) present.push(grant)
    else map.set(key, [grant])
  }

  #unbind(key: string): void {
    const grants = this.#bindings.get(key)
    if (!grants) return
    this.#bindings.delete(key)
    for (const grant of grants) this.#takeOut(grant)
  }

  #takeOut(grant: Grant): void {
    const place = this.#place(grant)
    if (!place) return
    const [map, key] = place
    const rest = map.get(key)!.filter((each) => each !== grant)
    if (rest.length) map.set(key, rest)
    else map.delete(key)
    const { namespace } = grant
    const local = this.#namespaceGrants.get(namespace)
    if (local && !local.users.size && !local.groups.size) this.#namespaceGrants.delete(namespace)
  }

  /** Where a grant is kept: among those of the name of its subject. */
  #place(grant: Grant): [Map<string, Grant[]>, string] | undefined {
    const { subject, namespace } = grant
    const { kind, name } = subject
    const grants = this.#grantsOf(namespace)
    if (kind === 'User') return [grants.users, name]
    if (kind === 'Group') return [grants.groups, name]
    const home = subject.namespace || namespace
    return home ? [grants.users, `system:serviceaccount:${home}:${name}`] : undefined
  }

  #grantsOf(namespace: string): Grants {
    if (!namespace) return this.#clusterGrants
    let grants = this.#namespaceGrants.get(namespace)
    if (!grants) {
      grants = newGrants()
      this.#namespaceGrants.set(namespace, grants)
    }
    return grants
  }
}

function someOf({ users, groups }: Grants, user: User, visit: (grant: Grant) => boolean): boolean {
  if (some(users.get(user.name), visit)) return true
  for (const group of user.groups) if (some(groups.get(group), visit)) return true
  return false
}

function some(grants: readonly Grant[] | undefined, visit: (grant: Grant) => boolean): boolean {
  if (!grants) return false
  for (const grant of grants) if (visit(grant)) return true
  return false
}
