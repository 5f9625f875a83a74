/** What the flags about serving make of the server. */
import { expect, test } from 'vitest'
import { servingBy } from './serving-flags.ts'

const values = { maxRequestsInflight: 7, maxMutatingRequestsInflight: 3, shutdownDelayDuration: 0 }

test('seats are as many as the flags say', () => {
  expect(servingBy(values)).toMatchObject({
    flow: { readOnly: 7, mutating: 3, waiting: 1000 },
    shutdownDelayMs: 0,
  })
})

test('a delay that the grace has no room for is refused', () => {
  expect(servingBy({ ...values, shutdownDelayDuration: 15_000 }).shutdownDelayMs).toBe(15_000)
  expect(() => servingBy({ ...values, shutdownDelayDuration: 70_000 })).toThrow(
    'start: --shutdown-delay-duration is 70s, wanted 15s at most',
  )
})
