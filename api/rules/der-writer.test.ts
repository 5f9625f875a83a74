/** DER as it is written, read again by the reader that takes requests apart. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import { derValues, objectIdentifier as read } from './der.ts'
import { bitString, objectIdentifier, octetString, sequence, time, unsigned } from './der-writer.ts'

const onlyOf = (bytes: Buffer) => {
  const values = derValues(bytes)
  expect(values).toHaveLength(1)
  return values[0]!
}

test('lengths of one to three bytes are read back', () => {
  for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536]) {
    expect(onlyOf(octetString(Buffer.alloc(length, 7))).content).toHaveLength(length)
  }
})

test('object identifiers are read back', () => {
  const arc = fc.integer({ min: 0, max: 2 ** 30 })
  const arcs = fc.tuple(fc.constantFrom(0, 1, 2), fc.integer({ min: 0, max: 39 }), fc.array(arc))
  fc.assert(
    fc.property(arcs, ([first, second, rest]) => {
      const text = [first, second, ...rest].join('.')
      expect(read(onlyOf(objectIdentifier(text)))).toBe(text)
    }),
    fuzz(200),
  )
})

test('whole numbers are never negative and never longer than they must be', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
      const { content } = onlyOf(unsigned(bytes))
      expect(content[0]! & 0x80).toBe(0)
      expect(content.length === 1 || content[0] !== 0 || (content[1]! & 0x80) !== 0).toBe(true)
      const hex = (from: Uint8Array): bigint => BigInt(`0x0${Buffer.from(from).toString('hex')}`)
      expect(hex(content)).toBe(hex(bytes))
    }),
    fuzz(300),
  )
})

describe('time', () => {
  test.for([
    ['2026-11-20T12:30:05.900Z', 0x17, '261120123005Z'],
    ['2049-12-31T23:59:59Z', 0x17, '491231235959Z'],
    ['2050-01-01T00:00:00Z', 0x18, '20500101000000Z'],
  ] as const)('%s', ([text, tag, digits]) => {
    const value = onlyOf(time(Date.parse(text)))
    expect(value.tag).toBe(tag)
    expect(value.content.toString()).toBe(digits)
  })
})

test('bit strings say how many bits do not count', () => {
  const [value] = derValues(onlyOf(sequence(bitString(Buffer.from([0xa0]), 5))).content)
  expect([...value!.content]).toEqual([5, 0xa0])
})
