/** DER: just enough of it to put a certificate together. */

const CONSTRUCTED = 0x20
const CONTEXT = 0x80

const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x10 | CONSTRUCTED,
  set: 0x11 | CONSTRUCTED,
} as const

/** From here on years have four digits. */
const GENERALIZED_TIME_FROM_YEAR = 2050

function tagged(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag]), lengthOf(content), content])
}

function lengthOf({ length }: Buffer): Buffer {
  if (length < 0x80) return Buffer.from([length])
  const digits = Buffer.alloc(4)
  digits.writeUInt32BE(length)
  const significant = digits.subarray(digits.findIndex((byte) => byte !== 0))
  return Buffer.concat([Buffer.from([0x80 | significant.length]), significant])
}

export const sequence = (...values: readonly Buffer[]): Buffer =>
  tagged(tags.sequence, Buffer.concat(values))

/** For sets of one member: more would have to be put in order. */
export const setOfOne = (value: Buffer): Buffer => tagged(tags.set, value)

export const boolean = (value: boolean): Buffer =>
  tagged(tags.boolean, Buffer.from([value ? 0xff : 0]))

/** A whole number from 0 up, most significant byte first. */
export function unsigned(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0)
  const significant = first < 0 ? Buffer.alloc(1) : Buffer.from(bytes.subarray(first))
  // The top bit would say that the number is negative.
  const sign = significant[0]! & 0x80 ? [Buffer.alloc(1)] : []
  return tagged(tags.integer, Buffer.concat([...sign, significant]))
}

/** `unusedBits` at the end do not count. */
export const bitString = (bytes: Buffer, unusedBits = 0): Buffer =>
  tagged(tags.bitString, Buffer.concat([Buffer.from([unusedBits]), bytes]))

export const octetString = (bytes: Buffer): Buffer => tagged(tags.octetString, bytes)

export const utf8 = (text: string): Buffer => tagged(tags.utf8, Buffer.from(text))

export function objectIdentifier(text: string): Buffer {
  const [first, second, ...rest] = text.split('.').map(Number)
  const arcs = [first! * 40 + second!, ...rest]
  return tagged(tags.objectIdentifier, Buffer.from(arcs.flatMap(base128)))
}

function base128(value: number): number[] {
  const digits = [value & 0x7f]
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) digits.unshift((rest & 0x7f) | 0x80)
  return digits
}

/** Whole seconds; what is beyond is cut off. */
export function time(milliseconds: number): Buffer {
  const date = new Date(milliseconds)
  const digits = date.toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  return date.getUTCFullYear() < GENERALIZED_TIME_FROM_YEAR
    ? tagged(tags.utcTime, Buffer.from(digits.slice(2)))
    : tagged(tags.generalizedTime, Buffer.from(digits))
}

/** `[number]` in front of a value, as a wrapper. */
export const explicit = (number: number, value: Buffer): Buffer =>
  tagged(CONTEXT | CONSTRUCTED | number, value)

/** `[number]` in place of the value's own tag. */
export const implicit = (number: number, content: Buffer): Buffer =>
  tagged(CONTEXT | number, content)
