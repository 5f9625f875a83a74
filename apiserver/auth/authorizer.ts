/** Authorisation: may this user do that? */
import type { PolicyRule } from '#api/parts/rbac/rules.ts'
import type { User } from '../request-context.ts'
import type { RequestInfo } from '../request-info.ts'

export interface Decision {
  readonly allowed: boolean
  readonly reason?: string
}

/** What a user may do in a namespace, as far as an authorizer can list it. */
export interface UserRules {
  readonly rules: readonly PolicyRule[]
  /** Why more may be allowed than the rules say; undefined when they are all. */
  readonly problem?: string
  /** Whether there may be more rules. */
  readonly incomplete: boolean
}

export interface Authorizer {
  authorize(user: User, info: RequestInfo): Promise<Decision> | Decision
  /** Absent when it has no rules that could be listed. In a namespace, or in none with ''. */
  rulesFor?(user: User, namespace: string): UserRules
}
