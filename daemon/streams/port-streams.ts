/** Finds the two SPDY streams that belong to one forwarded connection, and starts it. */
import type { Duplex } from 'node:stream'
import type { Clock, Timer } from '../clock.ts'
import type { SpdyConnectionOptions } from './spdy/connection.ts'
import type { SpdyStream } from './spdy/stream.ts'

export interface PortPair {
  readonly data: Duplex
  /** Says why there is no connection, or why it broke; nothing is read from it. */
  readonly error: Duplex
}

export interface PortStreamsOptions {
  readonly clock: Clock
  /** Resolves when the connection is over; what it throws is told to the client. */
  forward(port: number, pair: PortPair): Promise<void>
}

/** How long the second stream may take after the first. */
const PAIR_MS = 30_000

interface HalfPair {
  readonly port: number
  data?: SpdyStream
  error?: SpdyStream
  readonly timer: Timer
}

export class PortStreams implements SpdyConnectionOptions {
  readonly #options: PortStreamsOptions
  readonly #pairs = new Map<string, HalfPair>()

  constructor(options: PortStreamsOptions) {
    this.#options = options
  }

  onStream(stream: SpdyStream): string | undefined {
    const port = portOf(stream)
    const type = stream.headers.get('streamtype')
    if (port === undefined) return `"${stream.headers.get('port')}" is no port`
    if (type !== 'data' && type !== 'error') return `invalid stream type "${type}"`
    const id = requestId(stream, type)
    const pair = this.#pairs.get(id) ?? this.#newPair(id, port)
    if (pair[type] || pair.port !== port) return `request ${id} has its ${type} stream already`
    pair[type] = stream
    if (pair.data && pair.error) {
      pair.timer.cancel()
      this.#pairs.delete(id)
      void this.#forward(port, pair.data, pair.error)
    }
    return undefined
  }

  #newPair(id: string, port: number): HalfPair {
    const giveUp = (): void => {
      this.#pairs.delete(id)
      pair.data?.destroy()
      pair.error?.end(`request ${id} timed out waiting for streams`)
    }
    const timer = this.#options.clock.setTimeout(giveUp, PAIR_MS, { background: true })
    const pair: HalfPair = { port, timer }
    this.#pairs.set(id, pair)
    return pair
  }

  async #forward(port: number, data: SpdyStream, error: SpdyStream): Promise<void> {
    try {
      await this.#options.forward(port, { data, error })
    } catch (failure) {
      error.resume()
      error.end(failure instanceof Error ? failure.message : String(failure))
      data.resume()
      data.end()
    }
  }
}

const PORT_MAX = 65_535

function portOf({ headers }: SpdyStream): number | undefined {
  const text = headers.get('port') ?? ''
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  return port > 0 && port <= PORT_MAX ? port : undefined
}

/** Clients of old number nothing; theirs come in pairs of neighbours, the one for errors first. */
function requestId({ id, headers }: SpdyStream, type: 'data' | 'error'): string {
  return headers.get('requestid') ?? `stream ${type === 'error' ? id : id - 2}`
}
