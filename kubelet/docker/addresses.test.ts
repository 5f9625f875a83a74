/** Ranges of addresses, and which one comes next. */
import { expect, test } from 'vitest'
import { AddressBook } from './address-book.ts'
import { addressRange, nextAddress } from './addresses.ts'

test.for([
  ['10.244.1.0/24', '10.244.1.1', '10.244.1.2', 253],
  ['10.244.1.77/24', '10.244.1.1', '10.244.1.2', 253],
  ['192.168.0.128/30', '192.168.0.129', '192.168.0.130', 1],
  ['fd00:10:244:1::/64', 'fd00:10:244:1::1', 'fd00:10:244:1::2', undefined],
  ['fd00::/126', 'fd00::1', 'fd00::2', 2],
] as const)('%s: the node is %s, the first pod %s', ([cidr, gateway, first, count]) => {
  const range = addressRange(cidr)
  expect(range.gateway).toBe(gateway)
  expect(nextAddress(range, () => false, undefined)).toBe(first)
  if (count === undefined) return
  const taken = new Set<string>()
  for (let index = 0; index < count; index++) {
    const address = nextAddress(range, (each) => taken.has(each), undefined)
    expect(address).toBeDefined()
    taken.add(String(address))
  }
  expect(taken.size).toBe(count)
  expect(nextAddress(range, (each) => taken.has(each), undefined)).toBeUndefined()
})

test.for(['', '10.0.0.0', '10.0.0.0/31', '10.0.0.0/x', '300.0.0.0/8', 'fd00::/127'])(
  '"%s" is no range for pods',
  (cidr) => {
    expect(() => addressRange(cidr)).toThrow(`"${cidr}" is no range of addresses`)
  },
)

test('addresses are given in turn, so that one rests before it is given again', () => {
  const book = new AddressBook(() => ['10.0.0.0/29'])
  const ip = (holder: string): string | undefined => book.take(holder)[0]?.ip
  expect([ip('a'), ip('b')]).toEqual(['10.0.0.2', '10.0.0.3'])
  book.free('a', ['10.0.0.2'])
  expect([ip('c'), ip('d'), ip('e'), ip('f')]).toEqual([
    ...['10.0.0.4', '10.0.0.5', '10.0.0.6', '10.0.0.2'],
  ])
  expect(() => ip('g')).toThrow('pod network: 10.0.0.0/29 has no free address left')
  // Given to somebody else in the meantime: not the old holder's to give back.
  book.free('a', ['10.0.0.2'])
  expect(() => ip('g')).toThrow('no free address left')
})

test('what a sandbox has had since before is not given to another', () => {
  const book = new AddressBook(() => ['10.0.0.0/29', 'fd00::/120'])
  book.keep('old', ['10.0.0.2', 'fd00::2'])
  expect(book.take('new')).toEqual([
    { ip: '10.0.0.3', gateway: '10.0.0.1' },
    { ip: 'fd00::3', gateway: 'fd00::1' },
  ])
})
