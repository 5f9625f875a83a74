/** Readers of protobuf values that JSON writes as one: numbers, texts, times, quantities. */
import { JsonError, parseJson } from '../json.ts'
import { canonicalQuantity, QuantityError } from '../quantity.ts'
import type { ScalarType } from '../schema.ts'
import { epochToMicroTime, epochToTime, formatDuration } from '../time.ts'
import { type FieldReader, message, readFields, type ValueReader } from './field-reader.ts'
import { ProtobufError } from './protobuf-error.ts'
import { DELIMITED, FIXED64, VARINT } from './reader.ts'

/** A message of up to three simple fields, read into the values of the given kinds. */
function small(kinds: readonly (ValueReader | undefined)[], make: (values: unknown[]) => unknown) {
  const fields = kinds.map(
    (kind, at): FieldReader | undefined =>
      kind && {
        wire: kind.wire,
        isPackable: false,
        read(reader, slots) {
          slots[at] = kind.read(reader)
        },
      },
  )
  return message((reader) => {
    const values: unknown[] = [undefined, undefined, undefined, undefined]
    readFields(reader, fields, values)
    return make(values)
  })
}

const text: ValueReader = { wire: DELIMITED, read: (reader) => reader.text() }
const int32: ValueReader = { wire: VARINT, read: (reader) => reader.int32() }
const int64: ValueReader = { wire: VARINT, read: (reader) => reader.int64() }
const bigInt64: ValueReader = { wire: VARINT, read: (reader) => reader.bigInt64() }
const raw: ValueReader = { wire: DELIMITED, read: (reader) => reader.raw() }

/** The years that RFC 3339 can write. */
const MIN_SECONDS = -62_167_219_200
const MAX_SECONDS = 253_402_300_799
/** Go's zero time, 0001-01-01, which it writes as null. */
const ZERO_SECONDS = -62_135_596_800

const timestamp = (format: (seconds: number, nanos: number) => string): ValueReader =>
  small([undefined, int64, int32], ([, seconds, nanos]) => {
    // An empty message is a time that is not set.
    if (seconds === undefined && nanos === undefined) return undefined
    const whole = (seconds ?? 0) as number
    const part = (nanos ?? 0) as number
    if (whole < MIN_SECONDS || whole > MAX_SECONDS || part < 0 || part > 999_999_999) {
      throw new ProtobufError(`time out of range: ${whole} seconds, ${part} nanoseconds`)
    }
    return whole === ZERO_SECONDS && part === 0 ? undefined : format(whole, part)
  })

function json(check: (value: unknown) => unknown): ValueReader {
  return small([undefined, raw], ([, bytes]) =>
    bytes === undefined || (bytes as Buffer).length === 0
      ? undefined
      : check(translated(() => parseJson(bytes as Buffer))),
  )
}

function jsonObject(value: unknown): unknown {
  if (typeof value === 'object' && !Array.isArray(value)) return value ?? undefined
  throw new ProtobufError('raw value is not a JSON object')
}

function translated<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof QuantityError || error instanceof JsonError) {
      throw new ProtobufError(error.message)
    }
    throw error
  }
}

function finite(value: number): number {
  if (Number.isFinite(value)) return value
  throw new ProtobufError(`number ${value} has no place in JSON`)
}

export const scalars: Record<ScalarType, ValueReader> = {
  string: text,
  boolean: { wire: VARINT, read: (reader) => reader.bool() },
  int32,
  int64,
  float64: { wire: FIXED64, read: (reader) => finite(reader.double()) },
  bytes: { wire: DELIMITED, read: (reader) => reader.raw().toString('base64') },
  quantity: small([undefined, text], ([, value]) =>
    translated(() => canonicalQuantity((value ?? '0') as string)),
  ),
  time: timestamp((seconds) => epochToTime(seconds)),
  microTime: timestamp(epochToMicroTime),
  duration: small([undefined, bigInt64], ([, nanos]) => formatDuration((nanos ?? 0n) as bigint)),
  intOrString: small([undefined, int64, int32, text], ([, type, number, word]) =>
    type === 1 ? (word ?? '') : (number ?? 0),
  ),
  any: json((value) => value ?? undefined),
  object: json(jsonObject),
}
