/** Who accepts gzip, and who does not. */
import { expect, test } from 'vitest'
import { acceptsGzip } from './gzip.ts'

test.for<[string | undefined, boolean]>([
  [undefined, false],
  ['', false],
  ['identity', false],
  ['gzip', true],
  ['GZIP', true],
  ['deflate, gzip;q=0.5', true],
  ['gzip;q=0', false],
  ['gzip; q=0.000', false],
  ['gzip;q=1.0, *;q=0', true],
  ['xgzip', false],
])('%s: %s', ([header, accepted]) => {
  expect(acceptsGzip(header)).toBe(accepted)
})
