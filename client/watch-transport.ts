/** One watch as a stream of events, whatever carries it: all that carriers share. */
import { isReason, type StatusError } from '#api/status.ts'
import { type Connection, ConnectionError } from './connection.ts'
import { retryAfter } from './retry.ts'
import { SilenceAlarm } from './silence-alarm.ts'
import { statusFromBody, statusFromResponse } from './status-from-response.ts'

export interface RawEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  readonly object: object
}

export interface WatchRequest {
  /** With the query. */
  readonly path: string
  readonly accept: string
  readonly signal: AbortSignal
}

/**
 * Yields what has arrived, several events at once where they come together. Ends when the server
 * ends the watch; throws a StatusError when it refuses, a ConnectionError when the way breaks.
 */
export interface WatchTransport {
  open(request: WatchRequest): AsyncIterable<readonly RawEvent[]>
}

/** No object is nearly as large; beyond it the other side does not speak our protocol. */
export const FRAME_BYTES_MAX = 16 * 1024 * 1024
/**
 * Servers send a bookmark every minute. So long a silence means that nobody is there any more,
 * which a connection by itself may take a quarter of an hour to find out.
 */
const SILENCE_MAX_MS = 4 * 60_000
const LINE_FEED = 0x0a

/** Every watch is an HTTP answer of its own. */
export function httpWatches(connection: Connection): WatchTransport {
  return { open: (request) => httpWatch(connection, request) }
}

async function* httpWatch(
  connection: Connection,
  { path, accept, signal }: WatchRequest,
): AsyncIterable<readonly RawEvent[]> {
  const silence = new AbortController()
  const answer = await connection.open({
    method: 'GET',
    path,
    accept,
    signal: AbortSignal.any([signal, silence.signal]),
  })
  const { code, body } = answer
  if (code !== 200) {
    const bytes = Buffer.concat(await body.toArray())
    const retryAfterSeconds = retryAfter(answer)
    throw statusFromResponse({ method: 'GET', path, code, body: bytes, retryAfterSeconds })
  }
  using alarm = new SilenceAlarm(connection.clock, SILENCE_MAX_MS, () =>
    silence.abort(silentFor(path)),
  )
  try {
    const lines = new LineSplitter()
    for await (const chunk of body) {
      alarm.heard()
      const events = lines.push(chunk as Buffer).map(eventFrom)
      if (events.length > 0) yield events
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason
    if (silence.signal.aborted) throw silence.signal.reason
    throw isStatusError(error) ? error : connection.failure(path, error)
  } finally {
    body.destroy()
  }
}

const isStatusError = (error: unknown): error is StatusError =>
  error instanceof Error && error.name === 'StatusError'

const silentFor = (path: string): ConnectionError =>
  new ConnectionError(`watch ${path}: nothing heard for ${SILENCE_MAX_MS / 1000} s`)

/** Whole lines from chunks that end anywhere, also inside a character. */
export class LineSplitter {
  #rest: Buffer[] = []
  #restBytes = 0

  push(chunk: Buffer): string[] {
    const lines: string[] = []
    let start = 0
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      const line = this.#completed(chunk.subarray(start, end))
      if (line !== '') lines.push(line)
      start = end + 1
    }
    this.#keep(chunk.subarray(start))
    return lines
  }

  #completed(end: Buffer): string {
    if (this.#restBytes === 0) return end.toString()
    const line = Buffer.concat([...this.#rest, end]).toString()
    this.#rest = []
    this.#restBytes = 0
    return line
  }

  #keep(rest: Buffer): void {
    if (rest.length === 0) return
    this.#rest.push(rest)
    this.#restBytes += rest.length
    if (this.#restBytes <= FRAME_BYTES_MAX) return
    const limit = `at most ${FRAME_BYTES_MAX} wanted`
    throw new Error(`watch event: longer than ${this.#restBytes} bytes, ${limit}`)
  }
}

/** What the server says went wrong is thrown, as if it had refused the watch. */
export function eventFrom(line: string): RawEvent {
  const event = JSON.parse(line) as { readonly type: string; readonly object: object }
  if (event.type === 'ERROR') throw statusFromBody(event.object as Record<string, unknown>)
  return event as RawEvent
}

/** History does not reach back so far: whoever watches has to list again. */
export const isExpired = (error: unknown): boolean => isReason(error, 'Expired', 'Gone')
