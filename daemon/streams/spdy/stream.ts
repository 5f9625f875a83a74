/** One stream of a SPDY connection, as any other stream of Node. */
import { Duplex } from 'node:stream'
import type { SpdyHeaders } from './header-blocks.ts'

/** What a stream asks of its connection. */
export interface StreamLine {
  sendData(data: Buffer, fin: boolean, done: (error?: Error | null) => void): void
  /** The stream ended before its time on our side. */
  abandoned(): void
  /** Nothing follows in either direction. */
  closed(): void
}

export class SpdyStream extends Duplex {
  readonly id: number
  readonly headers: SpdyHeaders
  readonly #line: StreamLine
  #wanted: (() => void) | undefined
  #isReset = false

  constructor(id: number, headers: SpdyHeaders, line: StreamLine) {
    super({ allowHalfOpen: true })
    this.id = id
    this.headers = headers
    this.#line = line
  }

  /** Resolves when the reader wants more: the connection reads on no sooner. */
  async receive(data: Buffer, fin: boolean): Promise<void> {
    if (this.destroyed || this.readableEnded) return
    const isFull = data.length > 0 && !this.push(data)
    if (fin) this.push(null)
    else if (isFull) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wanted = resolve
      await promise
    }
  }

  resetByPeer(): void {
    this.#isReset = true
    this.destroy()
  }

  override _read(): void {
    const wanted = this.#wanted
    this.#wanted = undefined
    wanted?.()
  }

  override _write(chunk: Buffer, _: string, done: (error?: Error | null) => void): void {
    this.#line.sendData(chunk, false, done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#line.sendData(Buffer.alloc(0), true, done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const isWhole = this.readableEnded && this.writableFinished
    if (!isWhole && !this.#isReset) this.#line.abandoned()
    this._read()
    this.#line.closed()
    done(error)
  }
}
