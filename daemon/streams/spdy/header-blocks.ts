/** Headers of SPDY streams: name and value pairs, packed with zlib across a whole connection. */
import { createInflate, type Inflate } from 'node:zlib'
import { DICTIONARY_ID, dictionary } from './dictionary.ts'
import { SpdyError } from './frames.ts'

/** Names in lower case; several values of one name are joined with a comma. */
export type SpdyHeaders = ReadonlyMap<string, string>

/** Unpacked. A few packed bytes can unpack to gigabytes, so this ends the connection. */
const BLOCK_BYTES_MAX = 64 * 1024

/** Blocks must be read in the order in which they came: each leans on those before it. */
export class HeaderReader implements Disposable {
  readonly #inflate: Inflate = createInflate({ dictionary })
  #chunks: Buffer[] = []
  #size = 0
  #failed: ((error: unknown) => void) | undefined

  constructor() {
    this.#inflate.on('data', (chunk: Buffer) => {
      this.#size += chunk.length
      if (this.#size <= BLOCK_BYTES_MAX) this.#chunks.push(chunk)
      else this.#inflate.destroy(new SpdyError(`headers of more than ${BLOCK_BYTES_MAX} bytes`))
    })
    this.#inflate.on('error', (error) => this.#failed?.(error))
  }

  async read(block: Buffer): Promise<SpdyHeaders> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#failed = reject
    this.#inflate.write(block, (error) => (error ? reject(error) : resolve()))
    try {
      await promise
    } catch (error) {
      if (error instanceof SpdyError) throw error
      throw new SpdyError('headers that cannot be unpacked', { cause: error })
    } finally {
      this.#failed = undefined
    }
    const bytes = Buffer.concat(this.#chunks)
    this.#chunks = []
    this.#size = 0
    return headersOf(bytes)
  }

  [Symbol.dispose](): void {
    this.#inflate.destroy()
  }
}

function headersOf(bytes: Buffer): SpdyHeaders {
  let at = 0
  const number = (): number => {
    if (at + 4 > bytes.length) throw new SpdyError('headers end too early')
    at += 4
    return bytes.readUInt32BE(at - 4)
  }
  const text = (): string => {
    const length = number()
    if (at + length > bytes.length) throw new SpdyError('headers end too early')
    at += length
    return bytes.toString('utf8', at - length, at)
  }
  const headers = new Map<string, string>()
  for (let left = number(); left > 0; left--) {
    const name = text().toLowerCase()
    if (!name || headers.has(name)) throw new SpdyError(`header "${name}" is empty or repeated`)
    headers.set(name, text().replaceAll('\0', ','))
  }
  return headers
}

/**
 * What we answer carries no headers, so it is written unpacked: valid for every reader of zlib, and
 * without the quarter of a megabyte that a compressor would keep for each connection.
 */
export class EmptyBlockWriter {
  #isFirst = true

  next(): Buffer {
    // A stored piece of deflate: not the last, four bytes long, and they say "no headers". An empty
    // one follows, as at every flush: Go's reader hands out nothing before it.
    const stored = Buffer.from([0, 4, 0, 0xfb, 0xff, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff])
    if (!this.#isFirst) return stored
    this.#isFirst = false
    const opening = Buffer.from([0x78, 0xbb, 0, 0, 0, 0])
    opening.writeUInt32BE(DICTIONARY_ID, 2)
    return Buffer.concat([opening, stored])
  }
}
