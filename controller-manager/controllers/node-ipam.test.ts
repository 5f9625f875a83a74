/** Tries which addresses nodes get for their pods. */
import { describe, expect, test } from 'vitest'
import { formatCidr, parseCidr } from '#api/ip.ts'
import { Event } from '#api/kinds/core/event.ts'
import { Node } from '#api/kinds/core/node.ts'
import { type Cluster, startCluster } from '#test/cluster.ts'
import { nodeIpamController } from './node-ipam.ts'
import { blockAt, blockRanges, freeBlock, type RangeOptions } from './node-ipam-ranges.ts'

describe('blockRanges()', () => {
  test.for<{ name: string; options: RangeOptions; want: [number, number][] }>([
    { name: 'IPv4', options: { clusterCidrs: ['10.244.0.0/16'] }, want: [[24, 256]] },
    { name: 'IPv6', options: { clusterCidrs: ['fd00::/56'] }, want: [[64, 256]] },
    {
      name: 'both',
      options: { clusterCidrs: ['10.0.0.0/8', 'fd00::/56'], ipv4BlockLength: 26 },
      want: [
        [26, 262_144],
        [64, 256],
      ],
    },
    {
      name: 'one size',
      options: { clusterCidrs: ['10.244.0.0/16'], blockLength: 25 },
      want: [[25, 512]],
    },
    {
      name: 'a single block',
      options: { clusterCidrs: ['10.244.0.0/24'] },
      want: [[24, 1]],
    },
  ])('$name', ({ options, want }) => {
    expect(blockRanges(options).map(({ blockLength, count }) => [blockLength, count])).toEqual(want)
  })

  test.for<{ options: RangeOptions; problem: RegExp }>([
    { options: { clusterCidrs: [] }, problem: /found none/ },
    { options: { clusterCidrs: ['10.0.0.0'] }, problem: /wanted a range/ },
    { options: { clusterCidrs: ['10.0.0.0/16', '10.1.0.0/16'] }, problem: /one of each family/ },
    { options: { clusterCidrs: ['10.0.0.0/25'] }, problem: /no block/ },
    { options: { clusterCidrs: ['fd00::/40'] }, problem: /wanted a mask of 56 bits/ },
    { options: { clusterCidrs: ['fd00::/56'], ipv4BlockLength: 24 }, problem: /no IPv4/ },
    { options: { clusterCidrs: ['10.0.0.0/16'], ipv6BlockLength: 64 }, problem: /no IPv6/ },
    {
      options: { clusterCidrs: ['10.0.0.0/16', 'fd00::/56'], blockLength: 24 },
      problem: /two families/,
    },
  ])('$problem', ({ options, problem }) => {
    expect(() => blockRanges(options)).toThrow(problem)
  })

  test('blocks follow each other, and the search goes all around', () => {
    const [range] = blockRanges({ clusterCidrs: ['10.0.0.0/30'], blockLength: 32 })
    expect([0, 1, 3].map((index) => formatCidr(blockAt(range!, index)))).toEqual([
      '10.0.0.0/32',
      '10.0.0.1/32',
      '10.0.0.3/32',
    ])
    const used = new Set(['10.0.0.3/32', '10.0.0.0/32'])
    const found = freeBlock(range!, 3, (_, text) => used.has(text))
    expect(found).toEqual({ text: '10.0.0.1/32', index: 1 })
    expect(freeBlock(range!, 0, () => true)).toBeUndefined()
  })
})

const controller = (clusterCidrs: string[], serviceCidrs: string[] = []) =>
  nodeIpamController({
    ranges: blockRanges({ clusterCidrs }),
    serviceCidrs: serviceCidrs.map((text) => parseCidr(text)!),
  })

const start = (clusterCidrs: string[], serviceCidrs?: string[]) =>
  startCluster({ controllers: [controller(clusterCidrs, serviceCidrs)] })

const join = ({ client }: Cluster, name: string, spec: object = {}) =>
  client.create(Node, { metadata: { name }, spec })

const given = async ({ client }: Cluster) =>
  Object.fromEntries(
    (await client.list(Node)).map(({ metadata, spec }) => [
      metadata.name,
      (spec.podCIDRs ?? []).join(),
    ]),
  )

test('each node gets a block of each family, and keeps it', async () => {
  await using cluster = await start(['10.244.0.0/16', 'fd00:1::/56'])
  await Promise.all(['a', 'b', 'c'].map((name) => join(cluster, name)))
  await cluster.settle()
  const nodes = await cluster.client.list(Node)
  const first = nodes.map(({ spec }) => spec.podCIDR).toSorted()
  expect(first).toEqual(['10.244.0.0/24', '10.244.1.0/24', '10.244.2.0/24'])
  const all = nodes.flatMap(({ spec }) => spec.podCIDRs ?? [])
  expect(new Set(all).size).toBe(6)
  expect(all).toContain('fd00:1:0:2::/64')
  expect(cluster.logged).toEqual([])
})

test('what nodes have already, whoever gave it, is given to nobody else', async () => {
  await using cluster = await start(['10.0.0.0/21'], ['10.0.4.0/23'])
  await join(cluster, 'own', { podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.0.0/24'] })
  await join(cluster, 'wide', { podCIDR: '10.0.2.0/23', podCIDRs: ['10.0.2.0/23'] })
  await cluster.settle()
  for (const name of ['a', 'b', 'c']) await join(cluster, name)
  await cluster.settle()
  const { a, b, c } = await given(cluster)
  expect([a, b, c].toSorted()).toEqual(['10.0.1.0/24', '10.0.6.0/24', '10.0.7.0/24'])
})

test('who finds none waits until another node goes', async () => {
  await using cluster = await start(['10.0.0.0/23'])
  const { client } = cluster
  await join(cluster, 'a')
  await join(cluster, 'b')
  await cluster.settle()
  await join(cluster, 'late')
  await cluster.settle()
  expect((await given(cluster)).late).toBe('')
  const events = (await client.list(Event)).map(({ reason, message }) => `${reason}: ${message}`)
  expect(events).toEqual(['CIDRNotAvailable: Node late status is now: CIDRNotAvailable'])
  const { b } = await given(cluster)
  await client.delete(Node, { name: 'b' })
  await cluster.settle()
  expect((await given(cluster)).late).toBe(b)
})

test('a block that is given back rests while there are others', async () => {
  await using cluster = await start(['10.0.0.0/22'])
  await join(cluster, 'a')
  await cluster.settle()
  await cluster.client.delete(Node, { name: 'a' })
  await join(cluster, 'b')
  await cluster.settle()
  expect(await given(cluster)).toEqual({ b: '10.0.1.0/24' })
})

test('two controllers, as while the leader changes, give nothing twice', async () => {
  const cidrs = ['10.0.0.0/22']
  await using cluster = await startCluster({ controllers: [controller(cidrs), controller(cidrs)] })
  // Each assumes what the other does not know.
  for (const name of ['a', 'b']) {
    await join(cluster, name)
    await cluster.settle()
  }
  const { a, b } = await given(cluster)
  expect(new Set([a, b]).size).toBe(2)
  expect(a).not.toBe('')
})
