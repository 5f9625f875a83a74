/** Durations read and print as Go's do. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import { formatDurationMs, parseDurationMs } from './duration.ts'

test.for([
  ['10s', 10_000],
  ['1h30m', 5_400_000],
  ['1h30m0s', 5_400_000],
  ['250ms', 250],
  ['1.5h', 5_400_000],
  ['.5s', 500],
  ['2.s', 2_000],
  ['-1m', -60_000],
  ['+1m', 60_000],
  ['100us', 0.1],
  ['0', 0],
  ['-0', 0],
] as const)('%s is %d ms', ([text, durationMs]) => {
  expect(parseDurationMs(text)).toBe(durationMs)
})

test.for(['', '-', '10', '1.5', 's', '.s', '10 s', '10x', '1h 30m', '1h30', '١s', '10s\n'])(
  '%j is refused',
  (text) => {
    expect(parseDurationMs(text)).toBeUndefined()
  },
)

test.for([
  [0, '0s'],
  [250, '250ms'],
  [0.5, '500µs'],
  [10_000, '10s'],
  [90_500, '1m30.5s'],
  [5_400_000, '1h30m0s'],
  [3_600_000, '1h0m0s'],
  [-1_500, '-1.5s'],
] as const)('%d ms prints as %s', ([durationMs, text]) => {
  expect(formatDurationMs(durationMs)).toBe(text)
})

test('what is printed reads back as the same duration', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e12, max: 1e12 }), (durationMs) => {
      expect(parseDurationMs(formatDurationMs(durationMs))).toBeCloseTo(durationMs, 3)
    }),
    fuzz(500),
  )
})
