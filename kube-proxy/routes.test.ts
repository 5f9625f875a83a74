/** Routes as rows: by a plain route, by a tunnel, or not at all. */
import { describe, expect, test } from 'vitest'
import { routeChange } from './ip.ts'
import { planRoutes, type RouteQuestion, routeFacts } from './routes.ts'
import { node } from './test-objects.ts'

const links = [{ device: 'eth0', address: '172.28.0.11', prefixLength: 24 }]
const own = node('n1', ['10.244.1.0/24'], ['172.28.0.11'])
const near = node('n2', ['10.244.2.0/24'], ['172.28.0.12'])
const far = node('n3', ['10.244.3.0/24'], ['192.168.5.3'], { outside: '203.0.113.3' })
const question: RouteQuestion = {
  nodes: [own, near, far],
  nodeName: 'n1',
  links,
  overlay: 'auto',
  family: 'IPv4',
}
const nowhere = { destination: '10.244.1.0/24' }
const plain = { destination: '10.244.2.0/24', via: '172.28.0.12' }
const wrapped = (index: number) => ({
  destination: `10.244.${index}.0/24`,
  via: `10.244.${index}.0`,
  isInTunnel: true,
})
const end = (index: number) => ({
  inside: `10.244.${index}.0`,
  hardware: `02:00:0a:f4:0${index}:00`,
})

describe('planRoutes()', () => {
  test('plain routes on the link, a tunnel beyond it', () => {
    expect(planRoutes(question)).toEqual({
      routes: [nowhere, plain, wrapped(3)],
      unreachable: [],
      tunnel: { ...end(1), peers: [{ ...end(3), outside: '203.0.113.3' }] },
    })
  })
  test('nodes of other hosts, although each host has the same network for its nodes', () => {
    const at = (name: string, last: number, outside: string) =>
      node(name, [`10.244.${last}.0/24`], [`172.28.0.1${last}`], { outside })
    const nodes = [
      at('n1', 1, '203.0.113.1'),
      at('n2', 2, '203.0.113.1'),
      at('n3', 3, '203.0.113.3'),
    ]
    expect(planRoutes({ ...question, nodes })).toEqual({
      routes: [nowhere, plain, wrapped(3)],
      unreachable: [],
      tunnel: { ...end(1), peers: [{ ...end(3), outside: '203.0.113.3' }] },
    })
  })
  test('a port of its own, where several nodes share an outer address', () => {
    const shared = (port: string) =>
      node('n3', ['10.244.3.0/24'], ['192.168.5.3'], {
        outside: '203.0.113.3',
        labels: { 'nanokube.io/tunnel-port': port },
      })
    const peersBy = (port: string) =>
      planRoutes({ ...question, nodes: [own, shared(port)] }).tunnel?.peers
    expect(peersBy('8473')).toEqual([{ ...end(3), outside: '203.0.113.3', port: 8473 }])
    expect(peersBy('0')).toEqual([{ ...end(3), outside: '203.0.113.3' }])
    expect(peersBy('70000')).toEqual([{ ...end(3), outside: '203.0.113.3' }])
    expect(routeFacts(shared('8473'))).not.toBe(routeFacts(shared('8474')))
  })
  test('plain routes alone', () => {
    expect(planRoutes({ ...question, overlay: 'routes' })).toEqual({
      routes: [nowhere, plain],
      unreachable: [{ node: 'n3', why: '192.168.5.3 is on no link of this node' }],
    })
  })
  test('the tunnel alone', () => {
    expect(planRoutes({ ...question, overlay: 'vxlan' })).toEqual({
      routes: [nowhere, wrapped(2), wrapped(3)],
      unreachable: [],
      tunnel: {
        ...end(1),
        peers: [
          { ...end(2), outside: '172.28.0.12' },
          { ...end(3), outside: '203.0.113.3' },
        ],
      },
    })
  })
  test.for([
    [
      'this node has no podCIDR yet',
      [node('n1', [], []), far],
      'n3',
      'this node has no podCIDR yet',
    ],
    [
      'a node has no address',
      [own, node('n4', ['10.244.4.0/24'], [])],
      'n4',
      'found no InternalIP of IPv4 in its status',
    ],
  ] as const)('%s', ([, nodes, name, why]) => {
    expect(planRoutes({ ...question, nodes }).unreachable).toEqual([{ node: name, why }])
  })
  test('nodes without podCIDR need no route', () => {
    const nodes = [own, node('n4', [], ['172.28.0.14'])]
    expect(planRoutes({ ...question, nodes })).toEqual({ routes: [nowhere], unreachable: [] })
  })
  test('IPv6 goes by plain routes', () => {
    const nodes = [
      node('n1', ['fd01:1::/64'], ['fd00::1']),
      node('n2', ['fd01:2::/64'], ['fd00::2']),
    ]
    const six = { device: 'eth0', address: 'fd00::1', prefixLength: 64 }
    expect(planRoutes({ ...question, nodes, links: [six], family: 'IPv6' }).routes).toEqual([
      { destination: 'fd01:1::/64' },
      { destination: 'fd01:2::/64', via: 'fd00::2' },
    ])
  })
})

test('routeFacts(): the health of a node changes nothing', () => {
  expect(routeFacts(node('n1', ['10.244.1.0/24'], ['172.28.0.11'], { taints: ['a'] }))).toBe(
    routeFacts(own),
  )
  expect(routeFacts(near)).not.toBe(routeFacts(own))
})

test.for([
  ['Deleted 10.244.2.0/24 via 172.28.0.12 dev eth0 proto 120', { destination: '10.244.2.0/24' }],
  ['Deleted unreachable 10.244.1.0/24 dev lo proto 120', { destination: '10.244.1.0/24' }],
  ['Deleted 10.0.0.0/8 via 172.28.0.12 dev eth0 proto static', undefined],
  ['10.244.2.0/24 via 172.28.0.12 dev eth0 proto 120', undefined],
  ['2: eth0@if9: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 state UP', { device: 'eth0' }],
  ['2: eth0    inet 172.28.0.52/24 scope global secondary eth0', { device: 'eth0' }],
  ['Deleted 7: va1    inet 10.244.1.1/32 scope global va1', { device: 'va1' }],
  ['    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff', undefined],
] as const)('routeChange(): %s', ([line, wanted]) => {
  expect(routeChange(line)).toEqual(wanted)
})
