/** The rules of a role, sorted so that a request meets only those that may be about it. */
import type { PolicyRule } from '#api/parts/rbac/rules.ts'
import type { RequestInfo } from '../../request-info.ts'
import { ANY, permits, resourceText } from './rules.ts'

export class RoleRules {
  readonly rules: readonly PolicyRule[]
  readonly #byResource = new Map<string, PolicyRule[]>()
  readonly #ofPaths: PolicyRule[] = []

  constructor(rules: readonly PolicyRule[]) {
    this.rules = rules
    for (const rule of rules) {
      if (rule.nonResourceURLs?.length) this.#ofPaths.push(rule)
      for (const resource of new Set(rule.resources ?? [])) {
        const present = this.#byResource.get(resource)
        if (present) present.push(rule)
        else this.#byResource.set(resource, [rule])
      }
    }
  }

  permit(info: RequestInfo): boolean {
    if (!info.isResource) return isPermitted(this.#ofPaths, info)
    const { resource, subresource } = info
    return (
      isPermitted(this.#byResource.get(resourceText(resource, subresource)), info) ||
      isPermitted(this.#byResource.get(ANY), info) ||
      (subresource !== '' && isPermitted(this.#byResource.get(`*/${subresource}`), info))
    )
  }
}

function isPermitted(rules: readonly PolicyRule[] | undefined, info: RequestInfo): boolean {
  if (!rules) return false
  for (const rule of rules) if (permits(rule, info)) return true
  return false
}
