/** A WebSocket that carries several channels, each shown as a stream of Node. */
import { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { Clock } from '../clock.ts'
import {
  type ChannelProtocol,
  closeMessage,
  decodeMessage,
  encodeMessage,
} from './channel-protocols.ts'
import { keepAlive } from './keep-alive.ts'

/** Larger messages end the connection; clients send some ten kilobytes at once. */
export const MESSAGE_BYTES_MAX = 4 * 1024 * 1024

const NORMAL_CLOSURE = 1000

export interface ChannelOptions {
  readonly protocol: ChannelProtocol
  /** Channels that will be read: what comes before their readers do is kept. */
  readonly channels: readonly number[]
  /** Whether the other side understands that a channel ends: servers do, clients do not. */
  readonly tellsClose: boolean
  readonly clock: Clock
}

/**
 * A channel whose reader is slow pauses the socket, and so all channels: what is kept in memory is
 * one buffer for each channel. What arrives on a channel that nobody reads is dropped.
 */
export class ChannelConnection {
  readonly #socket: WebSocket
  readonly #options: ChannelOptions
  readonly #channels = new Map<number, Channel>()
  readonly #full = new Set<number>()
  /** Resolves with the code with which the connection ended. */
  readonly closed: Promise<number>

  constructor(socket: WebSocket, options: ChannelOptions) {
    this.#socket = socket
    this.#options = options
    for (const each of options.channels) this.channel(each)
    const { promise, resolve } = Promise.withResolvers<number>()
    this.closed = promise
    socket.on('message', (message) => this.#received(message as Buffer))
    // A close with another code follows every error.
    socket.on('error', () => undefined)
    socket.once('close', (code) => {
      for (const channel of this.#channels.values()) channel.lost()
      resolve(code)
    })
    keepAlive(socket, options.clock)
  }

  /** Whether the end of a channel can be told to the other side. */
  get canClose(): boolean {
    return this.#options.protocol.canClose && this.#options.tellsClose
  }

  channel(number: number): Duplex {
    const known = this.#channels.get(number)
    if (known) return known
    const channel = new Channel({
      send: (data, done) => this.#send(number, data, done),
      end: (done) => this.#end(number, done),
      full: () => this.#paused(number),
      wanted: () => this.#wanted(number),
    })
    this.#channels.set(number, channel)
    return channel
  }

  /** Everything sent before still arrives. */
  close(): void {
    this.#resume()
    this.#socket.close(NORMAL_CLOSURE)
  }

  /** At once, whatever is still on its way. */
  abandon(): void {
    this.#socket.terminate()
  }

  #received(message: Buffer): void {
    const decoded = decodeMessage(this.#options.protocol, message)
    if (!decoded) return
    const channel = this.#channels.get(decoded.channel)
    if (decoded.type === 'close') channel?.endOfData()
    else if (decoded.data.length) channel?.data(decoded.data)
  }

  #paused(number: number): void {
    this.#full.add(number)
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.pause()
  }

  #wanted(number: number): void {
    if (this.#full.delete(number) && this.#full.size === 0) this.#resume()
  }

  #resume(): void {
    if (this.#socket.isPaused) this.#socket.resume()
  }

  #send(number: number, data: Buffer, done: (error?: Error | null) => void): void {
    this.#socket.send(encodeMessage(this.#options.protocol, number, data), done)
  }

  #end(number: number, done: (error?: Error | null) => void): void {
    const isOpen = this.#socket.readyState === this.#socket.OPEN
    if (this.canClose && isOpen) this.#socket.send(closeMessage(number), done)
    else done()
  }
}

interface ChannelLine {
  send(data: Buffer, done: (error?: Error | null) => void): void
  end(done: (error?: Error | null) => void): void
  full(): void
  wanted(): void
}

class Channel extends Duplex {
  readonly #line: ChannelLine
  #hasEnded = false

  constructor(line: ChannelLine) {
    super({ allowHalfOpen: true })
    this.#line = line
    this.on('error', () => undefined)
  }

  data(data: Buffer): void {
    if (this.#hasEnded || this.destroyed) return
    if (!this.push(data)) this.#line.full()
  }

  endOfData(): void {
    if (this.#hasEnded || this.destroyed) return
    this.#hasEnded = true
    this.push(null)
  }

  /** What has arrived can still be read; nothing can be written any more. */
  lost(): void {
    this.endOfData()
    if (!this.writableFinished) this.end()
  }

  override _read(): void {
    this.#line.wanted()
  }

  override _write(chunk: Buffer, _: string, done: (error?: Error | null) => void): void {
    this.#line.send(chunk, done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#line.end(done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    // Nobody reads this channel any more: it shall not keep the others waiting.
    this.#line.wanted()
    done(error)
  }
}
