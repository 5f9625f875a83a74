/** Decoding of single values: their JSON type, their range, and their canonical text. */
import type { Codec } from './decode.ts'
import { DecodeError, mismatch } from './decode-error.ts'
import { canonicalQuantity, QuantityError } from './quantity.ts'
import { type ScalarSchema, type ScalarType, string } from './schema.ts'
import { canonicalDuration, canonicalMicroTime, canonicalTime, TimeError } from './time.ts'

export function scalarCodec(schema: ScalarSchema): Codec {
  const decodeValue = decoders[schema.type]
  return {
    decode: (value) => decodeValue(value, schema),
    empty: () => empties[schema.type],
  }
}

const empties: Record<ScalarType, unknown> = {
  string: '',
  boolean: false,
  int32: 0,
  int64: 0,
  float64: 0,
  bytes: null,
  quantity: '0',
  time: null,
  microTime: null,
  duration: '0s',
  intOrString: 0,
  any: null,
  object: null,
}

type Decode = (value: unknown, schema: ScalarSchema) => unknown

const ofType =
  (type: string): Decode =>
  (value, schema) => {
    if (typeof value !== type) throw mismatch(schema, value)
    return value
  }

const integer =
  (min: number, max: number): Decode =>
  (value, schema) => {
    if (typeof value !== 'number') throw mismatch(schema, value)
    if (!Number.isInteger(value) || value < min || value > max) {
      throw mismatch(schema, value, ` ${value}`)
    }
    return value === 0 ? 0 : value // Minus zero has no place in an integer.
  }

/** Types with a text of their own parse a string first, whatever struct they stand in. */
const text =
  (canonical: (value: string) => string): Decode =>
  (value) => {
    if (typeof value !== 'string') throw mismatch(string, value)
    return translated(() => canonical(value))
  }

function translated<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof QuantityError || error instanceof TimeError) {
      throw new DecodeError(error.message)
    }
    throw error
  }
}

const decoders: Record<ScalarType, Decode> = {
  string: ofType('string'),
  boolean: ofType('boolean'),
  int32: integer(-0x8000_0000, 0x7fff_ffff),
  // Beyond 2^53 a JSON number has already lost digits, so it is refused rather than changed.
  int64: integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  float64: ofType('number'),
  bytes: decodeBase64,
  quantity: decodeQuantity,
  time: text(canonicalTime),
  microTime: text(canonicalMicroTime),
  duration: text(canonicalDuration),
  intOrString: decodeIntOrString,
  any: (value) => value,
  object: decodeObject,
}

function decodeQuantity(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') {
    return translated(() => canonicalQuantity(value))
  }
  // Upstream hands the raw text to its parser, which then says what a quantity looks like.
  return translated(() => canonicalQuantity(JSON.stringify(value)))
}

function decodeIntOrString(value: unknown, schema: ScalarSchema): unknown {
  if (typeof value === 'string') return value
  return decoders.int32(value, typeof value === 'number' ? int32Like : schema)
}

const int32Like: ScalarSchema = { type: 'int32' }

function decodeObject(value: unknown, schema: ScalarSchema): unknown {
  if (typeof value !== 'object' || Array.isArray(value)) throw mismatch(schema, value)
  return value
}

const notBase64 = /[^A-Za-z0-9+/]/

/** Line breaks inside the text are allowed, as in upstream's decoder; padding is not optional. */
function decodeBase64(value: unknown, schema: ScalarSchema): string {
  if (typeof value !== 'string') throw mismatch(schema, value)
  const packed = value.replaceAll(/[\r\n]/g, '')
  const digits = packed.replace(/={0,2}$/, '')
  const bad = digits.search(notBase64)
  const isWhole = packed.length % 4 === 0 && digits.length % 4 !== 1
  if (bad === -1 && isWhole) return Buffer.from(packed, 'base64').toString('base64')
  throw new DecodeError(`illegal base64 data at input byte ${bad === -1 ? digits.length : bad}`)
}
