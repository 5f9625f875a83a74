/** Any sequence of changes leaves the same rules in the kernel as loading the last state anew. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Namespaces } from '#bench/netns.ts'
import { systemCommands } from './commands.ts'
import { fixedRules } from './fixed-rules.ts'
import { podRules } from './host-ports.ts'
import { apply, applyWhole, checkNft, isIntact } from './nft.ts'
import { serviceRules } from './service-rules.ts'
import { Table } from './table.ts'
import { pod, service, slice } from './test-objects.ts'

const settings = {
  family: 'IPv4',
  place: { nodeName: 'n1', zone: '' },
  podCidrs: ['10.244.0.0/16'],
  nodeAddresses: ['172.28.0.11'],
  masqueradeAll: false,
  hasSctp: true,
} as const
const fixed = fixedRules(settings)

interface Change {
  readonly name: string
  readonly endpoints: readonly number[] | undefined
  readonly isSticky: boolean
  readonly isLocal: boolean
  readonly isNode: boolean
  readonly external: boolean
}

const changes = fc.array(
  fc.record<Change>({
    name: fc.constantFrom('a', 'b', 'c'),
    endpoints: fc.option(fc.uniqueArray(fc.integer({ min: 1, max: 4 })), { nil: undefined }),
    isSticky: fc.boolean(),
    isLocal: fc.boolean(),
    isNode: fc.boolean(),
    external: fc.boolean(),
  }),
  { minLength: 1, maxLength: 8 },
)

function replace(table: Table, change: Change): void {
  const { name, endpoints, isSticky, isLocal, isNode, external } = change
  if (!endpoints) {
    table.replace(name, undefined)
    return
  }
  const nodePort = 30_000 + name.charCodeAt(0)
  const object = service({
    type: isNode ? 'NodePort' : 'ClusterIP',
    clusterIPs: [`10.96.0.${name.charCodeAt(0)}`],
    externalTrafficPolicy: isLocal ? 'Local' : 'Cluster',
    sessionAffinity: isSticky ? 'ClientIP' : 'None',
    externalIPs: external ? ['192.0.2.1'] : [],
    ports: [{ port: 80, protocol: 'TCP', targetPort: 8080, ...(isNode && { nodePort }) }],
  })
  const named = { ...object, metadata: { ...object.metadata, name } }
  const slices = [slice(endpoints.map((last) => [String(last)]))]
  table.replace(name, serviceRules(named, slices, settings).piece)
}

/** Handles and the order of chains and sets say when something was made, not what it is. */
function listed(text: string): string[] {
  return text
    .split(/\n\t(?=chain|set|map)/)
    .map((part) =>
      part
        .replace(/\belements = \{([^}]*)\}/g, (_, all: string) =>
          all
            .split(',')
            .map((each) => each.trim())
            .sort()
            .join(','),
        )
        .trim(),
    )
    .map((part) => part.replace(/\n}$/, '').trim())
    .sort()
}

test('changes one by one are the same as everything at once', { timeout: 120_000 }, async () => {
  await using spaces = new Namespaces()
  const first = systemCommands({ environment: process.env, prefix: spaces.prefix('first') })
  const second = systemCommands({ environment: process.env, prefix: spaces.prefix('second') })
  await checkNft(first)
  const list = { program: 'nft', arguments: ['list', 'table', 'ip', 'kube-proxy'] }
  const unwelcome = (error: Error): never => {
    throw error
  }
  await fc.assert(
    fc.asyncProperty(changes, async (steps) => {
      const table = new Table('IPv4', fixed)
      await applyWhole(first, table, 'IPv4', unwelcome)
      for (const step of steps) {
        replace(table, step)
        const delta = table.delta()
        if (delta) await apply(first, delta)
      }
      const fresh = new Table('IPv4', fixed)
      for (const step of steps) replace(fresh, step)
      await apply(second, fresh.whole({ chains: [], sets: [] }, true))
      expect(listed(await first.run(list))).toEqual(listed(await second.run(list)))
      expect(await isIntact(first, 'IPv4')).toBe(true)
    }),
    { seed: 11, numRuns: 40 },
  )
})

test('a Service with a thousand endpoints', async () => {
  await using spaces = new Namespaces()
  const commands = systemCommands({ environment: process.env, prefix: spaces.prefix('large') })
  const table = new Table('IPv4', fixed)
  await applyWhole(commands, table, 'IPv4', () => undefined)
  const lasts = Array.from({ length: 1000 }, (_, index) => `10.244.${index >> 8}.${index & 0xff}`)
  const rows = lasts.map((address) => [address] as const)
  table.replace('large', serviceRules(service({}), [slice(rows)], settings).piece)
  await apply(commands, table.delta()!)
  const given = ['list', 'chain', 'ip', 'kube-proxy', 'svc-default/web/tcp/80']
  expect(await commands.run({ program: 'nft', arguments: given })).toContain('mod 1000 map')
})

test('a table of another form is made anew, and says so', async () => {
  await using spaces = new Namespaces()
  const commands = systemCommands({ environment: process.env, prefix: spaces.prefix('other') })
  const older =
    'table ip kube-proxy { map service-ips { type ipv4_addr : verdict; }; chain x { }; }'
  await commands.run({ program: 'nft', arguments: ['-f', '-'], input: older })
  const table = new Table('IPv4', fixed)
  table.replace('pod', podRules(pod({}), 'IPv4').piece)
  const warnings: string[] = []
  await applyWhole(commands, table, 'IPv4', ({ message }) => warnings.push(message))
  expect(warnings).toHaveLength(1)
  expect(await isIntact(commands, 'IPv4')).toBe(true)
  const given = ['list', 'set', 'ip', 'kube-proxy', 'hairpin']
  expect(await commands.run({ program: 'nft', arguments: given })).toContain('10.244.0.5')
})

test('isIntact(): not without the table, and not without its rules', async () => {
  await using spaces = new Namespaces()
  const commands = systemCommands({ environment: process.env, prefix: spaces.prefix('lost') })
  expect(await isIntact(commands, 'IPv4')).toBe(false)
  await applyWhole(commands, new Table('IPv4', fixed), 'IPv4', () => undefined)
  expect(await isIntact(commands, 'IPv4')).toBe(true)
  await commands.run({ program: 'nft', arguments: ['flush', 'table', 'ip', 'kube-proxy'] })
  expect(await isIntact(commands, 'IPv4')).toBe(false)
})

test('IPv6 is accepted by nftables as well', async () => {
  await using spaces = new Namespaces()
  const commands = systemCommands({ environment: process.env, prefix: spaces.prefix('six') })
  const six = { ...settings, family: 'IPv6', podCidrs: ['fd01::/48'] } as const
  const table = new Table('IPv6', fixedRules(six))
  const object = service(
    {
      type: 'LoadBalancer',
      clusterIPs: ['fd00::20'],
      sessionAffinity: 'ClientIP',
      externalTrafficPolicy: 'Local',
      loadBalancerSourceRanges: ['fd02::/16'],
      ports: [{ port: 80, protocol: 'TCP', targetPort: 8080, nodePort: 30_080 }],
    },
    { loadBalancer: { ingress: [{ ip: 'fd00::99' }] } },
  )
  const slices = [slice([['fd01::1'], ['fd01::2']], { addressType: 'IPv6' })]
  table.replace('web', serviceRules(object, slices, six).piece)
  await applyWhole(commands, table, 'IPv6', () => undefined)
  expect(await isIntact(commands, 'IPv6')).toBe(true)
})

test('without the right to change the network it says what is wanted', async () => {
  const prefix = ['setpriv', '--bounding-set=-net_admin', '--inh-caps=-net_admin']
  const commands = systemCommands({ environment: process.env, prefix })
  await expect(checkNft(commands)).rejects.toThrow(/root and the capability NET_ADMIN/)
})
