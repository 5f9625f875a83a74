/** Flags and numbers in URLs. */
import { expect, test } from 'vitest'
import { queryFlag, queryInteger } from './query-values.ts'

test.for([
  ['', false],
  ['a=false', false],
  ['a=FALSE', false],
  ['a=0', false],
  ['a', true],
  ['a=', true],
  ['a=1', true],
  ['a=true', true],
  ['a=whatever', true],
] as const)('?%s: %s', ([text, expected]) => {
  expect(queryFlag(new URLSearchParams(text), 'a')).toBe(expected)
})

test.for([
  ['', undefined],
  ['a=', undefined],
  ['a=5', 5],
  ['a=-1', -1],
  ['a=9223372036854775807', 2 ** 63],
] as const)('?%s: %s', ([text, expected]) => {
  expect(queryInteger(new URLSearchParams(text), 'a')).toBe(expected)
})

test.for([
  ['a=x', 'strconv.ParseInt: parsing "x": invalid syntax'],
  ['a=1.5', 'strconv.ParseInt: parsing "1.5": invalid syntax'],
  ['a=9223372036854775808', 'parsing "9223372036854775808": value out of range'],
] as const)('?%s is refused', ([text, why]) => {
  expect(() => queryInteger(new URLSearchParams(text), 'a')).toThrow(why)
})
