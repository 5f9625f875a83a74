/** The way to one API server: pooled connections, certificates that change, answers as bytes. */
import type { Readable } from 'node:stream'
import { Agent, buildConnector, type Dispatcher } from 'undici'
import type { Clock } from '#daemon/clock.ts'
import { anonymous, type Credentials, type TlsMaterial } from './credentials.ts'

export interface ConnectionSettings {
  /** Such as https://127.0.0.1:6443; a path in it stands before every path of the API. */
  readonly server: string
  readonly credentials?: Credentials
  readonly userAgent: string
  readonly clock: Clock
}

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface Call {
  readonly method: Method
  /** With the query. */
  readonly path: string
  readonly accept: string
  readonly contentType?: string
  readonly body?: string
  readonly signal: AbortSignal | undefined
}

export interface Answer {
  readonly code: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

export interface StreamAnswer extends Omit<Answer, 'body'> {
  readonly body: Readable
}

/** The server could not be asked, or broke off: nobody knows what became of the request. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
}

/** The server gives up after 60 s; a little more lets its own answer reach us. */
const ANSWER_TIMEOUT_MS = 70_000
const CONNECT_TIMEOUT_MS = 10_000
/** Below the server's 120 s, so that a request does not meet a connection that is being closed. */
const KEEP_ALIVE_MS = 90_000
/**
 * Sockets for calls; further calls wait for one. Each new one costs a server that is busy as much
 * as several requests, and when all were opened at once it could not even accept them in time.
 */
const CALL_SOCKETS_MAX = 32
/** Probes of an idle connection find out early that a machine or a NAT entry is gone. */
const PROBE_DELAY_MS = 15_000

export class Connection implements AsyncDisposable {
  readonly server: URL
  readonly userAgent: string
  readonly credentials: Credentials
  readonly clock: Clock
  readonly #calls: Agent
  /** Streams last, and calls shall not wait for their end. */
  readonly #streams: Agent

  constructor({ server, credentials = anonymous, userAgent, clock }: ConnectionSettings) {
    this.server = new URL(server)
    this.userAgent = userAgent
    this.credentials = credentials
    this.clock = clock
    const options = {
      connect: connectorWith(credentials),
      headersTimeout: ANSWER_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      // One HTTP/2 connection would share its flow control among all watches.
      allowH2: false,
    }
    this.#calls = new Agent({ ...options, connections: CALL_SOCKETS_MAX })
    this.#streams = new Agent(options)
  }

  /** The whole answer, whatever its code. */
  async call(call: Call): Promise<Answer> {
    const { statusCode, headers, body } = await this.#request(this.#calls, call, ANSWER_TIMEOUT_MS)
    try {
      return { code: statusCode, headers, body: Buffer.from(await body.arrayBuffer()) }
    } catch (error) {
      throw this.#failure(call, error)
    }
  }

  /** An answer without end: only its beginning is waited for. */
  async open(call: Call): Promise<StreamAnswer> {
    const { statusCode, headers, body } = await this.#request(this.#streams, call, 0)
    return { code: statusCode, headers, body }
  }

  /** What breaks while a body is read is a failure of the connection too. */
  failure(path: string, error: unknown): unknown {
    return this.#failure({ method: 'GET', path }, error)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#calls.destroy(), this.#streams.destroy()])
  }

  /** A second time with new credentials, if there are any and the first were not accepted. */
  async #request(
    agent: Agent,
    call: Call,
    bodyTimeoutMs: number,
  ): Promise<Dispatcher.ResponseData> {
    const answer = await this.#send(agent, call, bodyTimeoutMs)
    if (answer.statusCode !== 401 || !(await this.credentials.renew())) return answer
    await answer.body.dump()
    return this.#send(agent, call, bodyTimeoutMs)
  }

  async #send(agent: Agent, call: Call, bodyTimeout: number): Promise<Dispatcher.ResponseData> {
    const { method, path, accept, contentType, body, signal } = call
    signal?.throwIfAborted()
    const identity = await this.credentials.headers()
    try {
      return await agent.request({
        origin: this.server.origin,
        path: this.pathPrefix + path,
        method,
        headers: {
          accept,
          'user-agent': this.userAgent,
          ...(contentType && { 'content-type': contentType }),
          ...(identity as Record<string, string | string[]>),
        },
        body: body ?? null,
        bodyTimeout,
        ...(signal && { signal }),
      })
    } catch (error) {
      throw this.#failure(call, error)
    }
  }

  get pathPrefix(): string {
    return this.server.pathname.replace(/\/$/, '')
  }

  #failure(
    { method, path, signal }: Pick<Call, 'method' | 'path'> & Partial<Call>,
    error: unknown,
  ) {
    if (signal?.aborted) return signal.reason
    const why = error instanceof Error ? describe(error) : String(error)
    const target = `${this.server.origin}${this.pathPrefix}${path}`
    return new ConnectionError(`${method} ${target}: ${why}`, { cause: error })
  }
}

/** Several addresses of one host that all fail come as one error with an empty message. */
function describe(error: Error): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return error.errors.map((each) => (each instanceof Error ? each.message : each)).join('; ')
  }
  return error.message || error.name
}

/** Each new connection is made with the certificates as they are then. */
function connectorWith(credentials: Credentials): buildConnector.connector {
  let made: { tls: TlsMaterial; connect: buildConnector.connector } | undefined
  const current = async (): Promise<buildConnector.connector> => {
    const tls = await credentials.tls()
    if (made?.tls !== tls) {
      const connect = buildConnector({
        ...tls,
        timeout: CONNECT_TIMEOUT_MS,
        keepAlive: true,
        keepAliveInitialDelay: PROBE_DELAY_MS,
        allowH2: false,
      })
      made = { tls, connect }
    }
    return made.connect
  }
  return (options, callback) => {
    current().then(
      (connect) => connect(options, callback),
      (error) => callback(error, null),
    )
  }
}
