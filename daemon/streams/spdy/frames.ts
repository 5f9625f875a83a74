/** Frames of SPDY/3.1 as bytes: https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1 */

export type Frame =
  /** A frame of data may be long, so it is handed on in the pieces in which it arrives. */
  | { readonly type: 'data'; readonly stream: number; readonly data: Buffer; readonly fin: boolean }
  | BlockFrame
  | { readonly type: 'reset'; readonly stream: number; readonly status: number }
  | { readonly type: 'ping'; readonly id: number }
  | { readonly type: 'goAway' }
  /** Says nothing that we act on: settings, windows, and what later versions may add. */
  | { readonly type: 'other' }

export interface BlockFrame {
  readonly type: 'open' | 'reply' | 'headers'
  readonly stream: number
  readonly fin: boolean
  /** The compressed headers. */
  readonly block: Buffer
}

/** What is wrong with a connection as a whole; it ends. */
export class SpdyError extends Error {
  override readonly name = 'SpdyError'
}

export const resetStatus = {
  protocolError: 1,
  invalidStream: 2,
  refusedStream: 3,
  cancel: 5,
  internalError: 6,
} as const

export const goAwayStatus = { ok: 0, protocolError: 1 } as const

const VERSION = 3
const HEADER_BYTES = 8
/** Headers of streams are a few words; whoever sends more wants our memory. */
const CONTROL_BYTES_MAX = 64 * 1024
/** Lengths have 24 bits. */
export const DATA_BYTES_MAX = 2 ** 24 - 1

const CONTROL_BIT = 0x80000000
const ID_MASK = 0x7fffffff
const FLAG_FIN = 1

const controlTypes = {
  open: 1,
  reply: 2,
  reset: 3,
  ping: 6,
  goAway: 7,
  headers: 8,
  windowUpdate: 9,
} as const

/** Cuts a stream of bytes into frames, whatever the pieces in which it comes. */
export class FrameParser {
  #rest: Buffer = Buffer.alloc(0)
  #data: { stream: number; left: number; fin: boolean } | undefined

  push(chunk: Buffer): Frame[] {
    this.#rest = this.#rest.length ? Buffer.concat([this.#rest, chunk]) : chunk
    const frames: Frame[] = []
    for (let frame = this.#next(); frame; frame = this.#next()) frames.push(frame)
    return frames
  }

  #next(): Frame | undefined {
    if (this.#data) return this.#piece(this.#data)
    if (this.#rest.length < HEADER_BYTES) return undefined
    const first = this.#rest.readUInt32BE(0)
    const flags = this.#rest.readUInt8(4)
    const length = this.#rest.readUIntBE(5, 3)
    if ((first & CONTROL_BIT) === 0) {
      this.#take(HEADER_BYTES)
      this.#data = { stream: first & ID_MASK, left: length, fin: (flags & FLAG_FIN) !== 0 }
      return this.#piece(this.#data)
    }
    const version = (first & ID_MASK) >>> 16
    if (version !== VERSION) throw new SpdyError(`frame of version ${version}, wanted ${VERSION}`)
    if (length > CONTROL_BYTES_MAX) {
      throw new SpdyError(`control frame of ${length} bytes, at most ${CONTROL_BYTES_MAX}`)
    }
    if (this.#rest.length < HEADER_BYTES + length) return undefined
    this.#take(HEADER_BYTES)
    return controlFrame(first & 0xffff, (flags & FLAG_FIN) !== 0, this.#take(length))
  }

  #piece(data: { stream: number; left: number; fin: boolean }): Frame | undefined {
    if (data.left > 0 && this.#rest.length === 0) return undefined
    const piece = this.#take(Math.min(data.left, this.#rest.length))
    data.left -= piece.length
    const isLast = data.left === 0
    if (isLast) this.#data = undefined
    return { type: 'data', stream: data.stream, data: piece, fin: isLast && data.fin }
  }

  #take(length: number): Buffer {
    const taken = this.#rest.subarray(0, length)
    this.#rest = this.#rest.subarray(length)
    return taken
  }
}

function controlFrame(type: number, fin: boolean, body: Buffer): Frame {
  const number = (at: number): number => {
    if (body.length < at + 4) throw new SpdyError(`control frame ${type} is too short`)
    return body.readUInt32BE(at) & ID_MASK
  }
  const block = (frame: BlockFrame['type'], skip: number): BlockFrame => {
    const stream = number(0)
    if (body.length < skip) throw new SpdyError(`control frame ${type} is too short`)
    return { type: frame, stream, fin, block: body.subarray(skip) }
  }
  switch (type) {
    case controlTypes.open:
      // The stream it belongs to, a priority and a slot stand before the headers.
      return block('open', 10)
    case controlTypes.reply:
      return block('reply', 4)
    case controlTypes.headers:
      return block('headers', 4)
    case controlTypes.reset:
      return { type: 'reset', stream: number(0), status: number(4) }
    case controlTypes.ping:
      return { type: 'ping', id: number(0) }
    case controlTypes.goAway:
      return { type: 'goAway' }
    default:
      return { type: 'other' }
  }
}

/** What stands in front of `length` bytes of data. */
export function dataHeader(stream: number, length: number, fin: boolean): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES)
  bytes.writeUInt32BE(stream)
  bytes.writeUInt32BE((((fin ? FLAG_FIN : 0) << 24) | length) >>> 0, 4)
  return bytes
}

function control(type: number, ...parts: readonly (number | Buffer)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'number' ? word(part) : part)))
  return Buffer.concat([
    word((CONTROL_BIT | (VERSION << 16) | type) >>> 0),
    word(body.length),
    body,
  ])
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

export const replyFrame = (stream: number, block: Buffer): Buffer =>
  control(controlTypes.reply, stream, block)

export const resetFrame = (stream: number, status: number): Buffer =>
  control(controlTypes.reset, stream, status)

/** The answer to a ping is the same ping. */
export const pingFrame = (id: number): Buffer => control(controlTypes.ping, id)

export const goAwayFrame = (lastStream: number, status: number): Buffer =>
  control(controlTypes.goAway, lastStream, status)

/** Stream 0 means the connection as a whole. */
export const windowUpdateFrame = (stream: number, bytes: number): Buffer =>
  control(controlTypes.windowUpdate, stream, bytes)
