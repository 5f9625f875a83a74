/** Where kubelets are, how they are spoken to, and where no proxy may lead. */
import { describe, expect, test } from 'vitest'
import type { Node } from '#api/kinds/core/node.ts'
import { Kubelets } from './kubelets.ts'
import { isReachableAddress } from './reachable-address.ts'

const node = (status: object) => ({ status }) as Node
const addresses = [
  { type: 'Hostname', address: 'worker' },
  { type: 'ExternalIP', address: '203.0.113.7' },
  { type: 'InternalIP', address: '10.0.0.7' },
]

describe('a kubelet', () => {
  test('is at the best address, and its usual port', () => {
    const { host, port } = new Kubelets().backendOf(node({ addresses }))
    expect([host, port]).toEqual(['10.0.0.7', 10250])
  })

  test('is where the flags and the node say', () => {
    const daemonEndpoints = { kubeletEndpoint: { Port: 7 } }
    const kubelets = new Kubelets({ addressTypes: ['InternalDNS', 'Hostname'] })
    const { host, port } = kubelets.backendOf(node({ addresses, daemonEndpoints }))
    expect([host, port]).toEqual(['worker', 7])
  })

  test('without an address of a wanted type is not found', () => {
    const kubelets = new Kubelets({ addressTypes: ['InternalDNS'] })
    expect(() => kubelets.backendOf(node({ addresses: addresses.slice(0, 1) }))).toThrow(
      'no preferred addresses found; known addresses: [{Hostname worker}]',
    )
  })

  test.for([
    { settings: {}, isUnchecked: false, isChecked: false },
    { settings: { certificateAuthority: 'ca' }, isUnchecked: false, isChecked: true },
    { settings: { certificateAuthority: 'ca' }, isUnchecked: true, isChecked: false },
  ])('is checked as asked: $settings, $isUnchecked', ({ settings, isUnchecked, isChecked }) => {
    const { tls } = new Kubelets(settings).backendOf(node({ addresses }), isUnchecked)
    expect(tls).toEqual({ rejectUnauthorized: isChecked, ...(isChecked && { ca: 'ca' }) })
  })
})

test.for([
  ['10.0.0.1', true],
  ['2001:db8::1', true],
  ['127.0.0.1', false],
  ['::ffff:127.0.0.1', false],
  ['169.254.169.254', false],
  ['0.0.0.0', false],
  ['224.0.0.1', false],
  ['255.255.255.255', false],
  ['::1', false],
  ['fe80::1', false],
  ['ff02::1', false],
  ['localhost', false],
  ['', false],
] as const)('a proxy to %s: %s', ([address, wanted]) => {
  expect(isReachableAddress(address)).toBe(wanted)
})
