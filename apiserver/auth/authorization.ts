/** The authorizers that a server asks, in the order of its flag. */
import type { User } from '../request-context.ts'
import type { RequestInfo } from '../request-info.ts'
import type { ResourceTable } from '../resources.ts'
import type { Store } from '../store/store.ts'
import type { Authorizer, Decision, UserRules } from './authorizer.ts'
import { NodeAuthorizer } from './node/node-authorizer.ts'
import { NodeGraph } from './node/node-graph.ts'
import { RbacAuthorizer } from './rbac/rbac-authorizer.ts'
import { RbacIndex } from './rbac/rbac-index.ts'

export const authorizationModes = ['Node', 'RBAC', 'AlwaysAllow', 'AlwaysDeny'] as const
export type AuthorizationMode = (typeof authorizationModes)[number]

export const defaultModes: readonly AuthorizationMode[] = ['Node', 'RBAC']

/** Whoever is in this group may do everything, whatever the authorizers say. */
const MASTERS = 'system:masters'

interface Parts {
  readonly store: Store
  readonly resources: ResourceTable
}

export interface OpenAuthorization extends Disposable {
  readonly authorizer: Authorizer
}

/** Throws when a name is not that of a mode, or stands twice. */
export function checkedModes(names: readonly string[]): AuthorizationMode[] {
  const known: readonly string[] = authorizationModes
  for (const [position, name] of names.entries()) {
    if (!known.includes(name)) {
      const all = authorizationModes.join(', ')
      throw new Error(`choose authorizers: "${name}" is unknown, there are ${all}`)
    }
    if (names.indexOf(name) !== position) {
      throw new Error(`choose authorizers: "${name}" is named twice`)
    }
  }
  if (!names.length) throw new Error('choose authorizers: none is named, at least one is needed')
  return names as AuthorizationMode[]
}

export function openAuthorization(
  modes: readonly AuthorizationMode[],
  { store, resources }: Parts,
): OpenAuthorization {
  using opened = new DisposableStack()
  const creators: Readonly<Record<AuthorizationMode, () => Authorizer>> = {
    Node: () => new NodeAuthorizer(opened.use(new NodeGraph(store, resources))),
    RBAC: () => new RbacAuthorizer(opened.use(new RbacIndex(store, resources))),
    AlwaysAllow: () => alwaysAllow,
    AlwaysDeny: () => alwaysDeny,
  }
  const authorizer = new AuthorizerChain(modes.map((mode) => creators[mode]()))
  const kept = opened.move()
  return { authorizer, [Symbol.dispose]: () => kept[Symbol.dispose]() }
}

const everything = ['*']

const alwaysAllow: Authorizer = {
  authorize: () => ({ allowed: true }),
  rulesFor: () => ({
    rules: [
      { verbs: everything, apiGroups: everything, resources: everything },
      { verbs: everything, nonResourceURLs: everything },
    ],
    incomplete: false,
  }),
}

const alwaysDeny: Authorizer = {
  authorize: () => ({ allowed: false, reason: 'Everything is forbidden.' }),
  rulesFor: () => ({ rules: [], incomplete: false }),
}

/** The first to allow a request decides; if none does, what each had to say against it is told. */
export class AuthorizerChain implements Authorizer {
  readonly #authorizers: readonly Authorizer[]

  constructor(authorizers: readonly Authorizer[]) {
    this.#authorizers = authorizers
  }

  authorize(user: User, info: RequestInfo): Decision | Promise<Decision> {
    if (user.groups.includes(MASTERS)) return allowed
    return this.#from(0, [], user, info)
  }

  #from(
    position: number,
    reasons: readonly string[],
    user: User,
    info: RequestInfo,
  ): Decision | Promise<Decision> {
    const authorizer = this.#authorizers[position]
    if (!authorizer) return reasons.length ? { allowed: false, reason: reasons.join('\n') } : denied
    const next = (decision: Decision): Decision | Promise<Decision> => {
      if (decision.allowed) return decision
      const more = decision.reason ? [...reasons, decision.reason] : reasons
      return this.#from(position + 1, more, user, info)
    }
    // Authorizers of our own answer at once, and hot paths do not wait for a promise.
    const decision = authorizer.authorize(user, info)
    return decision instanceof Promise ? decision.then(next) : next(decision)
  }

  rulesFor(user: User, namespace: string): UserRules {
    const lists = this.#authorizers.map((each) => each.rulesFor?.(user, namespace) ?? unlisted)
    const problems = lists.flatMap(({ problem }) => problem ?? [])
    return {
      rules: lists.flatMap(({ rules }) => rules),
      incomplete: lists.some(({ incomplete }) => incomplete),
      ...(problems.length > 0 && { problem: problems.join(', ') }),
    }
  }
}

const allowed: Decision = { allowed: true }
const denied: Decision = { allowed: false }
const unlisted: UserRules = { rules: [], incomplete: true }
