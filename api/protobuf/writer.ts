/**
 * Writes protobuf back to front: when a message is done its length is known, so that the prefix can
 * follow at once and nothing is measured beforehand or moved afterwards.
 */

const FIRST_SIZE = 16 * 1024
/** A larger buffer is given back, so that one huge object does not cost memory for ever. */
const KEPT_SIZE = 1024 * 1024
/** Up to here a loop over characters beats a call into the runtime. */
const SHORT_TEXT = 48
const VARINT_BYTES = 10

export class Writer {
  bytes: Buffer
  /** Where the written part begins. */
  at: number

  constructor(size = FIRST_SIZE) {
    this.bytes = Buffer.allocUnsafeSlow(size)
    this.at = size
  }

  /** Forgets what was written. */
  reset(): void {
    if (this.bytes.length > KEPT_SIZE) this.bytes = Buffer.allocUnsafeSlow(FIRST_SIZE)
    this.at = this.bytes.length
  }

  /** A copy of what was written. */
  finish(): Buffer {
    return Buffer.from(this.bytes.subarray(this.at))
  }

  reserve(size: number): void {
    if (this.at >= size) return
    const written = this.bytes.length - this.at
    const grown = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, written + size))
    this.bytes.copy(grown, grown.length - written, this.at)
    this.at = grown.length - written
    this.bytes = grown
  }

  /** An unsigned number below 2^32. */
  varint(value: number): void {
    this.reserve(VARINT_BYTES)
    const { bytes } = this
    if (value < 0x80) {
      bytes[--this.at] = value
      return
    }
    const size = value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5
    this.at -= size
    let at = this.at
    let rest = value
    for (let left = size; left > 1; left--) {
      bytes[at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    bytes[at] = rest
  }

  /** A signed whole number that a double holds exactly; negative ones take ten bytes. */
  int64(value: number): void {
    if (value >= 0 && value <= 0xffff_ffff) this.varint(value)
    else this.bigInt64(BigInt(value))
  }

  bigInt64(value: bigint): void {
    this.reserve(VARINT_BYTES)
    let rest = BigInt.asUintN(64, value)
    const groups: number[] = []
    do {
      groups.push(Number(rest & 0x7fn) | 0x80)
      rest >>= 7n
    } while (rest > 0n)
    groups[groups.length - 1]! &= 0x7f
    this.at -= groups.length
    this.bytes.set(groups, this.at)
  }

  double(value: number): void {
    this.reserve(8)
    this.at -= 8
    this.bytes.writeDoubleLE(value, this.at)
  }

  /** The text without its length. */
  text(value: string): void {
    const { length } = value
    if (length > SHORT_TEXT || !this.#shortAscii(value, length)) {
      const size = Buffer.byteLength(value)
      this.reserve(size)
      this.at -= size
      this.bytes.write(value, this.at, size, 'utf8')
    }
  }

  #shortAscii(value: string, length: number): boolean {
    this.reserve(length)
    const { bytes } = this
    let at = this.at
    for (let position = length - 1; position >= 0; position--) {
      const code = value.charCodeAt(position)
      if (code > 0x7f) return false
      bytes[--at] = code
    }
    this.at = at
    return true
  }

  raw(value: Uint8Array): void {
    this.reserve(value.length)
    this.at -= value.length
    this.bytes.set(value, this.at)
  }

  /** How much is written, which does not change when the buffer grows. */
  get end(): number {
    return this.bytes.length - this.at
  }

  /** The length of everything written since `end` was read, and the key of its field. */
  prefix(end: number, key: number): void {
    this.varint(this.end - end)
    this.varint(key)
  }
}
