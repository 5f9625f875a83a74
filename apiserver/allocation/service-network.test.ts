/** Which flags make a network of Services. */
import { expect, test } from 'vitest'
import { formatCidr } from '#api/ip.ts'
import { firstServiceIp, serviceNetwork } from './service-network.ts'

test.for([
  {
    ranges: '10.96.0.0/16',
    ports: '30000-32767',
    cidrs: ['10.96.0.0/16'],
    first: 30000,
    last: 32767,
  },
  {
    ranges: 'fd00::/108, 10.0.0.0/24',
    ports: '30000+9',
    cidrs: ['fd00::/108', '10.0.0.0/24'],
    first: 30000,
    last: 30009,
  },
  { ranges: '10.96.7.1/16', ports: '80', cidrs: ['10.96.0.0/16'], first: 80, last: 80 },
])('serviceNetwork($ranges, $ports)', ({ ranges, ports, cidrs, first, last }) => {
  const network = serviceNetwork(ranges, ports)
  expect(network.ranges.map(formatCidr)).toEqual(cidrs)
  expect(network.nodePorts).toEqual({ first, last })
})

test.for([
  ['10.96.0.0', '30000-32767', '"10.96.0.0" is not a CIDR'],
  ['10.96.0.0/16,10.97.0.0/16', '30000-32767', 'wanted one CIDR, or one of each family'],
  ['fd00::/48', '30000-32767', 'larger than /64'],
  ['10.96.0.0/16', '32767-30000', 'wanted ports such as'],
  ['10.96.0.0/16', '0-10', 'wanted ports such as'],
  ['10.96.0.0/16', '65000+1000', 'wanted ports such as'],
  ['10.96.0.0/16', '', 'wanted ports such as'],
] as const)('serviceNetwork(%s, %s) is refused', ([ranges, ports, message]) => {
  expect(() => serviceNetwork(ranges, ports)).toThrow(message)
})

test('the first address is for the server itself', () => {
  const { ranges } = serviceNetwork('10.96.0.0/16,fd00::/108', '30000-32767')
  expect(ranges.map(firstServiceIp)).toEqual(['10.96.0.1', 'fd00::1'])
})
