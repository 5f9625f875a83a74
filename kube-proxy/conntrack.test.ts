/** Which flows of UDP are stale, read from what conntrack lists. */
import { describe, expect, test } from 'vitest'
import { parseFlows, staleFlows } from './conntrack.ts'

const listing = `udp      17 25 src=10.244.1.11 dst=10.96.0.10 sport=5353 dport=53 src=10.244.2.11 dst=10.244.1.11 sport=8053 dport=5353 mark=0 use=1
udp      17 25 src=10.244.1.12 dst=10.96.0.10 sport=5354 dport=53 src=10.244.2.11 dst=10.244.1.12 sport=8053 dport=5354 mark=0 use=1
udp      17 3 src=10.244.1.11 dst=192.0.2.9 sport=1 dport=53 [UNREPLIED] src=192.0.2.9 dst=10.244.1.11 sport=53 dport=1 mark=0 use=1
udp      17 118 src=172.28.0.1 dst=172.28.0.11 sport=6 dport=30053 packets=2 bytes=80 src=10.244.2.11 dst=172.28.0.11 sport=8053 dport=6 packets=1 bytes=40 [ASSURED] mark=0 use=1
`
const vip = { address: '10.96.0.10', port: 53, backend: '10.244.2.11 8053' }
const other = { address: '192.0.2.9', port: 53, backend: '192.0.2.9 53' }
const nodePort = { address: '172.28.0.11', port: 30_053, backend: '10.244.2.11 8053' }

test('parseFlows(): one for each way, whoever the clients are', () => {
  expect(parseFlows(listing)).toEqual([vip, other, nodePort])
})

describe('staleFlows()', () => {
  const at = (address: string | undefined, port: number, ...backends: string[]) => ({
    address,
    port,
    backends,
  })
  test.for([
    ['all is well', [at('10.96.0.10', 53, '10.244.2.11 8053')], []],
    ['another endpoint', [at('10.96.0.10', 53, '10.244.3.11 8053')], [vip]],
    ['another port of the endpoint', [at('10.96.0.10', 53, '10.244.2.11 8054')], [vip]],
    ['no endpoint any more', [at('10.96.0.10', 53)], [vip]],
    [
      'what is lost and what is new count together',
      [at('10.96.0.10', 53), at('10.96.0.10', 53, '10.244.2.11 8053')],
      [],
    ],
    ['a node port', [at(undefined, 30_053, '10.244.3.11 8053')], [nodePort]],
    [
      'what led to nobody before there were endpoints',
      [at('192.0.2.9', 53, '10.244.2.11 53')],
      [other],
    ],
    ['no business of ours', [at('10.96.0.99', 53, '10.244.3.11 8053')], []],
  ] as const)('%s', ([, targets, wanted]) => {
    expect(staleFlows(parseFlows(listing), targets, ['172.28.0.11'])).toEqual(wanted)
  })
})
