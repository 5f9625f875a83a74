/** WebSockets for watches: the handshake, signs of life, and how full their buffers are. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import { badRequest } from '#api/status.ts'
import type { Clock } from '#daemon/clock.ts'
import type { RequestContext } from '../request-context.ts'

/** Callers only steer: what they send is short. */
const MESSAGE_BYTES_MAX = 64 * 1024
/** A socket takes more until so much waits to be sent, and again when it is down to half. */
const BUFFER_BYTES_MAX = 256 * 1024
/** Enough for one message, even when more lines are at hand. */
const MESSAGE_BYTES_WANTED = 64 * 1024
const PING_MS = 30_000
const UNANSWERED_MAX = 2

export const closeCodes = { done: 1000, goingAway: 1001, unsupported: 1003, policy: 1008 } as const

/** Browsers cannot set headers, so they hide their token in the list of protocols. */
const TOKEN_PROTOCOL = 'base64url.bearer.authorization.k8s.io.'

const acceptor = new WebSocketServer({
  noServer: true,
  perMessageDeflate: false,
  maxPayload: MESSAGE_BYTES_MAX,
  // A browser hangs up unless one of the protocols that it names is taken.
  handleProtocols: (protocols) =>
    [...protocols].find((each) => !each.startsWith(TOKEN_PROTOCOL)) ?? false,
})

/** Resolves with the open socket; a request that asks for none is refused. */
export function acceptWebSocket(
  { upgrade, headers }: RequestContext,
  request: IncomingMessage,
  response: ServerResponse,
  clock: Clock,
): Promise<WebSocket> {
  if (!upgrade || headers.upgrade?.toLowerCase() !== 'websocket') {
    throw badRequest('only WebSocket connections are served here')
  }
  const { promise, resolve } = Promise.withResolvers<WebSocket>()
  response.detachSocket(upgrade.socket)
  upgrade.socket.setNoDelay(true)
  acceptor.handleUpgrade(request, upgrade.socket, upgrade.head, (socket) => {
    // A close follows every error.
    socket.on('error', () => {})
    keepAlive(socket, clock)
    resolve(socket)
  })
  return promise
}

/** Ends sockets whose other end is gone, though nothing said so. */
function keepAlive(socket: WebSocket, clock: Clock): void {
  let unanswered = 0
  socket.on('pong', () => {
    unanswered = 0
  })
  const ping = (): void => {
    if (unanswered >= UNANSWERED_MAX) {
      socket.terminate()
      return
    }
    unanswered++
    socket.ping()
    timer = clock.setTimeout(ping, PING_MS, { background: true })
  }
  let timer = clock.setTimeout(ping, PING_MS, { background: true })
  socket.once('close', () => timer.cancel())
}

/** Who does not read would not hear why, and cannot be waited for. */
export function hangUp(socket: WebSocket): void {
  if (socket.bufferedAmount > BUFFER_BYTES_MAX / 2) socket.terminate()
  else socket.close(closeCodes.goingAway)
}

/** Sends, and says when to stop and when to go on. */
export class PacedSocket {
  readonly #socket: WebSocket
  readonly #drained: () => void
  #isFull = false
  /** Lines of the message that is sent when this turn is over. */
  #lines: Buffer[] = []
  #lineBytes = 0

  constructor(socket: WebSocket, drained: () => void) {
    this.#socket = socket
    this.#drained = drained
  }

  /** False while enough waits to be sent. */
  get hasRoom(): boolean {
    return !this.#isFull
  }

  /** A message of its own. False: wait for `drained`. */
  send(message: Buffer, binary: boolean): boolean {
    this.#socket.send(message, { binary }, this.#sent)
    this.#isFull ||= this.#socket.bufferedAmount > BUFFER_BYTES_MAX
    return !this.#isFull
  }

  /**
   * A line of the next message: a message costs far more than its bytes do, and what happens at
   * once is mostly of interest to several streams of a socket.
   */
  sendLine(...parts: readonly Buffer[]): boolean {
    if (!this.#lines.length) queueMicrotask(this.#flush)
    for (const part of parts) {
      this.#lines.push(part)
      this.#lineBytes += part.length
    }
    if (this.#lineBytes > MESSAGE_BYTES_WANTED) this.#flush()
    return !this.#isFull
  }

  readonly #flush = (): void => {
    if (!this.#lines.length) return
    const message = Buffer.concat(this.#lines, this.#lineBytes)
    this.#lines = []
    this.#lineBytes = 0
    this.send(message, false)
  }

  readonly #sent = (): void => {
    if (!this.#isFull || this.#socket.bufferedAmount > BUFFER_BYTES_MAX / 2) return
    this.#isFull = false
    this.#drained()
  }
}
