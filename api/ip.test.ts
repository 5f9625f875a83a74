/** IP addresses and CIDRs. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import {
  cidrContains,
  formatCidr,
  formatIp,
  isCidr,
  isCidrForLegacyField,
  isEndpointIp,
  isIp,
  isIpForLegacyField,
  parseCidr,
  parseIp,
} from './ip.ts'

const notAnIp = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
const notACidr = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'

/** Older fields need not be canonical. */
const isNotAboutForm = (message: string) => !message.startsWith('must be in canonical form')

describe('addresses', () => {
  test.for([
    ['10.9.8.7', []],
    ['2001:db8::ffff', []],
    ['::', []],
    ['::1', []],
    ['1::', []],
    ['1:2:3:4:5:6:7:8', []],
    ['1:0:0:2:0:0:0:3', ['must be in canonical form ("1:0:0:2::3")']],
    ['2001:DB8::1', ['must be in canonical form ("2001:db8::1")']],
    ['2001:db8:0:0::1', ['must be in canonical form ("2001:db8::1")']],
    ['1::2:3:4:5:6:7', ['must be in canonical form ("1:0:2:3:4:5:6:7")']],
    ['010.1.1.1', ['must not have leading 0s']],
    ['1.1.1.01', ['must not have leading 0s']],
    ['::ffff:1.2.3.4', ['must not be an IPv4-mapped IPv6 address']],
  ] as const)('%s', ([text, messages]) => {
    expect(isIp(text)).toEqual(messages)
    expect(isIpForLegacyField(text)).toEqual(messages.filter(isNotAboutForm))
  })

  test.for([
    '',
    'x',
    '1.2.3',
    '1.2.3.256',
    '1.2.3.4.5',
    '1.2.3.-4',
    '1.2.3.4 ',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8:9',
    '1:2:3:4::5:6:7:8',
    'fe80::1%eth0',
    '12345::',
    '1.2.3.4::',
  ])('not %j', (text) => {
    expect(isIp(text)).toEqual([notAnIp])
    expect(isIpForLegacyField(text)).toEqual([notAnIp])
  })

  test('what is printed parses to the same address', () => {
    const ips = fc.oneof(
      fc.record({
        family: fc.constant('IPv4' as const),
        value: fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }),
      }),
      fc.record({
        family: fc.constant('IPv6' as const),
        value: fc.bigInt({ min: 2n ** 48n, max: 2n ** 128n - 1n }),
      }),
    )
    const same = (ip: { family: 'IPv4' | 'IPv6'; value: bigint }) => {
      expect(parseIp(formatIp(ip))).toMatchObject(ip)
      expect(isIp(formatIp(ip))).toEqual([])
    }
    fc.assert(fc.property(ips, same), fuzz(500))
  })
})

describe('CIDRs', () => {
  test.for([
    ['10.9.8.0/24', []],
    ['0.0.0.0/0', []],
    ['2001:db8::/64', []],
    ['10.9.8.7/32', []],
    ['10.9.8.7/24', ['must not have bits set beyond the prefix length']],
    ['10.9.8.0/024', ['must not have leading 0s in IP or prefix length']],
    ['10.09.8.0/24', ['must not have leading 0s in IP or prefix length']],
    ['2001:0DB8::/64', ['must be in canonical form ("2001:db8::/64")']],
  ] as const)('%s', ([text, messages]) => {
    expect(isCidr(text)).toEqual(messages)
    expect(isCidrForLegacyField(text)).toEqual(messages.filter(isNotAboutForm))
  })

  test.for(['', '/', 'x', '10.0.0.0', '10.0.0.0/', '10.0.0.0/33', '10.0.0.0/-1', '::/129', '::/x'])(
    'not %j',
    (text) => {
      expect(isCidr(text)).toEqual([notACidr])
      expect(isCidrForLegacyField(text)).toEqual([notACidr])
    },
  )

  test.for([
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['0.0.0.0/0', '::1', false],
    ['2001:db8::/32', '2001:db8:ffff::', true],
    ['2001:db8::/32', '2001:db9::', false],
  ] as const)('%s contains %s: %s', ([cidr, ip, expected]) => {
    expect(cidrContains(parseCidr(cidr)!, parseIp(ip)!)).toBe(expected)
  })

  test('are printed with their network', () => {
    expect(formatCidr(parseCidr('10.9.8.7/9')!)).toBe('10.0.0.0/9')
  })
})

test.for([
  ['10.0.0.1', []],
  ['2001:db8::1', []],
  ['0.0.0.0', ['may not be unspecified (0.0.0.0)']],
  ['127.0.0.1', ['may not be in the loopback range (127.0.0.0/8, ::1/128)']],
  ['::1', ['may not be in the loopback range (127.0.0.0/8, ::1/128)']],
  ['169.254.1.1', ['may not be in the link-local range (169.254.0.0/16, fe80::/10)']],
  ['fe80::1', ['may not be in the link-local range (169.254.0.0/16, fe80::/10)']],
  ['224.0.0.1', ['may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)']],
  ['x', ['must be a valid IP address']],
] as const)('an endpoint at %s', ([text, messages]) => {
  expect(isEndpointIp(text)).toEqual(messages)
})
