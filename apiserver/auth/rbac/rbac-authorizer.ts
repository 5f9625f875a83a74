/** RBAC: what roles permit to those whom bindings grant them. */
import type { PolicyRule, Subject } from '#api/parts/rbac/rules.ts'
import type { User } from '../../request-context.ts'
import type { RequestInfo } from '../../request-info.ts'
import type { Authorizer, Decision, UserRules } from '../authorizer.ts'
import type { Grant, RbacIndex } from './rbac-index.ts'

export class RbacAuthorizer implements Authorizer {
  readonly #index: RbacIndex

  constructor(index: RbacIndex) {
    this.#index = index
  }

  authorize(user: User, info: RequestInfo): Decision {
    let found: Grant | undefined
    this.#index.someGrant(user, namespaceOf(info), (grant) => {
      if (!this.#index.role(grant.roleKey)?.permit(info)) return false
      found = grant
      return true
    })
    return found ? new Permission(found) : this.#refusal(user, namespaceOf(info))
  }

  rulesFor(user: User, namespace: string): UserRules {
    const rules: PolicyRule[] = []
    this.#index.someGrant(user, namespace, ({ roleKey }) => {
      rules.push(...(this.#index.role(roleKey)?.rules ?? []))
      return false
    })
    const problem = this.#problem(user, namespace)
    return { rules, incomplete: false, ...(problem && { problem }) }
  }

  #refusal(user: User, namespace: string): Decision {
    const problem = this.#problem(user, namespace)
    return problem ? { allowed: false, reason: `RBAC: ${problem}` } : refused
  }

  /** Roles that the user is granted and that do not exist, in the form of Go's aggregate errors. */
  #problem(user: User, namespace: string): string | undefined {
    let missing: Set<string> | undefined
    this.#index.someGrant(user, namespace, ({ role, roleKey }) => {
      if (this.#index.role(roleKey)) return false
      const kind = role.kind.toLowerCase()
      missing ??= new Set()
      missing.add(`${kind}.rbac.authorization.k8s.io ${JSON.stringify(role.name)} not found`)
      return false
    })
    if (!missing) return undefined
    return missing.size === 1 ? [...missing][0] : `[${[...missing].join(', ')}]`
  }
}

const refused: Decision = { allowed: false }

const namespaceOf = (info: RequestInfo): string => (info.isResource ? info.namespace : '')

/** Most requests are allowed and nobody asks why: the reason is put into words only when read. */
class Permission implements Decision {
  readonly allowed = true
  readonly #grant: Grant

  constructor(grant: Grant) {
    this.#grant = grant
  }

  get reason(): string {
    const { binding, role, subject, namespace } = this.#grant
    const name = JSON.stringify(role.name)
    return `RBAC: allowed by ${binding} of ${role.kind} ${name} to ${described(subject, namespace)}`
  }
}

function described({ kind, name, namespace }: Subject, bindingNamespace: string): string {
  const isAccount = kind === 'ServiceAccount'
  const text = isAccount ? `${name}/${namespace || bindingNamespace}` : name
  return `${kind} ${JSON.stringify(text)}`
}
