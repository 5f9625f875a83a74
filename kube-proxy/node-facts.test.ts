/** What of Node and ServiceCIDR objects becomes rules. */
import { describe, expect, test } from 'vitest'
import type { ServiceCIDR } from '#api/kinds/networking/service-cidr.ts'
import { nodeFacts, nodePiece, sameFacts, serviceCidrPiece } from './node-facts.ts'
import { node } from './test-objects.ts'

const zone = { labels: { 'topology.kubernetes.io/zone': 'a' } }
const facts = nodeFacts(
  'n1',
  node('n1', [], ['172.28.0.11', 'fd00::11'], { ...zone, outside: '203.0.113.1' }),
)

test('nodeFacts(): its zone and inner addresses; a node that is not there has none', () => {
  expect(facts).toEqual({
    place: { nodeName: 'n1', zone: 'a' },
    addresses: ['172.28.0.11', 'fd00::11'],
  })
  const unknown = nodeFacts('n1', undefined)
  expect(unknown).toEqual({ place: { nodeName: 'n1', zone: '' }, addresses: [] })
  expect(sameFacts(facts, { ...facts })).toBe(true)
  expect(sameFacts(facts, unknown)).toBe(false)
})

describe('nodePiece()', () => {
  test.for([
    ['the addresses of the node', [], 'IPv4', ['172.28.0.11']],
    ['the same, by name', ['primary'], 'IPv6', ['fd00::11']],
    ['ranges', ['10.0.0.0/8', 'fd00::/8'], 'IPv4', ['10.0.0.0/8']],
    ['both', ['primary', '10.0.0.0/8'], 'IPv4', ['172.28.0.11', '10.0.0.0/8']],
  ] as const)('%s', ([, ranges, family, wanted]) => {
    const { elements } = nodePiece(family, facts, ranges)
    expect([...elements.keys()]).toEqual(wanted.map((each) => `nodeport-ips\n${each}`))
  })
})

test('serviceCidrPiece(): the ranges of this family', () => {
  const cidr = { spec: { cidrs: ['10.96.0.0/16', 'fd00::/112'] } } as unknown as ServiceCIDR
  expect([...serviceCidrPiece('IPv4', cidr).elements.keys()]).toEqual(['cluster-ips\n10.96.0.0/16'])
})
