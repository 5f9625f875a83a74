/** Takes apart what the Engine sends for a process without a terminal: two streams in frames. */
import { finished, Readable } from 'node:stream'

/** One byte says which stream, three are empty, four are the length, big-endian. */
const HEADER_BYTES = 8
const STDERR = 2

export interface SplitStreams {
  readonly stdout: Readable
  readonly stderr: Readable
}

/** Calls back with each piece of content; frames may come in any cut. */
export class FrameReader {
  #header = Buffer.alloc(HEADER_BYTES)
  #headerLength = 0
  #left = 0
  #stream = 0

  read(chunk: Buffer, found: (stream: number, content: Buffer) => void): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#left > 0) {
        const end = Math.min(at + this.#left, chunk.length)
        this.#left -= end - at
        found(this.#stream, chunk.subarray(at, end))
        at = end
      } else {
        const end = Math.min(at + HEADER_BYTES - this.#headerLength, chunk.length)
        chunk.copy(this.#header, this.#headerLength, at, end)
        this.#headerLength += end - at
        at = end
        if (this.#headerLength < HEADER_BYTES) return
        this.#headerLength = 0
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
export function joinFrames(source: Readable): Readable {
  const frames = new FrameReader()
  const joined = new Readable({
    read: () => void source.resume(),
    destroy: (error, done) => {
      source.destroy()
      done(error)
    },
  })
  source.on('data', (chunk: Buffer) => {
    frames.read(chunk, (_number, content) => {
      if (!joined.destroyed && !joined.push(content)) source.pause()
    })
  })
  endWith(source, joined)
  return keepCalm(joined)
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
