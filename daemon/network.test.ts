/** Which address of a machine others are told. */
import { expect, test } from 'vitest'
import { outwardAddress } from './network.ts'

const at = (address: string, family: 'IPv4' | 'IPv6' = 'IPv4', internal = false) =>
  ({ address, family, internal }) as never

test.for([
  {
    name: 'IPv4 first',
    interfaces: { lo: [at('127.0.0.1', 'IPv4', true)], a: [at('fd00::2', 'IPv6'), at('10.1.2.3')] },
    address: '10.1.2.3',
  },
  {
    name: 'IPv6 where there is no other',
    interfaces: { a: [at('fe80::1', 'IPv6'), at('fd00::2', 'IPv6')] },
    address: 'fd00::2',
  },
  {
    name: 'none',
    interfaces: { lo: [at('127.0.0.1', 'IPv4', true)], a: undefined },
    address: undefined,
  },
])('outwardAddress(): $name', ({ interfaces, address }) => {
  expect(outwardAddress(interfaces)).toBe(address)
})
