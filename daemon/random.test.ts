/** Both random sources have the right shapes and spreads, and the seeded one replays. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import { seededRandom, systemRandom } from './random.ts'

test('a seed replays the whole sequence, another seed gives another one', () => {
  const draw = (seed: number): unknown[] => {
    const random = seededRandom(seed)
    return [random.uint32(), random.uuid(), random.suffix(5), random.below(1000), random.hex(7)]
  }
  expect(draw(7)).toEqual(draw(7))
  expect(draw(7)).not.toEqual(draw(8))
})

test('the seeded sequence never changes, because recorded seeds must keep their meaning', () => {
  const random = seededRandom(42)
  expect([
    random.uint32(),
    random.uint32(),
    random.suffix(5),
    random.uuid(),
  ]).toMatchInlineSnapshot(`
    [
      660444221,
      3652823732,
      "j4t92",
      "70bdbb6c-92aa-4bff-8e9b-a5df49a74b57",
    ]
  `)
})

describe.for([
  ['systemRandom', systemRandom],
  ['seededRandom', seededRandom(1)],
] as const)('%s', ([, random]) => {
  test('uuid() is a version 4 UUID, and new each time', () => {
    const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
    const uuids = Array.from({ length: 2_000 }, () => random.uuid())
    expect(uuids.filter((uuid) => !pattern.test(uuid))).toEqual([])
    expect(new Set(uuids).size).toBe(uuids.length)
  })

  test('suffix() uses every letter of its alphabet and no other', () => {
    const letters = new Set(random.suffix(5_000))
    expect([...letters].sort().join('')).toBe('2456789bcdfghjklmnpqrstvwxz')
    expect(random.suffix(0)).toBe('')
  })

  test.for([0, 1, 2, 7, 64])('hex(%i) and bytes(%i) have that length', (length) => {
    expect(random.hex(length)).toMatch(new RegExp(`^[0-9a-f]{${length}}$`))
    expect(random.bytes(length)).toHaveLength(length)
  })

  test('every bit of bytes() and uint32() is set about half of the time', () => {
    const count = 4_096
    const bytes = random.bytes(count)
    for (let bit = 0; bit < 8; bit++) {
      const set = bytes.filter((byte) => (byte >> bit) & 1).length
      expect(Math.abs(set / count - 0.5)).toBeLessThan(0.05)
    }
    const words = Array.from({ length: count }, () => random.uint32())
    for (let bit = 0; bit < 32; bit++) {
      const set = words.filter((word) => (word >>> bit) & 1).length
      expect(Math.abs(set / count - 0.5)).toBeLessThan(0.05)
    }
  })

  test('fraction() fills 0 to 1', () => {
    const values = Array.from({ length: 4_000 }, () => random.fraction())
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...values)).toBeLessThan(1)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.03)
  })

  test('jitter() adds at most its share', () => {
    const values = Array.from({ length: 1_000 }, () => random.jitter(100, 0.5))
    expect(Math.min(...values)).toBeGreaterThanOrEqual(100)
    expect(Math.max(...values)).toBeLessThan(150)
    expect(Math.max(...values)).toBeGreaterThan(125)
  })
})

test('below() stays below, for any bound and seed', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 2 ** 32 }), (seed, bound) => {
      const value = seededRandom(seed).below(bound)
      expect(Number.isInteger(value) && value >= 0 && value < bound).toBe(true)
    }),
    fuzz(500),
  )
})

test('below() gives every number the same chance', () => {
  const random = seededRandom(3)
  const counts = [0, 0, 0, 0, 0]
  for (let draw = 0; draw < 10_000; draw++) counts[random.below(5)]!++
  for (const count of counts) expect(Math.abs(count - 2_000)).toBeLessThan(200)
})

test.for([0, -1, 1.5, Number.NaN, 2 ** 33])('below(%d) is refused', (bound) => {
  expect(() => seededRandom(1).below(bound)).toThrow('bound is')
})

test('shuffle() keeps the items, leaves its argument alone and changes the order', () => {
  const items = Array.from({ length: 50 }, (_, index) => index)
  const mixed = seededRandom(9).shuffle(items)
  expect(items).toEqual(Array.from({ length: 50 }, (_, index) => index))
  expect(mixed).not.toEqual(items)
  expect(mixed.toSorted((a, b) => a - b)).toEqual(items)
})
