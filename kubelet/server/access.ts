/** Who calls a kubelet, and whether they may: both are for the API server to say. */
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { TokenReview } from '#api/kinds/authentication/token-review.ts'
import { SubjectAccessReview } from '#api/kinds/authorization/subject-access-review.ts'
import type { Client } from '#client/rest.ts'
import type { Clock } from '#daemon/clock.ts'
import { attributesOf } from './attributes.ts'
import { type Caller, RequestError } from './request.ts'

export interface AccessOptions {
  readonly client: Client
  readonly clock: Clock
  readonly nodeName: string
  /** Whether callers without credentials are somebody: system:anonymous. */
  readonly allowsAnonymous: boolean
}

/** As upstream keeps answers: to tokens, to what is allowed, and to what is not. */
const TOKEN_MS = 120_000
const ALLOWED_MS = 300_000
const DENIED_MS = 30_000
const ANSWERS_MAX = 4096

const anonymous: Caller = { name: 'system:anonymous', groups: ['system:unauthenticated'] }

export class Access {
  readonly #options: AccessOptions
  readonly #callers: Answers<Caller>
  readonly #permissions: Answers<boolean>

  constructor(options: AccessOptions) {
    this.#options = options
    this.#callers = new Answers(options.clock)
    this.#permissions = new Answers(options.clock)
  }

  /** Throws a RequestError for everybody who shall not get what they ask for. */
  async check(request: IncomingMessage, path: string): Promise<void> {
    const caller = await this.#caller(request)
    const { verb, subresources } = attributesOf(request.method ?? 'GET', path)
    for (const subresource of subresources) {
      if (await this.#mayDo(caller, verb, subresource)) return
    }
    throw new RequestError(
      403,
      `Forbidden (user=${caller.name}, verb=${verb}, resource=nodes, ` +
        `subresource(s)=[${subresources.join(' ')}])`,
    )
  }

  async #caller(request: IncomingMessage): Promise<Caller> {
    const shown = certifiedCaller(request.socket as TLSSocket)
    if (shown) return shown
    const [, token] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? []
    if (token) return await this.#callerWith(token)
    if (this.#options.allowsAnonymous && !request.headers.authorization) return anonymous
    throw new RequestError(401, 'Unauthorized')
  }

  async #callerWith(token: string): Promise<Caller> {
    // Tokens are not kept, only what tells them apart.
    const key = createHash('sha256').update(token).digest('base64')
    const known = this.#callers.get(key)
    if (known) return known
    const review = await this.#options.client.create(TokenReview, { spec: { token } })
    const { authenticated, user } = review.status ?? {}
    if (!authenticated || !user?.username) throw new RequestError(401, 'Unauthorized')
    const { username, uid, groups = [], extra } = user
    const caller = { name: username, groups, ...(uid && { uid }), ...(extra && { extra }) }
    this.#callers.set(key, caller, TOKEN_MS)
    return caller
  }

  async #mayDo(caller: Caller, verb: string, subresource: string): Promise<boolean> {
    const { client, nodeName } = this.#options
    const key = JSON.stringify([caller, verb, subresource])
    const known = this.#permissions.get(key)
    if (known !== undefined) return known
    const { name: user, groups, uid, extra } = caller
    const spec = {
      user,
      groups: [...groups],
      ...(uid && { uid }),
      ...(extra && { extra: mutable(extra) }),
      resourceAttributes: { verb, version: 'v1', resource: 'nodes', subresource, name: nodeName },
    }
    const { status } = await client.create(SubjectAccessReview, { spec })
    const isAllowed = status?.allowed ?? false
    this.#permissions.set(key, isAllowed, isAllowed ? ALLOWED_MS : DENIED_MS)
    return isAllowed
  }
}

const mutable = (extra: Readonly<Record<string, readonly string[]>>): Record<string, string[]> =>
  Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]]))

/** A certificate that leads to our client authority is believed; any other is none. */
function certifiedCaller(socket: TLSSocket): Caller | undefined {
  if (!socket.authorized) return undefined
  const { subject } = socket.getPeerCertificate() ?? {}
  if (!subject?.CN) return undefined
  const name = [subject.CN].flat()[0]!
  const groups = subject.O === undefined ? [] : [subject.O].flat()
  return { name, groups: [...groups, 'system:authenticated'] }
}

/** Answers that hold for a while; the oldest go when there are too many. */
class Answers<T> {
  readonly #clock: Clock
  readonly #answers = new Map<string, { readonly value: T; readonly untilMs: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get(key: string): T | undefined {
    const found = this.#answers.get(key)
    if (!found) return undefined
    if (this.#clock.monotonic() < found.untilMs) return found.value
    this.#answers.delete(key)
    return undefined
  }

  set(key: string, value: T, forMs: number): void {
    this.#answers.delete(key)
    this.#answers.set(key, { value, untilMs: this.#clock.monotonic() + forMs })
    if (this.#answers.size <= ANSWERS_MAX) return
    for (const oldest of this.#answers.keys()) {
      this.#answers.delete(oldest)
      return
    }
  }
}
