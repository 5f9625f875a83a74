/** DER: just enough of it to take a signed structure apart. */

/** A value with its tag; `raw` includes tag and length, `content` does not. */
export interface DerValue {
  readonly tag: number
  readonly raw: Buffer
  readonly content: Buffer
}

export const SEQUENCE = 0x30
export const BIT_STRING = 0x03
const OBJECT_IDENTIFIER = 0x06

export class DerError extends Error {
  override readonly name = 'DerError'
}

/** The values that `bytes` holds, one after the other. */
export function derValues(bytes: Buffer): DerValue[] {
  const values: DerValue[] = []
  let start = 0
  while (start < bytes.length) {
    const value = derValue(bytes.subarray(start))
    values.push(value)
    start += value.raw.length
  }
  return values
}

/** The only value of `bytes`, which must have this tag. */
export function onlyValue(bytes: Buffer, tag: number): DerValue {
  const value = derValue(bytes)
  if (value.tag !== tag) throw new DerError("asn1: structure error: tags don't match")
  if (value.raw.length !== bytes.length) throw new DerError('asn1: syntax error: trailing data')
  return value
}

function derValue(bytes: Buffer): DerValue {
  const [tag, first] = bytes
  if (tag === undefined || first === undefined) throw truncated()
  let length = first
  let header = 2
  if (first & 0x80) {
    const size = first & 0x7f
    if (size === 0 || size > 4) throw new DerError('asn1: structure error: length too large')
    if (bytes.length < 2 + size) throw truncated()
    length = bytes.readUIntBE(2, size)
    header += size
  }
  const end = header + length
  if (bytes.length < end) throw truncated()
  return { tag, raw: bytes.subarray(0, end), content: bytes.subarray(header, end) }
}

const truncated = (): DerError => new DerError('asn1: syntax error: data truncated')

/** `1.2.840.113549.1.1.11`, as people write it. */
export function objectIdentifier({ tag, content }: DerValue): string {
  if (tag !== OBJECT_IDENTIFIER) throw new DerError("asn1: structure error: tags don't match")
  const arcs: number[] = []
  let arc = 0
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f)
    if (byte & 0x80) continue
    if (arcs.length) arcs.push(arc)
    else arcs.push(Math.min(Math.trunc(arc / 40), 2), arc - 40 * Math.min(Math.trunc(arc / 40), 2))
    arc = 0
  }
  return arcs.join('.')
}
