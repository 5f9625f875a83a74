/** How numbers are drawn, and how many are held back. */
import { expect, test } from 'vitest'
import { seededRandom } from '#daemon/random.ts'
import { drawFree, reservedOf } from './band.ts'

test.for([
  [10n, 0n],
  [16n, 0n],
  [254n, 16n],
  [1022n, 63n],
  [65534n, 256n],
] as const)('of %d addresses, %d are for those who choose', ([size, reserved]) => {
  expect(reservedOf(size, { share: 16n, least: 16n, most: 256n })).toBe(reserved)
})

test('draws every number once, the upper part first', () => {
  const random = seededRandom(7)
  const taken = new Set<bigint>()
  const band = { first: 10n, last: 49n, reserved: 16n }
  const drawn: bigint[] = []
  for (;;) {
    const value = drawFree(band, random, (each) => taken.has(each))
    if (value === undefined) break
    expect(taken.has(value)).toBe(false)
    taken.add(value)
    drawn.push(value)
  }
  expect(drawn).toHaveLength(40)
  expect(drawn.slice(0, 24).every((value) => value >= 26n)).toBe(true)
  expect(drawn.slice(24).every((value) => value >= 10n && value < 26n)).toBe(true)
})
