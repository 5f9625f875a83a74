/** Bytes put together in pieces of growing size, each byte copied once. */

/** A short list takes little. */
const FIRST_BYTES = 4 * 1024
/** Large enough for few writes, small enough for the allocator to use again. */
const CHUNK_BYTES_MAX = 256 * 1024
const GROWTH = 4

export class Chunks {
  readonly #full: Buffer[] = []
  #current = Buffer.allocUnsafe(FIRST_BYTES)
  #used = 0

  /** Of ASCII alone, and shorter than the first chunk. */
  text(text: string): void {
    if (this.#used + text.length > this.#current.length) this.#next()
    this.#used += this.#current.write(text, this.#used, 'latin1')
  }

  bytes(bytes: Buffer, from = 0): void {
    for (let at = from; at < bytes.length; ) {
      if (this.#used === this.#current.length) this.#next()
      const copied = bytes.copy(this.#current, this.#used, at)
      this.#used += copied
      at += copied
    }
  }

  /** Everything so far, in order; nothing can be added any more. */
  done(): readonly Buffer[] {
    return [...this.#full, this.#current.subarray(0, this.#used)]
  }

  #next(): void {
    this.#full.push(this.#current.subarray(0, this.#used))
    this.#current = Buffer.allocUnsafe(Math.min(this.#current.length * GROWTH, CHUNK_BYTES_MAX))
    this.#used = 0
  }
}
