/** Finds the two SPDY streams that belong to one forwarded connection, and starts it. */
import type { Pod } from '#api/kinds/core/pod.ts'
import type { Clock, Timer } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import type { SpdyConnectionOptions } from '#daemon/streams/spdy/connection.ts'
import type { SpdyStream } from '#daemon/streams/spdy/stream.ts'
import { forwardPort } from './forward-port.ts'
import type { KubeletAnswer } from './kubelet-channels.ts'

export interface PortStreamsOptions {
  readonly pod: Pod
  readonly clock: Clock
  readonly log: Log
  call(port: number): Promise<KubeletAnswer>
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
    const { call, clock, log, pod } = this.#options
    try {
      await forwardPort(await call(port), { data, error }, clock)
    } catch (failure) {
      const { name, namespace, uid } = pod.metadata
      const why = failure instanceof Error ? failure.message : String(failure)
      log.info('port not forwarded', { pod: `${namespace}/${name}`, port, error: failure })
      error.resume()
      error.end(`error forwarding port ${port} to pod ${name}, uid ${uid}: ${why}`)
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
