/** The server's side of a SPDY/3.1 connection: clients open streams, we answer on them. */
import assert from 'node:assert'
import type { Duplex } from 'node:stream'
import {
  DATA_BYTES_MAX,
  dataHeader,
  type Frame,
  FrameParser,
  goAwayFrame,
  goAwayStatus,
  pingFrame,
  replyFrame,
  resetFrame,
  resetStatus,
  SpdyError,
  windowUpdateFrame,
} from './frames.ts'
import { EmptyBlockWriter, HeaderReader } from './header-blocks.ts'
import { SpdyStream } from './stream.ts'

/** Each connection that is forwarded takes two. */
const STREAMS_MAX = 1024
/** How many bytes are taken in before the sender hears that there is room again. */
const WINDOW_STEP_BYTES = 32 * 1024
const UNREAD_BYTES_MAX = 1024 * 1024

export interface SpdyConnectionOptions {
  /** Either takes the stream on, or says why it is refused. */
  onStream(stream: SpdyStream): string | undefined
}

/**
 * Streams share one transport. Kubernetes' own clients neither keep to the windows of SPDY nor
 * open them, so we open ours and never wait for theirs: a slow reader stops the transport, and with
 * it its sender. No stream therefore holds more than a buffer full.
 */
export class SpdyConnection {
  readonly #transport: Duplex
  readonly #options: SpdyConnectionOptions
  readonly #parser = new FrameParser()
  readonly #headers = new HeaderReader()
  readonly #blocks = new EmptyBlockWriter()
  readonly #streams = new Map<number, SpdyStream>()
  #lastStream = 0
  #unacknowledged = 0
  #isClosing = false

  constructor(transport: Duplex, options: SpdyConnectionOptions) {
    this.#transport = transport
    this.#options = options
    // Errors of the transport end run(); this only keeps later ones from ending the process.
    transport.on('error', () => undefined)
  }

  /** Serves until the transport ends; rejects with what broke it. */
  async run(): Promise<void> {
    try {
      for await (const chunk of this.#transport.iterator({ destroyOnReturn: false })) {
        for (const frame of this.#parser.push(chunk as Buffer)) await this.#handle(frame)
        // Whoever makes us answer without reading the answers is not listened to meanwhile.
        if (this.#transport.writableLength > UNREAD_BYTES_MAX) await this.#drained()
      }
      this.#transport.destroy()
    } catch (error) {
      const isTold = error instanceof SpdyError && this.#transport.writable
      const end = (): void => void this.#transport.destroy()
      if (isTold) {
        this.#transport.end(goAwayFrame(this.#lastStream, goAwayStatus.protocolError), end)
      } else end()
      throw error
    } finally {
      this.#headers[Symbol.dispose]()
      for (const stream of this.#streams.values()) stream.resetByPeer()
    }
  }

  /** Ends in order: everything written so far still arrives. */
  close(): void {
    if (this.#isClosing) return
    this.#isClosing = true
    if (this.#transport.writable) {
      this.#transport.end(goAwayFrame(this.#lastStream, goAwayStatus.ok))
    }
  }

  async #handle(frame: Frame): Promise<void> {
    switch (frame.type) {
      case 'data':
        return this.#received(frame.stream, frame.data, frame.fin)
      case 'open':
        return this.#opened(frame.stream, frame.block, frame.fin)
      case 'reply':
      case 'headers':
        // Only read to keep the shared dictionary of all headers in step.
        await this.#headers.read(frame.block)
        if (frame.fin) await this.#streams.get(frame.stream)?.receive(Buffer.alloc(0), true)
        return
      case 'reset':
        this.#streams.get(frame.stream)?.resetByPeer()
        return
      case 'ping':
        // Ours would be even; we send none.
        if (frame.id % 2 === 1) this.#send(pingFrame(frame.id))
        return
      default:
    }
  }

  async #opened(id: number, block: Buffer, fin: boolean): Promise<void> {
    const headers = await this.#headers.read(block)
    if (id % 2 === 0 || id <= this.#lastStream) {
      throw new SpdyError(`stream ${id} opened after stream ${this.#lastStream}`)
    }
    this.#lastStream = id
    if (this.#isClosing || this.#streams.size >= STREAMS_MAX) {
      this.#send(resetFrame(id, resetStatus.refusedStream))
      return
    }
    const stream = new SpdyStream(id, headers, {
      sendData: (data, isLast, done) => this.#sendData(id, data, isLast, done),
      abandoned: () => this.#send(resetFrame(id, resetStatus.cancel)),
      closed: () => this.#streams.delete(id),
    })
    stream.on('error', () => undefined)
    this.#streams.set(id, stream)
    const refusal = this.#options.onStream(stream)
    if (refusal !== undefined) {
      this.#send(resetFrame(id, resetStatus.refusedStream))
      stream.resetByPeer()
      return
    }
    this.#send(replyFrame(id, this.#blocks.next()))
    if (fin) await stream.receive(Buffer.alloc(0), true)
  }

  async #received(id: number, data: Buffer, fin: boolean): Promise<void> {
    const stream = this.#streams.get(id)
    if (stream) await stream.receive(data, fin)
    else if (id > this.#lastStream) this.#send(resetFrame(id, resetStatus.invalidStream))
    if (stream && !fin && data.length) this.#send(windowUpdateFrame(id, data.length))
    this.#unacknowledged += data.length
    if (this.#unacknowledged < WINDOW_STEP_BYTES) return
    this.#send(windowUpdateFrame(0, this.#unacknowledged))
    this.#unacknowledged = 0
  }

  #sendData(id: number, data: Buffer, fin: boolean, done: (error?: Error | null) => void): void {
    assert(data.length <= DATA_BYTES_MAX, 'messages are far smaller than a frame may be')
    const transport = this.#transport
    if (!transport.writable) {
      done(new Error('the connection is closed'))
      return
    }
    transport.cork()
    transport.write(dataHeader(id, data.length, fin), data.length ? undefined : done)
    if (data.length) transport.write(data, done)
    transport.uncork()
  }

  #drained(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#transport.once('drain', resolve)
    this.#transport.once('close', resolve)
    return promise
  }

  #send(frame: Buffer): void {
    if (this.#transport.writable) this.#transport.write(frame)
  }
}
