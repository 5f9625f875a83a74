/** Times: canonical forms, Go's messages, and a calendar that agrees with the platform's. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import {
  canonicalMicroTime,
  canonicalTime,
  epochToMicroTime,
  epochToTime,
  microTimeToEpoch,
  TimeError,
  timeToEpoch,
} from './time.ts'

test.for([
  ['2024-02-29T12:34:56Z', '2024-02-29T12:34:56Z'],
  ['2024-02-29T12:34:56.987654321Z', '2024-02-29T12:34:56Z'],
  ['2024-02-29T12:34:56,5Z', '2024-02-29T12:34:56Z'],
  ['2024-03-01T00:30:00+01:00', '2024-02-29T23:30:00Z'],
  ['2023-12-31T23:30:00-01:30', '2024-01-01T01:00:00Z'],
  ['2024-02-29T7:34:56Z', '2024-02-29T07:34:56Z'],
  ['1969-12-31T23:59:59Z', '1969-12-31T23:59:59Z'],
  ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
  ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59Z'],
])('%s is stored as %s', ([text, stored]) => {
  expect(canonicalTime(text as string)).toBe(stored)
})

const as = (text: string, layout = '2006-01-02T15:04:05Z07:00'): string =>
  `parsing time "${text}" as "${layout}"`

test.for([
  ['', `${as('')}: cannot parse "" as "2006"`],
  ['yesterday', `${as('yesterday')}: cannot parse "yesterday" as "2006"`],
  ['2024', `${as('2024')}: cannot parse "" as "-"`],
  ['2024-1-01T00:00:00Z', `${as('2024-1-01T00:00:00Z')}: cannot parse "1-01T00:00:00Z" as "01"`],
  ['2024-01-01 00:00:00Z', `${as('2024-01-01 00:00:00Z')}: cannot parse " 00:00:00Z" as "T"`],
  ['2024-01-01T00:00:00', `${as('2024-01-01T00:00:00')}: cannot parse "" as "Z07:00"`],
  ['2024-01-01T00:00:00+1', `${as('2024-01-01T00:00:00+1')}: cannot parse "+1" as "Z07:00"`],
  [
    '2024-01-01T00:00:0éZ',
    `${as('2024-01-01T00:00:0\\xc3\\xa9Z')}: cannot parse "0\\xc3\\xa9Z" as "05"`,
  ],
  ['2024-13-01T00:00:00Z', 'parsing time "2024-13-01T00:00:00Z": month out of range'],
  ['2024-02-30T00:00:00Z', 'parsing time "2024-02-30T00:00:00Z": day out of range'],
  ['2023-02-29T00:00:00Z', 'parsing time "2023-02-29T00:00:00Z": day out of range'],
  ['2024-01-01T24:00:00Z', 'parsing time "2024-01-01T24:00:00Z": hour out of range'],
  ['2024-01-01T00:60:00Z', 'parsing time "2024-01-01T00:60:00Z": minute out of range'],
  ['2024-01-01T00:00:60Z', 'parsing time "2024-01-01T00:00:60Z": second out of range'],
  ['2024-01-01T00:00:00Z ', 'parsing time "2024-01-01T00:00:00Z ": extra text: " "'],
  [
    '2024-01-01T00:00:00+25:00',
    'parsing time "2024-01-01T00:00:00+25:00": time zone offset hour out of range',
  ],
])('%j: %s', ([text, message]) => {
  expect(() => canonicalTime(text as string)).toThrow(new TimeError(message as string))
})

describe('micro times', () => {
  test.for([
    ['2024-02-29T12:34:56.123456Z', '2024-02-29T12:34:56.123456Z'],
    ['2024-02-29T12:34:56.000001+02:00', '2024-02-29T10:34:56.000001Z'],
  ])('%s is stored as %s', ([text, stored]) => {
    expect(canonicalMicroTime(text as string)).toBe(stored)
  })

  test.for([
    ['2024-02-29T12:34:56Z', 'Z', '.000000'],
    ['2024-02-29T12:34:56.123Z', '.123Z', '.000000'],
    ['2024-02-29T12:34:56.1234567Z', '7Z', 'Z07:00'],
  ])('%s is refused', ([text, rest, element]) => {
    const subject = as(text as string, '2006-01-02T15:04:05.000000Z07:00')
    const message = `${subject}: cannot parse "${rest}" as "${element}"`
    expect(() => canonicalMicroTime(text as string)).toThrow(new TimeError(message))
  })
})

test('parts of a second are kept for arithmetic', () => {
  expect(timeToEpoch('1970-01-01T00:00:01.5Z')).toEqual({ seconds: 1, nanos: 500_000_000 })
  expect(microTimeToEpoch('1970-01-01T00:00:00.000007Z')).toEqual({ seconds: 0, nanos: 7000 })
  expect(epochToMicroTime(1, 7999)).toBe('1970-01-01T00:00:01.000007Z')
  expect(epochToMicroTime(1)).toBe('1970-01-01T00:00:01.000000Z')
})

const inFourDigitYears = fc.integer({ min: -62_135_596_800, max: 253_402_300_799 })
const holds = fuzz(1000)

test('formatting agrees with the platform and is undone by parsing', () => {
  fc.assert(
    fc.property(inFourDigitYears, (seconds) => {
      const text = epochToTime(seconds)
      expect(text).toBe(new Date(seconds * 1000).toISOString().replace('.000Z', 'Z'))
      expect(timeToEpoch(text)).toEqual({ seconds, nanos: 0 })
      expect(canonicalTime(text)).toBe(text)
    }),
    holds,
  )
})

test('an offset moves the instant, not the clock', () => {
  const offsets = fc.tuple(fc.constantFrom('+', '-'), fc.nat(23), fc.nat(59))
  fc.assert(
    fc.property(inFourDigitYears, offsets, (seconds, [sign, hours, minutes]) => {
      const zone = `${sign}${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`
      const text = epochToTime(seconds).replace('Z', zone)
      const shift = (sign === '-' ? 1 : -1) * (hours * 3600 + minutes * 60)
      expect(timeToEpoch(text).seconds).toBe(seconds + shift)
    }),
    holds,
  )
})

test('any text is a time or a TimeError', () => {
  const near = fc.string({ unit: fc.constantFrom(...'0123456789-T:.+Z'), maxLength: 30 })
  fc.assert(
    fc.property(fc.oneof(fc.string(), near), (text) => {
      try {
        expect(canonicalTime(text)).toMatch(/Z$/)
      } catch (error) {
        expect(error).toBeInstanceOf(TimeError)
      }
    }),
    holds,
  )
})
