/** The same rules for IPv6, with real packets between two pods of a node. */
import { expect, test } from 'vitest'
import { Lan, type PodSpace } from '#bench/netns.ts'
import { collectingLog } from '#test/collecting-log.ts'
import { systemCommands } from './commands.ts'
import { FamilyRules } from './family-rules.ts'
import { serviceCidrPiece } from './node-facts.ts'
import { serviceRules } from './service-rules.ts'
import { service, slice } from './test-objects.ts'

const podCidrs = ['fd01::/48']

test('ClusterIPs, hairpins, refusals and the way out', async () => {
  await using lan = new Lan()
  const node = lan.addNode(1)
  const [one, two] = [await lan.addPod(node, 'one', 11), await lan.addPod(node, 'two', 12)]
  node.space.exec('sh', '-c', 'echo 1 > /proc/sys/net/ipv6/conf/all/forwarding')
  node.space.exec('ip', '-6', 'addr', 'add', 'fd28::11/64', 'dev', 'eth0', 'nodad')
  lan.outside.exec('ip', '-6', 'addr', 'add', 'fd28::1/64', 'dev', 'br0', 'nodad')
  node.space.exec('ip', '-6', 'route', 'add', 'default', 'via', 'fd28::1')
  const join = async ({ space }: PodSpace, name: string, address: string): Promise<void> => {
    node.space.exec('ip', '-6', 'addr', 'add', 'fd01::1/128', 'dev', `v${name}`, 'nodad')
    node.space.exec('ip', '-6', 'route', 'add', `${address}/128`, 'dev', `v${name}`)
    space.exec('ip', '-6', 'addr', 'add', `${address}/128`, 'dev', 'eth0', 'nodad')
    space.exec('ip', '-6', 'route', 'add', 'fd01::1', 'dev', 'eth0')
    space.exec('ip', '-6', 'route', 'add', 'default', 'via', 'fd01::1', 'dev', 'eth0')
    await space.do({ action: 'serve', protocol: 'tcp', host: '::', port: 9090, name })
  }
  await join(one, 'one', 'fd01::11')
  await join(two, 'two', 'fd01::12')
  await lan.outside.do({ action: 'serve', host: '::', port: 7000, name: 'outside' })

  const prefix = ['ip', 'netns', 'exec', node.space.name]
  const commands = systemCommands({ environment: process.env, prefix })
  const rules = new FamilyRules({ family: 'IPv6', podCidrs, commands, log: collectingLog([]) })
  const settings = {
    family: 'IPv6',
    place: { nodeName: 'n1', zone: '' },
    podCidrs,
    nodeAddresses: ['fd28::11'],
    masqueradeAll: false,
    hasSctp: true,
  } as const
  const web = service({ clusterIPs: ['fd10::20'], clusterIP: 'fd10::20' })
  const slices = [slice([['fd01::12']], { addressType: 'IPv6', ports: [{ port: 9090 }] })]
  rules.replace('web', serviceRules(web, slices, settings))
  const cidr = { metadata: {}, spec: { cidrs: ['fd10::/112'] } }
  rules.replace('cidr', { piece: serviceCidrPiece('IPv6', cidr as never), udp: [] })
  await rules.sync([])

  // The kernel makes sure that nobody else has the addresses of the links before it uses them.
  const direct = () => one.space.ask('fd01::12', 9090)
  await expect.poll(direct, { timeout: 15_000 }).toBe('two fd01::11')
  expect(await one.space.ask('fd10::20', 80)).toBe('two fd01::11')
  expect(await two.space.ask('fd10::20', 80)).toBe('two fd01::1')
  expect(await node.space.ask('fd10::20', 80)).toMatch(/^two fd/)
  expect(await one.space.ask('fd10::20', 81)).toBe('ECONNREFUSED')
  expect(await one.space.ask('fd10::99', 80)).toBe('ECONNREFUSED')
  expect(await one.space.ask('fd28::1', 7000)).toBe('outside fd28::11')
  rules.replace('web', undefined)
  await rules.sync([])
  expect(await one.space.ask('fd10::20', 80)).toBe('ECONNREFUSED')
})
