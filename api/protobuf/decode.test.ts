/** What protobuf decoding makes of bytes that no honest client sends. */
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import { jsonSchemaProps } from '../parts/apiextensions/json-schema-props.ts'
import { kindOf } from '../registry.ts'
import {
  bytes,
  float64,
  int32,
  int64,
  intOrString,
  listOf,
  mapOf,
  object,
  omitEmpty,
  optional,
  quantity,
  type Stored,
  string,
  struct,
  time,
} from '../schema.ts'
import { decodeMessage } from './decode.ts'
import { encodeMessage } from './encode.ts'
import { decodeEnvelope, decodeProtobuf } from './envelope.ts'
import { ProtobufError } from './protobuf-error.ts'
import { MAX_MESSAGE_DEPTH } from './reader.ts'

const inner = struct('test.v1.Inner', 'A part.', { name: omitEmpty(1, string, 'Its name.') })
const sample = struct('test.v1.Sample', 'One field of each type.', {
  name: omitEmpty(1, string, 'A text.'),
  count: optional(2, int64, 'A number.'),
  ports: omitEmpty(3, listOf(int32), 'Numbers.'),
  part: optional(4, inner, 'A message.'),
  labels: omitEmpty(5, mapOf(string), 'Texts by name.'),
  amount: optional(6, quantity, 'An amount.'),
  since: optional(7, time, 'A time.'),
  ratio: optional(8, float64, 'A fraction.'),
  target: optional(9, intOrString, 'A number or a name.'),
  raw: optional(10, object, 'Any object.'),
  data: optional(11, bytes, 'Any bytes.'),
  parts: omitEmpty(12, listOf(inner), 'Messages.'),
  tokens: omitEmpty(13, mapOf(bytes), 'Bytes by name.'),
})
type Sample = Stored<typeof sample>

const decodeHex = (hex: string): Sample =>
  decodeMessage(sample, Buffer.from(hex.replaceAll(' ', ''), 'hex'))

describe('refuses', () => {
  test.for([
    { name: 'a tag without a value', hex: '0a', message: 'unexpected EOF' },
    { name: 'a length beyond the end', hex: '0a 05 61', message: 'unexpected EOF' },
    { name: 'a negative length', hex: '0a ffffffffffffffffff01', message: 'integer overflow' },
    { name: 'a length of 4 GiB', hex: '0a ffffffff0f', message: 'unexpected EOF' },
    { name: 'a varint of eleven bytes', hex: '10 8080808080808080808001', message: 'overflow' },
    { name: 'a varint of 65 bits', hex: '10 80808080808080808002', message: 'integer overflow' },
    { name: 'a varint that never ends', hex: '10 8080', message: 'unexpected EOF' },
    { name: 'the start of a group', hex: 'a306', message: 'groups are not supported' },
    { name: 'the end of a group', hex: 'a406', message: 'groups are not supported' },
    { name: 'wire type 6', hex: 'a606', message: 'illegal wireType 6' },
    { name: 'tag 0', hex: '02 00', message: 'illegal tag 0 (wire type 2)' },
    { name: 'another wire type', hex: '08 01', message: 'wrong wireType = 0 for field 1' },
    { name: 'a text that is no UTF-8', hex: '0a 02 c328', message: 'invalid UTF-8' },
    { name: 'a surrogate in UTF-8', hex: '0a 03 eda080', message: 'invalid UTF-8' },
    { name: '2^53', hex: '10 8080808080808010', message: '9007199254740992 is beyond 2^53' },
    { name: '-2^63', hex: '10 80808080808080808001', message: '-9223372036854775808 is beyond' },
    { name: 'one message twice', hex: '22 00 22 00', message: 'single message occurs twice' },
    { name: 'a bad quantity', hex: '32 03 0a0178', message: 'quantities must match' },
    { name: 'the year 10000', hex: '3a 07 0880dc8bb1f509', message: 'time out of range' },
    { name: 'not a number', hex: '41 000000000000f87f', message: 'NaN has no place in JSON' },
    { name: 'raw bytes that are no JSON', hex: '52 03 0a017b', message: '' },
    { name: 'raw JSON that is no object', hex: '52 04 0a025b5d', message: 'not a JSON object' },
    { name: 'a map entry of another type', hex: '2a 02 0801', message: 'wrong wireType = 0' },
  ])('$name', ({ hex, message }) => {
    expect(() => decodeHex(hex)).toThrow(ProtobufError)
    expect(() => decodeHex(hex)).toThrow(message)
  })

  test('schemas nested too deeply', () => {
    let message = Buffer.alloc(0)
    for (let level = 0; level < 2 * MAX_MESSAGE_DEPTH; level++) {
      const length = encodeMessage(lengthOnly, { value: message.length }).subarray(1)
      message = Buffer.concat([Buffer.from([0xe2, 0x01]), length, message]) // Field 28, `not`.
    }
    expect(() => decodeMessage(jsonSchemaProps, message)).toThrow(
      `nested more than ${MAX_MESSAGE_DEPTH} deep`,
    )
  })
})

const lengthOnly = struct('test.v1.Length', 'A number.', { value: omitEmpty(1, int64, 'It.') })

describe('accepts', () => {
  test.for<{ name: string; hex: string; value: Sample }>([
    { name: 'nothing', hex: '', value: {} },
    { name: 'unknown fields', hex: 'a006 01 a206 0161 a506 00000000 0a0161', value: { name: 'a' } },
    { name: 'the last of two texts', hex: '0a0161 0a0162', value: { name: 'b' } },
    { name: 'numbers one by one', hex: '1801 18ffffffffffffffffff01', value: { ports: [1, -1] } },
    { name: 'packed numbers', hex: '1a03 01ac02', value: { ports: [1, 300] } },
    { name: 'a map entry without a key', hex: '2a03 120161', value: { labels: { '': 'a' } } },
    { name: 'a map entry without a value', hex: '2a03 0a0161', value: { labels: { a: '' } } },
    {
      name: 'map entries in any order',
      hex: '2a06 0a0162120132 2a06 0a0161120131',
      value: { labels: { a: '1', b: '2' } },
    },
    { name: 'a negative number', hex: '10 ffffffffffffffffff01', value: { count: -1 } },
    { name: '2^53 - 1', hex: '10 ffffffffffffff0f', value: { count: 2 ** 53 - 1 } },
    { name: 'an unset time', hex: '3a00', value: {} },
    { name: 'a quantity to tidy', hex: '3206 0a0430 2e3530', value: { amount: '500m' } },
    { name: 'an unset raw value', hex: '5200', value: {} },
    { name: 'empty bytes', hex: '5a00', value: { data: '' } },
  ])('$name', ({ hex, value }) => {
    expect(JSON.stringify(decodeHex(hex))).toBe(JSON.stringify(value))
  })

  test('a key named like the prototype', () => {
    const { labels } = decodeHex('2a0e 0a095f5f70726f746f5f5f 120161')
    expect(Object.entries(labels ?? {})).toEqual([['__proto__', 'a']])
  })
})

const folder = new URL('../../test/fixtures/api/v1.36.0/', import.meta.url)
const samples = readdirSync(folder)
  .filter((file) => file.endsWith('.pb') && !file.includes('WatchEvent'))
  .map((file) => readFileSync(new URL(file, folder)))

/** Throws whatever is not the declared error. */
function decodesOrRefuses(message: Uint8Array): void {
  try {
    const envelope = decodeProtobuf(message)
    const kind = kindOf(envelope.apiVersion, envelope.kind)
    if (kind) decodeEnvelope(kind.schema, envelope)
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error
  }
}

test('a sample cut off anywhere decodes or is refused', () => {
  for (const whole of samples) {
    for (let end = 0; end < whole.length; end += 13) decodesOrRefuses(whole.subarray(0, end))
  }
})

test('a damaged sample decodes or is refused', () => {
  const damage = fc.record({
    whole: fc.constantFrom(...samples),
    at: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1 }),
  })
  fc.assert(
    fc.property(damage, ({ whole, at }) => {
      const damaged = Buffer.from(whole)
      // The magic bytes and the kind stay, or hardly any damage would reach a schema.
      const start = 60
      for (const [position, byte] of at) {
        damaged[start + (position % (damaged.length - start))] = byte
      }
      decodesOrRefuses(damaged)
    }),
    fuzz(2000),
  )
})

test('what is encoded decodes to the same value', () => {
  const texts = fc.string({ unit: 'binary' }).map((text) => text.toWellFormed())
  const base64 = fc
    .uint8Array({ maxLength: 20 })
    .map((each) => Buffer.from(each).toString('base64'))
  const value: fc.Arbitrary<Sample> = fc.record(
    {
      name: texts.filter(Boolean),
      count: fc.maxSafeInteger(),
      ports: fc.array(fc.integer(), { minLength: 1 }),
      part: fc.constant({ name: 'x' }),
      labels: fc.dictionary(texts, texts, { minKeys: 1 }),
      ratio: fc.double({ noNaN: true, noDefaultInfinity: true }),
      target: fc.oneof(fc.integer(), texts),
      raw: fc.dictionary(texts, fc.jsonValue()).map((each) => JSON.parse(JSON.stringify(each))),
      data: base64,
      tokens: fc.dictionary(texts, base64, { minKeys: 1 }),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(value, (each) => {
      const plain = JSON.stringify({ ...each })
      const decoded = decodeMessage(sample, encodeMessage(sample, each))
      expect(decoded).toEqual({ ...each, ...(each.labels && { labels: { ...each.labels } }) })
      expect(JSON.parse(JSON.stringify(decoded))).toEqual(JSON.parse(plain))
    }),
    fuzz(500),
  )
})
