/** Which node holds which address: one for each, by policy, readiness and link. */
import { expect, test } from 'vitest'
import { planHeldAddresses } from './held-addresses.ts'
import { node, service, slice } from './test-objects.ts'

const links = [{ device: 'eth0', address: '172.28.0.11', prefixLength: 24 }]
const readyNode = (name: string, status = 'True', labels: Record<string, string> = {}) => {
  const made = node(name, [], [`172.28.0.1${name.slice(1)}`], { labels })
  return { ...made, status: { ...made.status, conditions: [{ type: 'Ready', status }] } } as never
}
const nodes = [readyNode('n1'), readyNode('n2'), readyNode('n3')]
const balanced = (ip: string, spec: object = {}, ingress: object = {}) =>
  service(
    { type: 'LoadBalancer', externalTrafficPolicy: 'Cluster', ...spec },
    { loadBalancer: { ingress: [{ ip, ...ingress }] } },
  )
const many = Array.from({ length: 60 }, (_, index) => balanced(`172.28.0.${100 + index}`))

type Question = Parameters<typeof planHeldAddresses>[0]
const heldBy = (nodeName: string, more: Partial<Question>): string[] =>
  planHeldAddresses({ services: many, slicesOf: () => [], nodes, nodeName, links, ...more }).map(
    ({ address, device }) => `${address} ${device}`,
  )

test('each address has one holder, and all nodes have some', () => {
  const all = ['n1', 'n2', 'n3'].map((name) => heldBy(name, {}))
  for (const each of all) expect(each.length).toBeGreaterThan(5)
  expect(all.flat().sort()).toEqual(many.map((_, at) => `172.28.0.${100 + at} eth0`).sort())
})

test('when a node fails, its addresses move and no others', () => {
  const failed = [nodes[0]!, nodes[1]!, readyNode('n3', 'Unknown')]
  for (const name of ['n1', 'n2']) {
    expect(heldBy(name, { nodes: failed })).toEqual(expect.arrayContaining(heldBy(name, {})))
  }
  const now = ['n1', 'n2'].flatMap((name) => heldBy(name, { nodes: failed }))
  expect(now).toHaveLength(60)
  expect(heldBy('n3', { nodes: failed })).toEqual([])
})

const alone = { nodes: [nodes[0]!] }
test.for([
  ['on the link', balanced('172.28.0.200'), ['172.28.0.200 eth0']],
  ['on no link', balanced('192.0.2.1'), []],
  ['of a node', balanced('172.28.0.11'), []],
  ['of a class', balanced('172.28.0.200', { loadBalancerClass: 'example.com/x' }), []],
  ['of a proxy', balanced('172.28.0.200', {}, { ipMode: 'Proxy' }), []],
  ['of IPv6', balanced('fd00::1'), []],
  ['of no balancer any more', balanced('172.28.0.200', { type: 'ClusterIP' }), []],
] as const)('an address %s', ([, object, wanted]) => {
  expect(heldBy('n1', { ...alone, services: [object] })).toEqual(wanted)
})

test('a node that is left out by its label holds nothing', () => {
  const label = { 'node.kubernetes.io/exclude-from-external-load-balancers': '' }
  expect(heldBy('n1', { nodes: [readyNode('n1', 'True', label)] })).toEqual([])
})

test('with the policy Local, only nodes with a ready endpoint hold the address', () => {
  const services = [balanced('172.28.0.200', { externalTrafficPolicy: 'Local' })]
  const at = (nodeName: string, ready: boolean) => [
    slice([['1', { nodeName, conditions: { ready } }]]),
  ]
  for (const name of ['n1', 'n2', 'n3']) {
    for (const own of ['n1', 'n2', 'n3']) {
      const question = { services, slicesOf: () => at(name, true) }
      expect(heldBy(own, question)).toHaveLength(own === name ? 1 : 0)
    }
    expect(heldBy(name, { services, slicesOf: () => at(name, false) })).toEqual([])
  }
})
