/** Takes apart what the Engine sends for a process without a terminal: two streams in frames. */
import { finished, Readable } from 'node:stream'

/** One byte says which stream, three are empty, four are the length, big-endian. */
const HEADER_BYTES = 8
const STDERR = 2

export interface SplitStreams {
  readonly stdout: Readable
  readonly stderr: Readable
}

/** Told each piece of content, and whether a frame begins with it. */
type PieceListener = (stream: number, content: Buffer, isFirst: boolean) => void

/** Calls back with each piece of content; frames may come in any cut. */
export class FrameReader {
  #header = Buffer.alloc(HEADER_BYTES)
  #headerLength = 0
  #left = 0
  #stream = 0
  #isFirst = true

  read(chunk: Buffer, found: PieceListener): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#left > 0) {
        const end = Math.min(at + this.#left, chunk.length)
        this.#left -= end - at
        found(this.#stream, chunk.subarray(at, end), this.#isFirst)
        this.#isFirst = false
        at = end
      } else {
        const end = Math.min(at + HEADER_BYTES - this.#headerLength, chunk.length)
        chunk.copy(this.#header, this.#headerLength, at, end)
        this.#headerLength += end - at
        at = end
        if (this.#headerLength < HEADER_BYTES) return
        this.#headerLength = 0
        this.#isFirst = true
        this.#stream = this.#header[0] ?? 0
        this.#left = this.#header.readUInt32BE(4)
      }
    }
  }
}

/** Both streams, each in order. The source rests while either is full: read both. */
export function splitFrames(source: Readable): SplitStreams {
  const frames = new FrameReader()
  const open = new Set<Readable>()
  const full = new Set<Readable>()
  const proceed = (stream: Readable): void => {
    full.delete(stream)
    if (full.size === 0) source.resume()
  }
  const stream = (): Readable => {
    const made: Readable = new Readable({
      // It asks for more, though its own count still says that it is full.
      read: () => proceed(made),
      destroy: (error, done) => {
        open.delete(made)
        if (open.size === 0) source.destroy()
        else proceed(made)
        done(error)
      },
    })
    open.add(made)
    return keepCalm(made)
  }
  const [stdout, stderr] = [stream(), stream()]
  source.on('data', (chunk: Buffer) => {
    frames.read(chunk, (number, content) => {
      const target = number === STDERR ? stderr : stdout
      if (!target.destroyed && !target.push(content)) full.add(target)
    })
    if (full.size > 0) source.pause()
  })
  endWith(source, stdout, stderr)
  return { stdout, stderr }
}

/** Both streams as one, in the order in which they were written. */
export function joinFrames(source: Readable, options = { timestamps: false }): Readable {
  const frames = new FrameReader()
  const times = new TimesInLines()
  const joined = new Readable({
    read: () => void source.resume(),
    destroy: (error, done) => {
      source.destroy()
      done(error)
    },
  })
  source.on('data', (chunk: Buffer) => {
    frames.read(chunk, (stream, content, isFirst) => {
      const kept = options.timestamps ? times.remove(stream, content, isFirst) : content
      if (kept.length > 0 && !joined.destroyed && !joined.push(kept)) source.pause()
    })
  })
  endWith(source, joined)
  return keepCalm(joined)
}

const NEW_LINE = 0x0a
const SPACE = 0x20

/**
 * The Engine keeps a long line in pieces of 16 KiB, a frame each, and writes the time before every
 * one of them. Only the first is where a line begins.
 */
class TimesInLines {
  /** Streams whose last frame did not end its line. */
  readonly #open = new Set<number>()
  /** Streams whose frame began with a time that has not ended yet. */
  readonly #inTime = new Set<number>()

  remove(stream: number, content: Buffer, isFirst: boolean): Buffer {
    if (isFirst && this.#open.has(stream)) this.#inTime.add(stream)
    if (content.at(-1) === NEW_LINE) this.#open.delete(stream)
    else this.#open.add(stream)
    if (!this.#inTime.has(stream)) return content
    const space = content.indexOf(SPACE)
    if (space < 0) return content.subarray(content.length)
    this.#inTime.delete(stream)
    return content.subarray(space + 1)
  }
}

/** Whoever reads a stream that breaks is told so; a stream that nobody reads breaks in silence. */
export function keepCalm<Stream extends NodeJS.EventEmitter>(stream: Stream): Stream {
  stream.on('error', () => undefined)
  return stream
}

function endWith(source: Readable, ...streams: readonly Readable[]): void {
  finished(source, { writable: false }, (error) => {
    for (const stream of streams) {
      if (stream.destroyed) continue
      if (error) stream.destroy(error)
      else stream.push(null)
    }
  })
}
