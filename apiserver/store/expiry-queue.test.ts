/** Keys come out in the order in which they are due, and not before. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import { ExpiryQueue } from './expiry-queue.ts'

test('takes what is due, the earliest first', () => {
  const seconds = fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 200 })
  const property = fc.property(seconds, fc.integer({ min: 0, max: 60 }), (all, now) => {
    const queue = new ExpiryQueue()
    for (const expiresAt of all) queue.add({ key: '/k/a', revision: 1, expiresAt })
    const due = all.filter((second) => second <= now).toSorted((a, b) => a - b)
    const first = queue.take(now, 10).map(({ expiresAt }) => expiresAt)
    const rest = queue.take(now, 1_000).map(({ expiresAt }) => expiresAt)
    expect([...first, ...rest]).toEqual(due)
    expect(first.length).toBe(Math.min(due.length, 10))
    expect(queue.size).toBe(all.length - due.length)
    const later = all.filter((second) => second > now)
    expect(queue.next).toBe(later.length > 0 ? Math.min(...later) : undefined)
  })
  fc.assert(property, fuzz(200))
})
