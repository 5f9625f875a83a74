/** Sets of indexes as intervals: the same as sets of numbers. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  countOf,
  countShared,
  firstMissing,
  hasIndex,
  intervalsOf,
  textOf,
  union,
  withIndexes,
} from './job-intervals.ts'

const COMPLETIONS = 24

test.for([
  ['', ''],
  ['0', '0'],
  ['0,1', '0,1'],
  ['0-2', '0-2'],
  ['0,1,2,4,5,9', '0-2,4,5,9'],
  ['3-4', '3,4'],
  ['7-9,10', '7-10'],
  // A Job that has shrunk, and texts that nobody should have written.
  ['20-30,40', '20-23'],
  ['24', ''],
  ['5-3', ''],
  ['1,x,-4,3', '1,3'],
  ['4,1-2', '1,2,4'],
] as const)('%j is written %j', ([text, written]) => {
  expect(textOf(intervalsOf(text, COMPLETIONS))).toBe(written)
})

const indexes = fc.uniqueArray(fc.nat(COMPLETIONS - 1))

test('intervals are sets', () => {
  fc.assert(
    fc.property(indexes, indexes, fc.nat(COMPLETIONS + 2), (some, others, count) => {
      const [one, other] = [withIndexes([], some), withIndexes([], others)]
      const [left, right] = [new Set(some), new Set(others)]
      expect(intervalsOf(textOf(one), COMPLETIONS)).toEqual(one)
      expect(countOf(one)).toBe(left.size)
      expect(union(one, other)).toEqual(withIndexes([], left.union(right)))
      expect(withIndexes(one, others)).toEqual(union(one, other))
      expect(countShared(one, other)).toBe(left.intersection(right).size)
      const all = Array.from({ length: COMPLETIONS }, (_, index) => index)
      expect(all.filter((index) => hasIndex(one, index))).toEqual(
        [...left].toSorted((a, b) => a - b),
      )
      const missing = all.filter((index) => !left.has(index)).slice(0, count)
      expect(firstMissing(one, count, COMPLETIONS)).toEqual(missing)
    }),
    { seed: 11, numRuns: 200 },
  )
})
