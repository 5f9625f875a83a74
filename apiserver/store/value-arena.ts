/** Keeps values in large shared blocks: the garbage collector never sees them one by one. */

/** One allocation of this size holds hundreds of typical objects. */
const BLOCK_BYTES = 1024 * 1024
/** A larger value gets a block of its own, so that little is left over in shared ones. */
const SHARED_VALUE_BYTES_MAX = 128 * 1024
/** Waste below this is not worth moving anything for. */
const WASTE_BYTES_MIN = 32 * 1024 * 1024

/** A block is only ever appended to: windows handed out stay valid until nobody holds them. */
export interface Block {
  readonly bytes: Buffer
  live: number
}

/** Where a value lies; kept instead of a Buffer, which would cost 100 bytes more. */
export interface Placed {
  block: Block
  offset: number
  length: number
}

export const noBlock: Block = { bytes: Buffer.alloc(0), live: 0 }

export class ValueArena {
  #current: Block = noBlock
  #used = 0
  #live = 0
  /** Counts blocks that still hold something live; an empty one is left to the collector. */
  #reserved = 0

  /** Bytes of all values that are placed and not released. */
  get liveBytes(): number {
    return this.#live
  }

  get reservedBytes(): number {
    return this.#reserved
  }

  /** Whether more than half of the memory holds values nobody needs. */
  get isWasteful(): boolean {
    return this.#reserved - this.#live > Math.max(WASTE_BYTES_MIN, this.#live)
  }

  /** Copies the bytes in and notes their place on `target`. */
  place(target: Placed, bytes: Uint8Array): void {
    const { length } = bytes
    const block = length === 0 ? noBlock : this.#room(length)
    const offset = block === this.#current ? this.#used : 0
    block.bytes.set(bytes, offset)
    if (block === this.#current) this.#used += length
    block.live += length
    this.#live += length
    target.block = block
    target.offset = offset
    target.length = length
  }

  release({ block, length }: Placed): void {
    if (length === 0) return
    block.live -= length
    this.#live -= length
    if (block.live === 0 && block !== this.#current) this.#reserved -= block.bytes.length
  }

  /** Moves a value out of a block that is mostly waste, so that the block can be collected. */
  evacuate(placed: Placed): void {
    const { block, offset, length } = placed
    if (block === this.#current || block.live * 2 > block.bytes.length) return
    const bytes = block.bytes.subarray(offset, offset + length)
    this.release(placed)
    this.place(placed, bytes)
  }

  #room(length: number): Block {
    if (length > SHARED_VALUE_BYTES_MAX) return this.#reserve(length)
    if (this.#used + length <= this.#current.bytes.length) return this.#current
    const last = this.#current
    if (last.live === 0) this.#reserved -= last.bytes.length
    this.#current = this.#reserve(BLOCK_BYTES)
    this.#used = 0
    return this.#current
  }

  #reserve(length: number): Block {
    this.#reserved += length
    return { bytes: Buffer.allocUnsafeSlow(length), live: 0 }
  }
}
