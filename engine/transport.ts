/** HTTP to one Docker Engine: pooled calls, streams without end, and connections taken over. */
import { type ClientRequestArgs, request as httpRequest, type IncomingMessage } from 'node:http'
import type { Duplex, Readable } from 'node:stream'
import { Agent, type Dispatcher } from 'undici'
import { EngineError, EngineUnreachableError } from './engine-error.ts'
import { keepCalm } from './frames.ts'

export type Query = Readonly<Record<string, string | number | boolean | undefined>>

export interface EngineCall {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly query?: Query | undefined
  /** Sent as JSON. */
  readonly body?: object | undefined
  /** Sent as it is, instead of `body`: a tar archive. */
  readonly archive?: Readable | Buffer | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Until the answer begins; an Engine that hangs is noticed by it. 0 waits for ever. */
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export interface EngineAnswer {
  readonly headers: Dispatcher.ResponseData['headers']
  readonly body: Buffer
}

/** Most calls take milliseconds; on a busy machine the slowest have been seen to take seconds. */
const ANSWER_TIMEOUT_MS = 30_000
const CONNECT_TIMEOUT_MS = 5_000
const KEEP_ALIVE_MS = 60_000
/** An error of the Engine is a sentence; more than this is not from an Engine. */
const ERROR_BYTES_MAX = 65_536

/** Where the Engine listens: a socket file, or a host and port. */
type Address =
  | { readonly socketPath: string }
  | { readonly hostname: string; readonly port: number }

export class Transport implements AsyncDisposable {
  readonly #address: Address
  readonly #origin: string
  readonly #agent: Agent

  /** `address`: a path, unix:///path or tcp://host:port. */
  constructor(address: string) {
    this.#address = addressFrom(address)
    const isSocket = 'socketPath' in this.#address
    this.#origin = isSocket
      ? 'http://localhost'
      : `http://${this.#address.hostname}:${this.#address.port}`
    this.#agent = new Agent({
      connect: {
        timeout: CONNECT_TIMEOUT_MS,
        ...('socketPath' in this.#address && { socketPath: this.#address.socketPath }),
      },
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
    })
  }

  /** The whole answer. Throws EngineError for every code from 400 on. */
  async call(call: EngineCall): Promise<EngineAnswer> {
    const { headers, body } = await this.#request(call, call.timeoutMs ?? ANSWER_TIMEOUT_MS)
    try {
      return { headers, body: Buffer.from(await body.arrayBuffer()) }
    } catch (error) {
      throw this.#failure(call, error)
    }
  }

  /** An answer that may never end: only its beginning is waited for. */
  async open(call: EngineCall): Promise<Readable> {
    const { body } = await this.#request(call, 0)
    return keepCalm(body)
  }

  /** A connection that is the caller's own once the Engine has agreed. */
  async takeOver(call: EngineCall): Promise<Duplex> {
    const { signal } = call
    signal?.throwIfAborted()
    const body = call.body ? JSON.stringify(call.body) : ''
    const { promise, resolve, reject } = Promise.withResolvers<Duplex>()
    const request = httpRequest({
      ...this.#target(),
      method: call.method,
      path: pathOf(call),
      timeout: call.timeoutMs ?? ANSWER_TIMEOUT_MS,
      ...(signal && { signal }),
      headers: {
        connection: 'Upgrade',
        upgrade: 'tcp',
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      },
    })
    request.on('upgrade', (_answer: IncomingMessage, socket: Duplex, first: Buffer) => {
      if ('setTimeout' in socket && typeof socket.setTimeout === 'function') socket.setTimeout(0)
      if (first.length > 0) socket.unshift(first)
      resolve(keepCalm(socket))
    })
    request.on('response', (answer) => {
      readError(answer).then((message) => {
        reject(new EngineError(answer.statusCode ?? 0, message))
      }, reject)
    })
    request.on('timeout', () => request.destroy(new Error('no answer in time')))
    request.on('error', (error) => reject(this.#failure(call, error)))
    request.end(body)
    return promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy()
  }

  #target(): ClientRequestArgs {
    if ('socketPath' in this.#address) return { socketPath: this.#address.socketPath }
    return { host: this.#address.hostname, port: this.#address.port }
  }

  async #request(call: EngineCall, bodyTimeoutMs: number): Promise<Dispatcher.ResponseData> {
    const { method, signal } = call
    signal?.throwIfAborted()
    let answer: Dispatcher.ResponseData
    try {
      answer = await this.#agent.request({
        origin: this.#origin,
        path: pathOf(call),
        method,
        headers: {
          ...(call.body && { 'content-type': 'application/json' }),
          ...(call.archive && { 'content-type': 'application/x-tar' }),
          ...call.headers,
        },
        body: call.body ? JSON.stringify(call.body) : (call.archive ?? null),
        headersTimeout: call.timeoutMs ?? ANSWER_TIMEOUT_MS,
        bodyTimeout: bodyTimeoutMs,
        ...(signal && { signal }),
      })
    } catch (error) {
      throw this.#failure(call, error)
    }
    if (answer.statusCode < 400) return answer
    throw new EngineError(answer.statusCode, await readError(answer.body))
  }

  #failure({ method, path, signal }: EngineCall, error: unknown): unknown {
    if (signal?.aborted) return signal.reason
    const why = error instanceof Error ? error.message || error.name : String(error)
    const where = 'socketPath' in this.#address ? this.#address.socketPath : this.#origin
    const message = `Engine at ${where}: ${method} ${path}: ${why}`
    return new EngineUnreachableError(message, { cause: error })
  }
}

function addressFrom(text: string): Address {
  if (text.startsWith('/')) return { socketPath: text }
  const unix = /^unix:\/\/(\/.+)$/.exec(text)?.[1]
  if (unix !== undefined) return { socketPath: unix }
  const [, hostname, port] = /^tcp:\/\/(.+):(\d+)\/?$/.exec(text) ?? []
  if (hostname === undefined) {
    throw new Error(`Engine: address is "${text}", wanted a path, unix:///path or tcp://host:port`)
  }
  return { hostname, port: Number(port) }
}

function pathOf({ path, query = {} }: EngineCall): string {
  const parameters = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  )
  return parameters.length > 0 ? `${path}?${parameters.join('&')}` : path
}

/** The sentence in `{"message": ...}`, or whatever else was answered. */
async function readError(body: Readable): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    length += chunk.length
    if (length > ERROR_BYTES_MAX) break
  }
  const text = Buffer.concat(chunks).toString().trim()
  try {
    const parsed: unknown = JSON.parse(text)
    if (parsed !== null && typeof parsed === 'object' && 'message' in parsed) {
      return String(parsed.message)
    }
  } catch {
    // Not JSON: proxies before an Engine answer in plain text.
  }
  return text || 'no reason given'
}
