/** Numbers or texts: percentages, shares of a total, and upstream's messages. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import {
  type IntOrString,
  IntOrStringError,
  isPercent,
  percentOf,
  scaledValue,
} from './int-or-string.ts'

test.for<[value: IntOrString, total: number, roundUp: boolean, scaled: number]>([
  [123, 10, true, 123],
  ['90%', 100, true, 90],
  ['90%', 95, true, 86],
  ['90%', 95, false, 85],
  ['0%', 7, true, 0],
  ['150%', 10, false, 15],
  ['+5%', 100, false, 5],
  ['-1%', 10, true, 0],
])('%j of %d, up %s: %d', ([value, total, roundUp, scaled]) => {
  expect(scaledValue(value, total, roundUp)).toBe(scaled)
})

test.for([
  ['5', 'invalid type: string is not a percentage'],
  ['', 'invalid type: string is not a percentage'],
  ['%', 'invalid value "%": strconv.Atoi: parsing "": invalid syntax'],
  ['#%', 'invalid value "#%": strconv.Atoi: parsing "#": invalid syntax'],
  [
    '99999999999999999999%',
    'invalid value "99999999999999999999%": strconv.Atoi: parsing "99999999999999999999": value out of range',
  ],
])('%j has no value: %s', ([value, detail]) => {
  const message = `invalid value for IntOrString: ${detail}`
  expect(() => scaledValue(value as string, 1, true)).toThrow(new IntOrStringError(message))
})

test('a percentage is digits and a sign', () => {
  const bad = ['', '0', '100', '0.0%', 'hundred', ' 1%', '1% ', '-1%', '+1%']
  expect(['0%', '00000%', '01%', '101%'].filter((text) => isPercent(text).length > 0)).toEqual([])
  expect(bad.filter((text) => isPercent(text).length === 0)).toEqual([])
  expect(isPercent('1')).toEqual([
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
  ])
  expect(percentOf('07%')).toBe(7)
  expect(percentOf('x%')).toBeUndefined()
  expect(percentOf(7)).toBeUndefined()
})

test('rounding up and down differ by at most one and enclose the share', () => {
  fc.assert(
    fc.property(fc.nat(200), fc.nat(100_000), (percent, total) => {
      const down = scaledValue(`${percent}%`, total, false)
      const up = scaledValue(`${percent}%`, total, true)
      expect(up - down).toBe((percent * total) % 100 === 0 ? 0 : 1)
      expect(down * 100).toBeLessThanOrEqual(percent * total)
    }),
    fuzz(500),
  )
})
