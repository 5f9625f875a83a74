/**
 * Many watches over one WebSocket, each a numbered stream, for our own components: see
 * docs/watch-protocol.md. A stream whose reader is slow waits, and the others go on.
 */
import type { WebSocket } from 'ws'
import { badRequest, internalError, notAcceptable, StatusError } from '#api/status.ts'
import { denied } from '../auth/denied.ts'
import { withSelectedName } from '../auth/selected-name.ts'
import type { RequestContext, ServerParts } from '../request-context.ts'
import { requestInfo } from '../request-info.ts'
import type { Result, WatchResult } from '../result.ts'
import { json } from '../wire/media-types.ts'
import type { Order } from './orders.ts'
import { parsedOrder } from './orders.ts'
import type { WatchSession } from './session.ts'
import { closeCodes, hangUp, PacedSocket } from './web-socket.ts'

export const MULTIPLEX_PATH = '/nanokube/v1/watch'

/** One node needs some twenty. */
const STREAMS_MAX = 1000

type Dispatch = (context: RequestContext, parts: ServerParts) => Promise<Result>

interface Stream {
  readonly gone: AbortController
  /** Bytes that the reader still wants; below zero when the last event was larger. */
  credit: number
  session: WatchSession | undefined
}

export class Multiplex {
  readonly #context: RequestContext
  readonly #parts: ServerParts
  readonly #dispatch: Dispatch
  readonly #socket: WebSocket
  readonly #paced: PacedSocket
  /** In the order in which they get the next free room. */
  readonly #streams = new Map<number, Stream>()

  constructor(context: RequestContext, parts: ServerParts, socket: WebSocket, dispatch: Dispatch) {
    this.#context = context
    this.#parts = parts
    this.#dispatch = dispatch
    this.#socket = socket
    this.#paced = new PacedSocket(socket, () => this.#drained())
  }

  /** Resolves when the socket is closed. */
  async serve(): Promise<void> {
    const { promise: gone, resolve } = Promise.withResolvers<void>()
    this.#socket.once('close', () => resolve())
    this.#socket.on('message', (message, isBinary) => {
      if (isBinary) this.#socket.close(closeCodes.unsupported, 'orders are text')
      else this.#received(String(message))
    })
    const { signal } = this.#context
    const stop = (): void => hangUp(this.#socket)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
    await gone
    for (const id of [...this.#streams.keys()]) this.#drop(id)
  }

  #received(message: string): void {
    const order = parsedOrder(message)
    if (typeof order === 'string') {
      this.#socket.close(closeCodes.policy, order)
      return
    }
    switch (order.type) {
      case 'open':
        void this.#open(order)
        return
      case 'more':
        this.#grant(order.id, order.bytes)
        return
      case 'close':
        if (this.#drop(order.id)) this.#tellClosed(order.id)
    }
  }

  async #open(order: Extract<Order, { type: 'open' }>): Promise<void> {
    const { id, window } = order
    if (this.#streams.has(id)) {
      this.#socket.close(closeCodes.policy, `stream ${id} is open already`)
      return
    }
    const stream: Stream = { gone: new AbortController(), credit: window, session: undefined }
    this.#streams.set(id, stream)
    try {
      if (this.#streams.size > STREAMS_MAX) throw badRequest(`limit is ${STREAMS_MAX} streams`)
      const watch = await this.#watch(order, stream)
      // The caller may have closed it while it was opened.
      if (this.#streams.get(id) === stream) await this.#run(id, stream, watch)
    } catch (error) {
      if (this.#streams.get(id) !== stream) return
      this.#drop(id)
      this.#tellClosed(id, this.#statusOf(error))
    }
  }

  async #watch({ path, accept }: { path: string; accept?: string }, stream: Stream) {
    const info = requestInfo('GET', path)
    if (!info.isResource || info.verb !== 'watch') throw badRequest('a stream must be a watch')
    const { user } = this.#context
    const asked = withSelectedName(info)
    const decision = await this.#parts.authorizer.authorize(user, asked)
    if (!decision.allowed) throw denied(user, asked, decision.reason)
    const { signal } = stream.gone
    const headers = { accept: accept ?? json }
    const context = { ...this.#context, info, headers, signal, warnings: [] }
    const watch = await this.#dispatch(context, this.#parts)
    if (watch.type !== 'watch' || watch.contentType !== json) throw notAcceptable([json])
    this.#parts.metrics.longRunning(info, 1)
    signal.addEventListener('abort', () => this.#parts.metrics.longRunning(info, -1))
    return watch
  }

  async #run(id: number, stream: Stream, watch: WatchResult): Promise<void> {
    const prefix = Buffer.from(`${id} `)
    stream.session = watch.open({
      write: (frame) => {
        stream.credit -= frame.length
        return this.#paced.sendLine(prefix, frame) && stream.credit > 0
      },
      end: () => {
        this.#drop(id)
        this.#tellClosed(id)
      },
    })
    await stream.session.start()
  }

  #grant(id: number, bytes: number): void {
    const stream = this.#streams.get(id)
    // What a reader had on its way when its stream ended.
    if (!stream) return
    const wasWaiting = stream.credit <= 0
    stream.credit += bytes
    if (wasWaiting && stream.credit > 0 && this.#paced.hasRoom) stream.session?.drained()
  }

  /** Who gets the room first this time is last next time. */
  #drained(): void {
    for (const [id, stream] of [...this.#streams]) {
      if (!this.#paced.hasRoom) return
      if (stream.credit <= 0 || this.#streams.get(id) !== stream) continue
      this.#streams.delete(id)
      this.#streams.set(id, stream)
      stream.session?.drained()
    }
  }

  #drop(id: number): boolean {
    const stream = this.#streams.get(id)
    if (!stream) return false
    this.#streams.delete(id)
    stream.session?.[Symbol.dispose]()
    stream.gone.abort()
    return true
  }

  #tellClosed(id: number, status?: StatusError): void {
    const line = JSON.stringify({ closed: id, ...(status && { status }) })
    this.#paced.sendLine(Buffer.from(`${line}\n`))
  }

  #statusOf(error: unknown): StatusError {
    if (error instanceof StatusError) return error
    this.#parts.log.error('watch stream failed', { error })
    return internalError('see the log', error)
  }
}
