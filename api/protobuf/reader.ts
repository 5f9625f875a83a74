/** Reads protobuf from bytes that may be anything: every step is bounded and moves forward. */
import { isUtf8 } from 'node:buffer'
import { ProtobufError } from './protobuf-error.ts'

/** Messages inside messages; a schema of schemas spends three for each of its own levels. */
export const MAX_MESSAGE_DEPTH = 1000

/** Up to here a loop over bytes beats a call into the runtime. */
const SHORT_TEXT = 24

export const VARINT = 0
export const FIXED64 = 1
export const DELIMITED = 2
const FIXED32 = 5

export class Reader {
  readonly bytes: Buffer
  at = 0
  /** Where the message ends that is being read. */
  end: number
  #depth = 0

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.end = bytes.byteLength
  }

  /** Reads a length and enters that message; gives what `leave` needs to come back. */
  enter(): number {
    const outer = this.end
    const length = this.length()
    if (++this.#depth > MAX_MESSAGE_DEPTH) {
      throw new ProtobufError(`proto: messages are nested more than ${MAX_MESSAGE_DEPTH} deep`)
    }
    this.end = this.at + length
    return outer
  }

  leave(outer: number): void {
    this.end = outer
    this.#depth--
  }

  /** The length of what follows, which is known to be there. */
  length(): number {
    const length = this.uint32()
    if (length > this.end - this.at) throw truncated()
    return length
  }

  /** Field number and wire type. */
  key(): number {
    const key = this.uint32()
    if (key < 8) throw new ProtobufError(`proto: illegal tag 0 (wire type ${key & 7})`)
    return key
  }

  /** A varint that must fit 32 bits: a key or a length. */
  uint32(): number {
    const first = this.bytes[this.at]!
    if (this.at < this.end && first < 0x80) {
      this.at++
      return first
    }
    const { low, high } = this.#varint()
    if (high !== 0) throw overflow()
    return low
  }

  bool(): boolean {
    const { low, high } = this.#varint()
    return low !== 0 || high !== 0
  }

  /** The low 32 bits, as every protobuf implementation reads an int32. */
  int32(): number {
    return this.#varint().low | 0
  }

  int64(): number {
    const { low, high } = this.#varint()
    const value = (high | 0) * 0x1_0000_0000 + low
    if (Number.isSafeInteger(value)) return value
    const exact = (BigInt(high | 0) << 32n) | BigInt(low)
    throw new ProtobufError(`integer ${exact} is beyond 2^53 and cannot be held exactly`)
  }

  bigInt64(): bigint {
    const { low, high } = this.#varint()
    return (BigInt(high | 0) << 32n) | BigInt(low)
  }

  double(): number {
    if (this.end - this.at < 8) throw truncated()
    this.at += 8
    return this.bytes.readDoubleLE(this.at - 8)
  }

  text(): string {
    const length = this.length()
    const start = this.at
    this.at += length
    if (length > SHORT_TEXT) return this.#longText(start, this.at)
    const { bytes } = this
    let text = ''
    for (let at = start; at < this.at; at++) {
      const byte = bytes[at]!
      if (byte > 0x7f) return this.#longText(start, this.at)
      text += String.fromCharCode(byte)
    }
    return text
  }

  #longText(start: number, end: number): string {
    if (isUtf8(this.bytes.subarray(start, end))) return this.bytes.toString('utf8', start, end)
    throw new ProtobufError('proto: string contains invalid UTF-8')
  }

  /** A view, not a copy. */
  raw(): Buffer {
    const length = this.length()
    this.at += length
    return this.bytes.subarray(this.at - length, this.at)
  }

  skip(wire: number): void {
    if (wire === VARINT) this.#varint()
    else if (wire === DELIMITED) this.#advance(this.length())
    else if (wire === FIXED64) this.#advance(8)
    else if (wire === FIXED32) this.#advance(4)
    else if (wire === 3 || wire === 4) throw new ProtobufError('proto: groups are not supported')
    else throw new ProtobufError(`proto: illegal wireType ${wire}`)
  }

  #advance(size: number): void {
    if (this.end - this.at < size) throw truncated()
    this.at += size
  }

  #varint(): { low: number; high: number } {
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.at >= this.end) throw truncated()
      const byte = this.bytes[this.at++]!
      const bits = byte & 0x7f
      if (shift < 32) low |= bits << shift
      if (shift === 28) high = bits >>> 4
      else if (shift > 28) high |= bits << (shift - 32)
      if (byte < 0x80) {
        if (shift === 63 && byte > 1) throw overflow()
        return { low: low >>> 0, high: high >>> 0 }
      }
    }
    throw overflow()
  }
}

const truncated = (): ProtobufError => new ProtobufError('unexpected EOF')
const overflow = (): ProtobufError => new ProtobufError('proto: integer overflow')
