/**
 * Many watches in one WebSocket, as docs/watch-protocol.md describes it. A server that does not
 * know the protocol is watched over HTTP.
 */
import { WebSocket } from 'ws'
import { type Connection, ConnectionError } from './connection.ts'
import { MultiplexedStream } from './multiplexed-stream.ts'
import { SilenceAlarm } from './silence-alarm.ts'
import { statusFromBody, statusFromResponse } from './status-from-response.ts'
import {
  FRAME_BYTES_MAX,
  httpWatches,
  type RawEvent,
  type WatchRequest,
  type WatchTransport,
} from './watch-transport.ts'

const PATH = '/nanokube/v1/watch'
const HANDSHAKE_TIMEOUT_MS = 10_000
/** The server pings every 30 s: two that do not come mean that it is not there any more. */
const SILENCE_MAX_MS = 75_000
/** Whatever else a server answers that is up and lets us in, it has never heard of the protocol. */
const isRefusal = (code: number): boolean => code === 401 || code === 429 || code >= 500

const SPACE = 0x20
const LINE_BREAK = 0x0a
const BRACE = '{'.charCodeAt(0)

export class MultiplexedWatches implements WatchTransport, AsyncDisposable {
  readonly #connection: Connection
  readonly #http: WatchTransport
  /** One at a time; what fails is forgotten, so that the next watch tries anew. */
  #session: Promise<Session | undefined> | undefined
  #isDisposed = false

  constructor(connection: Connection) {
    this.#connection = connection
    this.#http = httpWatches(connection)
  }

  async *open(request: WatchRequest): AsyncIterable<readonly RawEvent[]> {
    const session = await this.#current(request.signal)
    yield* session ? session.watch(request) : this.#http.open(request)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true
    const session = await this.#session?.catch(() => undefined)
    session?.[Symbol.dispose]()
  }

  async #current(signal: AbortSignal): Promise<Session | undefined> {
    signal.throwIfAborted()
    if (this.#isDisposed) throw new ConnectionError(`watch ${PATH}: the connection is closed`)
    this.#session ??= this.#connect()
    return this.#session
  }

  async #connect(): Promise<Session | undefined> {
    try {
      const socket = await openSocket(this.#connection)
      if (!socket) return undefined
      return new Session(socket, this.#connection, () => {
        this.#session = undefined
      })
    } catch (error) {
      this.#session = undefined
      throw error
    }
  }
}

/** One socket and its streams, from its opening to its end. */
class Session implements Disposable {
  readonly #socket: WebSocket
  readonly #streams = new Map<number, MultiplexedStream>()
  readonly #alarm: SilenceAlarm
  #lastNumber = 0

  constructor(socket: WebSocket, connection: Connection, over: () => void) {
    this.#socket = socket
    this.#alarm = new SilenceAlarm(connection.clock, SILENCE_MAX_MS, () => socket.terminate())
    socket.on('message', (data: Buffer) => this.#receive(data))
    socket.on('ping', () => this.#alarm.heard())
    let failure: Error | undefined
    socket.on('error', (error) => {
      failure = error
    })
    socket.once('close', (code, reason) => {
      over()
      this.#alarm[Symbol.dispose]()
      const why = failure?.message ?? (String(reason) || `code ${code}`)
      const error = new ConnectionError(`watch ${PATH}: closed: ${why}`, { cause: failure })
      for (const stream of this.#streams.values()) stream.fail(error)
      this.#streams.clear()
    })
  }

  async *watch({ path, accept, signal }: WatchRequest): AsyncIterable<readonly RawEvent[]> {
    if (this.#socket.readyState !== WebSocket.OPEN) {
      throw new ConnectionError(`watch ${PATH}: closed`)
    }
    const number = ++this.#lastNumber
    const stream = new MultiplexedStream((bytes) => this.#order({ more: number, bytes }))
    this.#streams.set(number, stream)
    const abort = (): void => stream.fail(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    this.#order({ open: number, path, accept })
    try {
      yield* stream.batches()
    } finally {
      signal.removeEventListener('abort', abort)
      if (this.#streams.delete(number) && !stream.isClosed) this.#order({ close: number })
    }
  }

  [Symbol.dispose](): void {
    this.#socket.terminate()
  }

  #order(order: object): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(order))
  }

  #receive(data: Buffer): void {
    this.#alarm.heard()
    for (let at = 0; at < data.length; ) {
      const lineBreak = data.indexOf(LINE_BREAK, at)
      const end = lineBreak < 0 ? data.length : lineBreak + 1
      this.#receiveLine(data.subarray(at, end))
      at = end
    }
  }

  #receiveLine(line: Buffer): void {
    if (line[0] === BRACE) {
      const { closed, status } = JSON.parse(line.toString())
      this.#streams.get(closed)?.close(status && statusFromBody(status))
      return
    }
    const space = line.indexOf(SPACE)
    const number = Number(line.toString('latin1', 0, space))
    this.#streams.get(number)?.push(line.subarray(space + 1))
  }
}

/** Undefined where the server does not know the protocol. */
async function openSocket(connection: Connection): Promise<WebSocket | undefined> {
  const first = await shake(connection)
  if (first instanceof WebSocket) return first
  const isRenewed = first.code === 401 && (await connection.credentials.renew())
  const answer = isRenewed ? await shake(connection) : first
  if (answer instanceof WebSocket) return answer
  if (isRefusal(answer.code)) throw statusFromResponse({ method: 'GET', path: PATH, ...answer })
  return undefined
}

interface Refused {
  readonly code: number
  readonly body: Buffer
}

async function shake(connection: Connection): Promise<WebSocket | Refused> {
  const { credentials, server, userAgent, pathPrefix } = connection
  const [identity, tls] = await Promise.all([credentials.headers(), credentials.tls()])
  const scheme = server.protocol === 'https:' ? 'wss' : 'ws'
  const socket = new WebSocket(`${scheme}://${server.host}${pathPrefix}${PATH}`, {
    ...tls,
    headers: { 'user-agent': userAgent, ...(identity as Record<string, string>) },
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    maxPayload: FRAME_BYTES_MAX,
    perMessageDeflate: false,
  })
  const { promise, resolve, reject } = Promise.withResolvers<WebSocket | Refused>()
  const fail = (error: Error): void => reject(connection.failure(PATH, error))
  socket.once('error', fail)
  socket.once('open', () => {
    socket.off('error', fail)
    resolve(socket)
  })
  socket.once('unexpected-response', (request, response) => {
    response
      .toArray()
      .then(
        (chunks) => resolve({ code: response.statusCode ?? 0, body: Buffer.concat(chunks) }),
        fail,
      )
    response.once('close', () => request.destroy())
  })
  return promise
}
