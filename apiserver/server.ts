/** The listener, and the way of a request through it, readable from top to bottom. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { badRequest, internalError, StatusError, tooLarge } from '#api/status.ts'
import { type Authenticator, anonymous } from './auth/authenticator.ts'
import type { Authorizer } from './auth/authorizer.ts'
import { denied } from './auth/denied.ts'
import { dispatch } from './dispatch.ts'
import type { RequestContext, ServerParts, User } from './request-context.ts'
import { requestInfo } from './request-info.ts'
import { isStoreError } from './store/store-error.ts'
import { storeStatus } from './store-status.ts'
import { send, sendError } from './wire/send.ts'

/** As upstream: 3 MiB. */
const BODY_BYTES_MAX = 3 * 1024 * 1024
const HEADER_BYTES_MAX = 64 * 1024
const REQUEST_TIMEOUT_MS = 60_000
const KEEP_ALIVE_TIMEOUT_MS = 120_000

export interface TlsFiles {
  readonly cert: string | Buffer
  readonly key: string | Buffer
  /** Certificates that callers show must lead to one of these. */
  readonly clientCa?: string | Buffer
}

export interface ServerOptions {
  readonly parts: ServerParts
  /** Asked in order; the first answer counts. */
  readonly authenticators: readonly Authenticator[]
  readonly authorizer: Authorizer
  /** Without it the server speaks plain HTTP: for tests and loopback only. */
  readonly tls?: TlsFiles
}

export interface ListenAddress {
  readonly host: string
  readonly port: number
}

/** A server that can be asked in process at once, and over the network once it listens. */
export class ApiServer implements AsyncDisposable {
  readonly #app: FastifyInstance
  readonly #options: ServerOptions
  readonly #stopping = new AbortController()

  constructor(options: ServerOptions) {
    this.#options = options
    this.#app = listener(options.tls)
    this.#app.removeAllContentTypeParsers()
    this.#app.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body))
    this.#app.setErrorHandler((error, _, reply) => this.#refuse(error, reply))
    this.#app.all('/*', (request, reply) => this.#answer(request, reply))
  }

  /** Resolves with the port, which matters where any free one was asked for. */
  async listen({ host, port }: ListenAddress): Promise<number> {
    await this.#app.listen({ host, port })
    return (this.#app.server.address() as AddressInfo).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort()
    await this.#app.close()
  }

  async #answer(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    reply.hijack()
    const [incoming, response] = [request.raw, reply.raw]
    let context: RequestContext | undefined
    try {
      context = await this.#admitted(incoming, response, request.body)
      const result = await dispatch(context, this.#options.parts)
      await send(context, result, incoming, response, this.#options.parts.clock.now())
    } catch (error) {
      await sendError(context, this.#statusOf(error, incoming), response)
    }
  }

  /** Who asks for what, and whether they may. */
  async #admitted(
    incoming: IncomingMessage,
    response: ServerResponse,
    body: unknown,
  ): Promise<RequestContext> {
    const method = incoming.method ?? 'GET'
    const info = requestInfo(method, incoming.url ?? '/')
    const user = await this.#user(incoming)
    const { allowed, reason } = await this.#options.authorizer.authorize(user, info)
    if (!allowed) throw denied(user, info, reason)
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    return {
      info,
      method,
      headers: incoming.headers,
      body: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
      user,
      signal: AbortSignal.any([gone.signal, this.#stopping.signal]),
      warnings: [],
    }
  }

  async #user(incoming: IncomingMessage): Promise<User> {
    for (const authenticator of this.#options.authenticators) {
      const user = await authenticator.authenticate(incoming)
      if (user) return user
    }
    return anonymous
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

  /** What the listener itself refuses: bodies too large, headers malformed. */
  async #refuse(error: unknown, reply: FastifyReply): Promise<void> {
    reply.hijack()
    const { statusCode = 500, message } = error as { statusCode?: number; message: string }
    const status =
      statusCode === 413
        ? tooLarge(`limit is ${BODY_BYTES_MAX}`)
        : statusCode < 500
          ? badRequest(message)
          : this.#statusOf(error, reply.request.raw)
    await sendError(undefined, status, reply.raw)
  }
}

function listener(tls: TlsFiles | undefined): FastifyInstance {
  const common = {
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
  }
  const limits = { maxHeaderSize: HEADER_BYTES_MAX }
  if (!tls) return fastify({ ...common, http: limits })
  const { cert, key, clientCa } = tls
  // Certificates are asked for, not insisted on: most callers come with a token.
  const https = { ...limits, cert, key, ca: clientCa, requestCert: true, rejectUnauthorized: false }
  return fastify({ ...common, https }) as unknown as FastifyInstance
}
