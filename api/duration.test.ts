/** Durations: Go's syntax and messages, and the ages that kubectl shows. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import {
  canonicalDuration,
  formatDuration,
  humanDuration,
  parseDuration,
  shortHumanDuration,
} from './duration.ts'
import { TimeError } from './time-error.ts'

const facts: { rows: [seconds: number, human: string, short: string][] } = JSON.parse(
  readFileSync(new URL('../test/fixtures/facts/human-duration.json', import.meta.url), 'utf8'),
)

test.for(facts.rows)('%s seconds are %s, in short %s', ([seconds, human, short]) => {
  expect(humanDuration(seconds)).toBe(human)
  expect(shortHumanDuration(seconds)).toBe(short)
})

test.for([
  ['0', '0s'],
  ['-0', '0s'],
  ['5s', '5s'],
  ['1h2m3.5s', '1h2m3.5s'],
  ['-1.5h', '-1h30m0s'],
  ['90m', '1h30m0s'],
  ['1500ms', '1.5s'],
  ['1.5ms', '1.5ms'],
  ['1us', '1µs'],
  ['1µs', '1µs'],
  ['1μs', '1µs'],
  ['999ns', '999ns'],
  ['.5s', '500ms'],
  ['1.s', '1s'],
  ['0.3333333333333333333h', '20m0s'],
  ['1s1s', '2s'],
  ['2562047h47m16.854775807s', '2562047h47m16.854775807s'],
  ['-2562047h47m16.854775808s', '-2562047h47m16.854775808s'],
])('%s is stored as %s', ([text, stored]) => {
  expect(canonicalDuration(text as string)).toBe(stored)
})

test.for([
  ['', 'time: invalid duration ""'],
  ['-', 'time: invalid duration "-"'],
  ['.', 'time: invalid duration "."'],
  ['s', 'time: invalid duration "s"'],
  ['.s', 'time: invalid duration ".s"'],
  ['3', 'time: missing unit in duration "3"'],
  ['1h3', 'time: missing unit in duration "1h3"'],
  ['1d', 'time: unknown unit "d" in duration "1d"'],
  ['1 s', 'time: unknown unit " s" in duration "1 s"'],
  ['1é', 'time: unknown unit "\\xc3\\xa9" in duration "1\\xc3\\xa9"'],
  ['--1s', 'time: invalid duration "--1s"'],
  ['2562047h47m16.854775808s', 'time: invalid duration "2562047h47m16.854775808s"'],
  ['99999999999999999999s', 'time: invalid duration "99999999999999999999s"'],
])('%j: %s', ([text, message]) => {
  expect(() => parseDuration(text as string)).toThrow(new TimeError(message as string))
})

test('parsing undoes formatting', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (nanos) => {
      expect(parseDuration(formatDuration(nanos))).toBe(nanos)
    }),
    fuzz(1000),
  )
})

test('any text is a duration or a TimeError', () => {
  const near = fc.string({ unit: fc.constantFrom(...'0123456789.-hmsnuµ'), maxLength: 12 })
  fc.assert(
    fc.property(fc.oneof(fc.string(), near), (text) => {
      try {
        expect(parseDuration(text)).toBeTypeOf('bigint')
      } catch (error) {
        expect(error).toBeInstanceOf(TimeError)
      }
    }),
    fuzz(1000),
  )
})
