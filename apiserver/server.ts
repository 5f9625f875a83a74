/** The way of a request through the server, readable from top to bottom. */
import { type IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { badRequest, internalError, StatusError, tooManyRequests } from '#api/status.ts'
import { settleAll } from '#daemon/settle-all.ts'
import type { Upgrade } from '#daemon/streams/accept-upgrade.ts'
import { type AuthenticationOptions, authenticate } from './auth/authentication.ts'
import { anonymous } from './auth/authenticator.ts'
import { denied } from './auth/denied.ts'
import { actingUser } from './auth/impersonation.ts'
import { withSelectedName } from './auth/selected-name.ts'
import { dispatch } from './dispatch.ts'
import { defaultFlowLimits, Flow, type FlowLimits, isLongRunning } from './flow.ts'
import {
  createListener,
  defaultTimeouts,
  type Timeouts,
  type TlsFiles,
  useCertificate,
} from './listener.ts'
import type { RequestContext, ServerParts, User } from './request-context.ts'
import { type RequestInfo, requestInfo } from './request-info.ts'
import { isHealthPath } from './routes.ts'
import { isStoreError } from './store/store-error.ts'
import { storeStatus } from './store-status.ts'
import { MULTIPLEX_PATH } from './watch/multiplex.ts'
import { hasBody, readBody } from './wire/read-body.ts'
import { send, sendError } from './wire/send.ts'

/** Requests under way when the server stops may take this long to finish. */
const DRAIN_MS = 10_000
const RETRY_SECONDS = 1
const SECOND_MS = 1000
const noBody = Buffer.alloc(0)

export interface ServerOptions {
  readonly parts: ServerParts
  readonly authentication: AuthenticationOptions
  /** Without it the server speaks plain HTTP: for tests and loopback only. */
  readonly tls?: TlsFiles
  readonly timeouts?: Timeouts
  readonly flow?: FlowLimits
  /** How long the server says that it is not ready, and works on, before it stops. */
  readonly shutdownDelayMs?: number
}

export interface ListenAddress {
  readonly host: string
  readonly port: number
}

/** Made once: a reason of its own for each request would cost more than many requests do. */
const left = new Error('the client has left')

/** A server that can be asked in process at once, and over the network once it listens. */
export class ApiServer implements AsyncDisposable {
  /** One for each address that it listens on; the first is there from the beginning. */
  readonly #secure: FastifyInstance[]
  #isListening = false
  #insecure: FastifyInstance | undefined
  readonly #options: ServerOptions
  readonly #flow: Flow
  /** Requests under way, and whether they end by themselves. */
  readonly #active = new Map<AbortController, 'short' | 'long-running'>()
  #phase: 'serving' | 'unready' | 'draining' = 'serving'
  #drained: (() => void) | undefined

  constructor(options: ServerOptions) {
    const { clock, metrics } = options.parts
    this.#options = options
    this.#flow = new Flow(options.flow ?? defaultFlowLimits, clock, metrics)
    this.#secure = [this.#listener(options.tls)]
  }

  #listener(tls: TlsFiles | undefined): FastifyInstance {
    const { timeouts = defaultTimeouts } = this.#options
    const app = createListener(tls, timeouts, (...refused) => void this.#refuse(...refused))
    // Never goes on: the server looks for the resource and reads the body itself.
    app.addHook('onRequest', (request, reply, _done) => {
      reply.hijack()
      void this.#answer(request.raw, reply.raw)
    })
    app.all('/*', unreached)
    app.setNotFoundHandler(unreached)
    app.server.on('upgrade', (request, socket, head) => {
      void this.#upgraded(request, socket as Socket, head)
    })
    return app
  }

  get isStopping(): boolean {
    return this.#phase !== 'serving'
  }

  /**
   * Resolves with the port, which matters where any free one was asked for. May be called again
   * for further addresses.
   */
  listen(address: ListenAddress): Promise<number> {
    if (this.#isListening) this.#secure.push(this.#listener(this.#options.tls))
    this.#isListening = true
    return listen(this.#secure.at(-1)!, address)
  }

  /** Listens without TLS too, as long as the server lives. */
  listenInsecurely(address: ListenAddress): Promise<number> {
    this.#insecure ??= this.#listener(undefined)
    return listen(this.#insecure, address)
  }

  /** For new connections; those that are open keep what they have. */
  useCertificate(tls: TlsFiles): void {
    for (const app of this.#secure) useCertificate(app, tls)
  }

  /** First not ready, then no new requests and no more watches; what is under way may finish. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { parts, shutdownDelayMs = 0 } = this.#options
    this.#phase = 'unready'
    if (shutdownDelayMs) await parts.clock.sleep(shutdownDelayMs)
    this.#phase = 'draining'
    for (const [gone, kind] of this.#active) if (kind === 'long-running') gone.abort()
    await this.#allDone()
    for (const gone of this.#active.keys()) gone.abort()
    await settleAll([...this.#secure, this.#insecure].map((app) => app?.close()))
  }

  async #allDone(): Promise<void> {
    if (!this.#active.size) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#drained = resolve
    using _deadline = this.#options.parts.clock.setTimeout(resolve, DRAIN_MS)
    await promise
  }

  /** A request for another protocol is answered like any other until a verb takes its socket. */
  async #upgraded(incoming: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    const response = new ServerResponse(incoming)
    response.shouldKeepAlive = false
    response.assignSocket(socket)
    response.once('finish', () => socket.destroySoon())
    // A client that goes away is no reason to fall.
    socket.on('error', () => socket.destroy())
    await this.#answer(incoming, response, { socket, head })
  }

  async #answer(
    incoming: IncomingMessage,
    response: ServerResponse,
    upgrade?: Upgrade,
  ): Promise<void> {
    const { clock, metrics } = this.#options.parts
    const startedMs = clock.monotonic()
    const info = requestInfo(incoming.method ?? 'GET', incoming.url ?? '/')
    const gone = new AbortController()
    const isLong = isLongRunning(info)
    // A short request that has its answer has nothing left that could be broken off.
    const leave = (): void => {
      if (isLong || this.#active.has(gone)) gone.abort(left)
    }
    response.once('close', leave)
    if (upgrade) upgrade.socket.once('close', leave)
    this.#active.set(gone, isLong ? 'long-running' : 'short')
    let context: RequestContext | undefined
    try {
      this.#checkOpen(info, response)
      const warnings: string[] = []
      const user = await this.#allowedUser(incoming, info, warnings)
      context = contextOf(incoming, info, user, warnings, gone.signal, upgrade)
      const entering = this.#flow.enter(user, info, gone.signal)
      using _seat = entering instanceof Promise ? await entering : entering
      if (!isLong && hasBody(incoming)) context = { ...context, body: await readBody(incoming) }
      const result = await dispatch(context, this.#options.parts)
      await send(context, result, incoming, response, clock)
    } catch (error) {
      await sendError(context, this.#statusOf(error, incoming), response)
    } finally {
      this.#active.delete(gone)
      if (!this.#active.size) this.#drained?.()
      const seconds = (clock.monotonic() - startedMs) / SECOND_MS
      metrics.answered(info, response.statusCode, seconds)
    }
  }

  #checkOpen({ path }: RequestInfo, response: ServerResponse): void {
    if (this.#phase === 'serving') return
    response.shouldKeepAlive = false
    if (this.#phase === 'unready' || isHealthPath(path)) return
    throw tooManyRequests('The apiserver is shutting down, please try again later.', RETRY_SECONDS)
  }

  async #allowedUser(
    incoming: IncomingMessage,
    info: RequestInfo,
    warnings: string[],
  ): Promise<User> {
    const { authentication, parts } = this.#options
    const caller = await authenticate(authentication, incoming, warnings)
    const acting = actingUser(caller, incoming, info, parts.authorizer)
    const user = acting instanceof Promise ? await acting : acting
    // Each of its streams is authorised by itself.
    if (info.path === MULTIPLEX_PATH && user !== anonymous) return user
    const asked = withSelectedName(info)
    const pending = parts.authorizer.authorize(user, asked)
    const decision = pending instanceof Promise ? await pending : pending
    if (!decision.allowed) throw denied(user, asked, decision.reason)
    return user
  }

  /** Anything but a StatusError is a bug: the cause goes to the log, the client learns no more. */
  #statusOf(error: unknown, { method, url }: IncomingMessage): StatusError {
    const status = error instanceof StatusError ? error : undefined
    const known =
      status ?? (isStoreError(error) ? storeStatus(error) : internalError('see the log', error))
    // A StatusError without a cause is an answer that was meant; some of those have codes over 500.
    if (known.cause) {
      this.#options.parts.log.error('request failed', { method, url, error: known.cause })
    }
    return known
  }

  /** What the router could not make a request of. */
  async #refuse(error: unknown, incoming: IncomingMessage, reply: FastifyReply): Promise<void> {
    reply.hijack()
    const { statusCode = 500, message } = error as { statusCode?: number; message: string }
    const status = statusCode < 500 ? badRequest(message) : this.#statusOf(error, incoming)
    await sendError(undefined, status, reply.raw)
  }
}

/** Routes are what hooks are run for. */
const unreached = (): void => {}

async function listen(app: FastifyInstance, { host, port }: ListenAddress): Promise<number> {
  await app.listen({ host, port })
  return (app.server.address() as AddressInfo).port
}

const contextOf = (
  incoming: IncomingMessage,
  info: RequestInfo,
  user: User,
  warnings: string[],
  signal: AbortSignal,
  upgrade: Upgrade | undefined,
): RequestContext => ({
  info,
  method: incoming.method ?? 'GET',
  headers: incoming.headers,
  body: noBody,
  user,
  signal,
  warnings,
  ...(upgrade && { upgrade }),
})
