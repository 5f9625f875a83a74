/** What follows from wishes, and how clusters grow. */
import { expect, test } from 'vitest'
import {
  describeCluster,
  describeJoined,
  NODES_MAX,
  publishedPorts,
  usualNames,
  withApiAddresses,
  withNode,
} from './cluster.ts'

const wishes = {
  name: 'demo',
  apiPort: 6443,
  nodeNames: usualNames(2),
  hollowNodes: 0,
  subnetNumber: 7,
}
const cluster = describeCluster(wishes, 'an-id')

test('everything of a cluster follows from what was asked for', () => {
  expect(cluster).toMatchObject({
    network: { subnet: '172.31.7.0/24', gateway: '172.31.7.1' },
    loadBalancerPool: '172.31.7.200-172.31.7.250',
    nodes: [
      { name: 'node1', address: '172.31.7.11' },
      { name: 'node2', address: '172.31.7.12' },
    ],
  })
})

test('a node that was removed leaves its place to the next one', () => {
  const [, second] = cluster.nodes
  const grown = withNode({ ...cluster, nodes: [second!] })
  expect(grown.nodes.map(({ name }) => name)).toEqual(['node2', 'node1'])
})

test('a name may be chosen, and belongs to one node', () => {
  const grown = withNode(cluster, 'edge')
  expect(grown.nodes.at(-1)).toEqual({ name: 'edge', address: '172.31.7.13' })
  expect(() => withNode(grown, 'edge')).toThrow('there is a node "edge" already')
})

test('a usual name that somebody has chosen is skipped', () => {
  const grown = withNode(withNode(cluster, 'node4'))
  expect(grown.nodes.map(({ name }) => name)).toEqual(['node1', 'node2', 'node4', 'node5'])
})

test('addresses of nodes never reach those of load balancers', () => {
  const full = describeCluster({ ...wishes, nodeNames: usualNames(NODES_MAX) }, 'an-id')
  const last = Number(full.nodes.at(-1)!.address.split('.').at(-1))
  expect(last).toBeLessThan(200)
  expect(() => withNode(full)).toThrow(`found ${NODES_MAX} nodes`)
})

test('nodes of one machine are reached at its address, each under a port of its own', () => {
  const [one, two] = cluster.nodes
  expect(publishedPorts(cluster, one!)).toEqual([])
  const open = withApiAddresses(cluster, ['192.0.2.1', '198.51.100.1'])
  expect(open.dnsServer).toBe('192.0.2.1')
  expect([one!, two!].flatMap((node) => publishedPorts(open, node))).toEqual([
    { address: '192.0.2.1', hostPort: 8472, port: '8472/udp' },
    { address: '192.0.2.1', hostPort: 8473, port: '8472/udp' },
  ])
})

test('a node that has joined is reached at the address of its machine, in another network', () => {
  const joined = { server: 'https://192.0.2.1:6444', address: '192.0.2.2' }
  const far = describeJoined({ name: 'demo', nodeName: 'far', joined, subnetNumber: 3 }, 'other-id')
  expect(far).toMatchObject({
    apiPort: 6444,
    network: { subnet: '172.30.3.0/24' },
    nodes: [{ name: 'far', address: '172.30.3.11' }],
  })
  expect(publishedPorts(far, far.nodes[0]!)).toEqual([
    { address: '192.0.2.2', hostPort: 10_250, port: '10250/tcp' },
    { address: '192.0.2.2', hostPort: 8472, port: '8472/udp' },
  ])
})
