/** Which addresses a pool has, and which of them is the next. */
import { describe, expect, test } from 'vitest'
import { parseIp } from '#api/ip.ts'
import { nextAddress, parsePool, poolHas, poolKnows } from './address-pool.ts'

test.for([
  { pool: ['192.0.2.10-192.0.2.12'], family: 'IPv4', first: '192.0.2.10', count: 3 },
  { pool: ['192.0.2.10'], family: 'IPv4', first: '192.0.2.10', count: 1 },
  { pool: ['192.0.2.0/29'], family: 'IPv4', first: '192.0.2.1', count: 6 },
  { pool: ['192.0.2.4/31'], family: 'IPv4', first: '192.0.2.4', count: 2 },
  { pool: ['192.0.2.4/32'], family: 'IPv4', first: '192.0.2.4', count: 1 },
  { pool: ['fd00::/126'], family: 'IPv6', first: 'fd00::', count: 4 },
  { pool: ['192.0.2.9', 'fd00::1'], family: 'IPv6', first: 'fd00::1', count: 1 },
  { pool: ['192.0.2.9', '192.0.2.1'], family: 'IPv4', first: '192.0.2.9', count: 2 },
] as const)('$pool', ({ pool, family, first, count }) => {
  const ranges = parsePool(pool)
  const taken = new Set<string>()
  for (let next = nextAddress(ranges, family, (each) => taken.has(each)); next; ) {
    taken.add(next)
    expect(poolHas(ranges, parseIp(next)!)).toBe(true)
    next = nextAddress(ranges, family, (each) => taken.has(each))
  }
  expect([...taken][0]).toBe(first)
  expect(taken.size).toBe(count)
})

describe('parsePool()', () => {
  test.for(['', 'x', '192.0.2.1-', '192.0.2.2-192.0.2.1', '192.0.2.1-fd00::1', '192.0.2.0/33'])(
    'refuses "%s"',
    (text) => {
      expect(() => parsePool([text])).toThrow(/--load-balancer-pool: found/)
    },
  )

  test('knows its families', () => {
    const pool = parsePool(['192.0.2.1'])
    expect([poolKnows(pool, 'IPv4'), poolKnows(pool, 'IPv6')]).toEqual([true, false])
    expect(poolHas(pool, parseIp('192.0.2.2')!)).toBe(false)
  })
})
