/** Addresses in any form become the one that nftables takes, or nothing. */
import { expect, test } from 'vitest'
import { addressesOf, addressOf, rangesOf } from './addresses.ts'

test.for([
  ['10.0.0.1', 'IPv4', '10.0.0.1'],
  ['010.000.0.1', 'IPv4', '10.0.0.1'],
  ['::ffff:10.0.0.1', 'IPv4', '10.0.0.1'],
  ['FD00:0::1', 'IPv6', 'fd00::1'],
  ['fd00::1', 'IPv4', undefined],
  ['10.0.0.1; flush ruleset', 'IPv4', undefined],
  ['', 'IPv4', undefined],
] as const)('addressOf(): "%s" as %s is %s', ([text, family, wanted]) => {
  expect(addressOf(text, family)).toBe(wanted)
})

test('addressesOf(), rangesOf(): those of the family, each once', () => {
  expect(addressesOf(['10.0.0.1', 'fd00::1', '10.0.0.01'], 'IPv4')).toEqual(['10.0.0.1'])
  const ranges = [' 10.1.2.3/8', '10.0.0.0/8', 'fd00::/8', 'all']
  expect(rangesOf(ranges, 'IPv4')).toEqual(['10.0.0.0/8'])
})
