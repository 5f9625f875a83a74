/** The lines that connect a pod. */
import { expect, test } from 'vitest'
import { interfaceName, plumbingLines } from './pod-network.ts'

test('names of interfaces fit the kernel', () => {
  expect(interfaceName('0123456789abcdef0123')).toBe('nk0123456789ab')
  expect(interfaceName('f'.repeat(64)).length).toBeLessThanOrEqual(15)
})

test('a pod with both families', () => {
  const lines = plumbingLines({
    interface: 'nk1',
    processId: 77,
    addresses: [
      { ip: '10.244.1.2', gateway: '10.244.1.1' },
      { ip: 'fd00::2', gateway: 'fd00::1' },
    ],
  })
  expect(lines.node.trim().split('\n')).toEqual([
    'link add nk1 mtu 1450 type veth peer name eth0 mtu 1450 netns 77',
    'addr add 10.244.1.1/32 dev nk1',
    'addr add fd00::1/128 dev nk1 nodad',
    'link set nk1 up',
    'route replace 10.244.1.2/32 dev nk1 src 10.244.1.1',
    'route replace fd00::2/128 dev nk1',
  ])
  expect(lines.pod.trim().split('\n')).toEqual([
    'link set lo up',
    'addr add 10.244.1.2/32 dev eth0',
    'addr add fd00::2/128 dev eth0 nodad',
    'link set eth0 up',
    'route add 10.244.1.1/32 dev eth0 scope link',
    'route add default via 10.244.1.1 dev eth0',
    'route add fd00::1/128 dev eth0',
    'route add default via fd00::1 dev eth0',
  ])
})
