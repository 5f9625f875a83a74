/** How large patterns are taken to be, before they are compiled. */
import { expect, test } from 'vitest'
import { patternMatcher, patternSize } from './pattern.ts'

test.for<[pattern: string, size: number]>([
  ['', 0],
  ['abc', 3],
  ['a{3}', 3],
  ['a{2,5}b', 6],
  ['a{7,}', 7],
  ['a{0}', 1],
  ['[a-z]{4}', 4],
  ['[]{9}]{4}', 4],
  ['\\{3}', 3],
  ['\\d{3}', 3],
  ['(ab){10}', 20],
  ['(a(b{2}){3}){4}', 28],
  ['(((a{1000}){1000}){1000})', 1_000_000_000],
  ['x(a{5}', 6],
  ['a{b', 3],
])('%j has %i states', ([pattern, size]) => {
  expect(patternSize(pattern)).toBe(size)
})

test('a pattern is compiled for the first text', () => {
  const matches = patternMatcher('^[a-z]+$')
  expect([matches('abc'), matches('1')]).toEqual([true, false])
})
