/**
 * What a caller needs to act as somebody else. The narrow ways come first: they need one right for
 * the identity and one for what is done with it. The old way, the verb `impersonate`, allows
 * everything that the other user may do.
 */
import { dnsSubdomainName, isDnsSubdomain } from '#api/names.ts'
import { isReason, type StatusError } from '#api/status.ts'
import type { User } from '../request-context.ts'
import type { RequestInfo, RequestVerb, ResourceRequest } from '../request-info.ts'
import { ANONYMOUS, AUTHENTICATED, UNAUTHENTICATED } from './authenticator.ts'
import type { Authorizer } from './authorizer.ts'
import { denied } from './denied.ts'
import { accountGroups, accountOf } from './service-accounts/claims.ts'

const AUTHENTICATION_GROUP = 'authentication.k8s.io'
const NODE_PREFIX = 'system:node:'
const NODE_NAME = 'authentication.kubernetes.io/node-name'
const MASTERS = 'system:masters'
/** From so many values of one kind on, the right to all of them is asked for first. */
const MANY = 4

interface Mode {
  /** Absent for the old way. */
  readonly name?: string
  applies(wanted: User, caller: User): boolean
}

const modes: readonly Mode[] = [
  {
    name: 'associated-node',
    applies: (wanted, caller) => isNameOnly(wanted) && isOwnNode(wanted.name, caller),
  },
  {
    name: 'arbitrary-node',
    applies: (wanted) => isNameOnly(wanted) && nodeOf(wanted.name) !== undefined,
  },
  {
    name: 'serviceaccount',
    applies: (wanted) => isNameOnly(wanted) && accountOf(wanted.name) !== undefined,
  },
  { name: 'user-info', applies: ({ name }) => !nodeOf(name) && !accountOf(name) },
  { applies: () => true },
]

/** Throws what the first way that applies has to say when none is open. */
export async function allowedUser(
  caller: User,
  wanted: User,
  info: RequestInfo,
  authorizer: Authorizer,
): Promise<User> {
  let refusal: StatusError | undefined
  for (const mode of modes.filter((each) => each.applies(wanted, caller))) {
    try {
      return await new Attempt(mode, caller, authorizer).user(wanted, info)
    } catch (error) {
      if (!isReason(error, 'Forbidden')) throw error
      refusal ??= error
    }
  }
  throw refusal!
}

/** One caller trying to act as somebody in one of the ways. */
class Attempt {
  readonly #mode: Mode
  readonly #caller: User
  readonly #authorizer: Authorizer

  constructor(mode: Mode, caller: User, authorizer: Authorizer) {
    this.#mode = mode
    this.#caller = mode.name === 'associated-node' ? withoutFacts(caller) : caller
    this.#authorizer = authorizer
  }

  async user(wanted: User, info: RequestInfo): Promise<User> {
    const { name: mode } = this.#mode
    if (mode)
      await this.#check({ ...info, verb: `impersonate-on:${mode}:${info.verb}` as RequestVerb })
    const groups = await this.#checkName(wanted)
    if (wanted.uid) await this.#identity('uids', wanted.uid, { group: AUTHENTICATION_GROUP })
    await this.#checkGroups(wanted.groups)
    await this.#checkExtra(wanted.extra ?? {})
    return { ...wanted, groups: withStandardGroup(wanted.name, groups) }
  }

  /** Answers the groups that the user will have. */
  async #checkName({ name, groups }: User): Promise<readonly string[]> {
    const node = this.#mode.name ? nodeOf(name) : undefined
    if (node) {
      // The right must be good for any node, since each pod of a daemon set asks for its own.
      await this.#identity('nodes', this.#mode.name === 'associated-node' ? '*' : node)
      return ['system:nodes']
    }
    const account = accountOf(name)
    if (!account) {
      await this.#identity('users', name)
      return groups
    }
    await this.#identity('serviceaccounts', account.name, { namespace: account.namespace })
    return groups.length ? groups : accountGroups(account.namespace)
  }

  async #checkGroups(groups: readonly string[]): Promise<void> {
    if (this.#mode.name) {
      if (groups.includes('')) {
        this.#refuse('groups', '', 'impersonating the empty string group is not allowed')
      }
      if (groups.includes(MASTERS)) {
        this.#refuse('groups', MASTERS, `impersonating the ${MASTERS} group is not allowed`)
      }
      if (groups.length >= MANY && (await this.#mayAll('groups'))) return
    }
    for (const group of groups) await this.#identity('groups', group)
  }

  async #checkExtra(extra: Readonly<Record<string, readonly string[]>>): Promise<void> {
    const entries = Object.entries(extra)
    const group = AUTHENTICATION_GROUP
    if (this.#mode.name) {
      const problem = entries.map(([key, values]) => extraProblem(key, values)).find(Boolean)
      if (problem) this.#refuse('userextras', '', problem)
      const count = entries.reduce((sum, [, values]) => sum + values.length, 0)
      if (count >= MANY && (await this.#mayAll('userextras', '*'))) return
    }
    for (const [subresource, values] of entries) {
      for (const value of values) await this.#identity('userextras', value, { group, subresource })
    }
  }

  async #mayAll(resource: string, subresource = ''): Promise<boolean> {
    const access = this.#access(resource, '*', { subresource })
    return (await this.#authorizer.authorize(this.#caller, access)).allowed
  }

  #identity(resource: string, name: string, more: Partial<ResourceRequest> = {}): Promise<void> {
    return this.#check(this.#access(resource, name, more))
  }

  #refuse(resource: string, name: string, why: string): never {
    throw denied(this.#caller, this.#access(resource, name, {}), why)
  }

  #access(resource: string, name: string, more: Partial<ResourceRequest>): RequestInfo {
    const { name: mode } = this.#mode
    return {
      isResource: true,
      verb: (mode ? `impersonate:${mode}` : 'impersonate') as RequestVerb,
      group: mode ? AUTHENTICATION_GROUP : '',
      version: 'v1',
      resource,
      name,
      namespace: '',
      subresource: '',
      rest: '',
      path: '',
      query: new URLSearchParams(),
      ...more,
    }
  }

  async #check(access: RequestInfo): Promise<void> {
    const { allowed, reason } = await this.#authorizer.authorize(this.#caller, access)
    if (!allowed) throw denied(this.#caller, access, reason)
  }
}

const isNameOnly = ({ uid, groups, extra = {} }: User): boolean =>
  !uid && !groups.length && !Object.keys(extra).length

function nodeOf(userName: string): string | undefined {
  if (!userName.startsWith(NODE_PREFIX)) return undefined
  const name = userName.slice(NODE_PREFIX.length)
  return dnsSubdomainName(name).length ? undefined : name
}

/** A pod may act as the node that it runs on, if it knows by its token which that is. */
function isOwnNode(userName: string, caller: User): boolean {
  const node = nodeOf(userName)
  const [known, ...more] = caller.extra?.[NODE_NAME] ?? []
  return node !== undefined && !more.length && known === node && Boolean(accountOf(caller.name))
}

/** The facts that differ from pod to pod must not matter to whether it may act as its node. */
const withoutFacts = (caller: User): User => ({
  ...caller,
  extra: {
    'authentication.kubernetes.io/associated-node-keys': Object.keys(caller.extra ?? {}).sort(),
  },
})

function withStandardGroup(name: string, groups: readonly string[]): readonly string[] {
  const added = (group: string) => (groups.includes(group) ? groups : [...groups, group])
  if (name === ANONYMOUS) return added(UNAUTHENTICATED)
  return groups.includes(UNAUTHENTICATED) ? groups : added(AUTHENTICATED)
}

function extraProblem(key: string, values: readonly string[]): string | undefined {
  if (!key) return 'impersonating the empty string key in extra is not allowed'
  if (!isPrefixedPath(key)) return 'impersonating an invalid key in extra is not allowed'
  if (values.includes('')) return 'impersonating the empty string value in extra is not allowed'
  return undefined
}

/** Such as `example.com/facts`. */
function isPrefixedPath(key: string): boolean {
  const slash = key.indexOf('/')
  return !isDnsSubdomain(key.slice(0, Math.max(slash, 0))).length && isPath(key.slice(slash + 1))
}

const isPath = (text: string): boolean => /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(text)
