/** One Service as rules: every type, policy and address, as the text that nftables is given. */
import { describe, expect, test } from 'vitest'
import { localEndpointCount, type ServiceSettings, serviceRules } from './service-rules.ts'
import { type EndpointRow, service, slice } from './test-objects.ts'

const settings: ServiceSettings = {
  family: 'IPv4',
  place: { nodeName: 'n1', zone: '' },
  podCidrs: ['10.244.0.0/16'],
  nodeAddresses: ['172.28.0.11'],
  masqueradeAll: false,
  hasSctp: true,
}
type Spec = Parameters<typeof service>[0]

const away = { nodeName: 'n2' }
const both: readonly EndpointRow[] = [['1'], ['2', away]]

/** One line for each rule, set and element, in order. */
function rulesOf(
  spec: Spec,
  endpoints: readonly EndpointRow[],
  more: Partial<ServiceSettings> = {},
  status: Parameters<typeof service>[1] = {},
): string[] {
  const slices = [slice(endpoints)]
  const { piece } = serviceRules(service(spec, status), slices, { ...settings, ...more })
  const elements = [...piece.elements].filter(([key]) => !key.startsWith('hairpin'))
  return [
    ...[...piece.sets].map(([name, definition]) => `set ${name}: ${definition}`),
    ...[...piece.chains].flatMap(([name, rules]) => rules.map((rule) => `${name}: ${rule}`)),
    ...elements.map(([key, value]) => `${key.replace('\n', ' ')} -> ${value}`),
  ]
}

const web = 'default/web/tcp/80'
const fromOutside = 'ip saddr != 10.244.0.0/16 jump mark-masq'
const toFirst = 'meta l4proto tcp dnat ip to 10.244.0.1:8080'
const toBoth =
  'meta l4proto tcp dnat ip to numgen random mod 2 map { 0 : 10.244.0.1 . 8080, 1 : 10.244.0.2 . 8080 }'
const nodePort: Spec = {
  type: 'NodePort',
  externalTrafficPolicy: 'Cluster',
  ports: [{ port: 80, protocol: 'TCP', targetPort: 8080, nodePort: 30080 }],
}
const local: Spec = { ...nodePort, externalTrafficPolicy: 'Local' }

describe('serviceRules(): inside', () => {
  test.for<[string, Spec, readonly EndpointRow[], string[]]>([
    [
      'one endpoint',
      {},
      [['1']],
      [
        `svc-${web}: ${fromOutside}`,
        `svc-${web}: ${toFirst}`,
        `service-ips 10.96.0.20 . tcp . 80 -> goto svc-${web}`,
      ],
    ],
    [
      'several endpoints are one rule',
      {},
      both,
      [
        `svc-${web}: ${fromOutside}`,
        `svc-${web}: ${toBoth}`,
        `service-ips 10.96.0.20 . tcp . 80 -> goto svc-${web}`,
      ],
    ],
    ['no endpoints', {}, [], ['no-endpoint-services 10.96.0.20 . tcp . 80 -> goto reject-chain']],
    ['headless: nothing', { clusterIP: 'None', clusterIPs: ['None'] }, both, []],
    ['an alias: nothing', { type: 'ExternalName', clusterIPs: [], clusterIP: '' }, [], []],
    [
      'the policy Local',
      { internalTrafficPolicy: 'Local' },
      both,
      [
        `svl-${web}: ${toFirst}`,
        `int-${web}: ${fromOutside}`,
        `int-${web}: goto svl-${web}`,
        `service-ips 10.96.0.20 . tcp . 80 -> goto int-${web}`,
      ],
    ],
    [
      'the policy Local without local endpoints',
      { internalTrafficPolicy: 'Local' },
      [['2', away]],
      ['no-endpoint-services 10.96.0.20 . tcp . 80 -> goto reject-chain'],
    ],
    [
      'clients that stick',
      { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } } },
      [['1']],
      [
        `set aff-60-${web}/10.244.0.1/8080: type ipv4_addr; flags dynamic,timeout; timeout 60s; size 65536;`,
        `ep-${web}/10.244.0.1/8080: update @aff-60-${web}/10.244.0.1/8080 { ip saddr }`,
        `ep-${web}/10.244.0.1/8080: ${toFirst}`,
        `svc-${web}: ${fromOutside}`,
        `svc-${web}: ip saddr @aff-60-${web}/10.244.0.1/8080 goto ep-${web}/10.244.0.1/8080`,
        `svc-${web}: numgen random mod 1 vmap { 0 : goto ep-${web}/10.244.0.1/8080 }`,
        `service-ips 10.96.0.20 . tcp . 80 -> goto svc-${web}`,
      ],
    ],
  ])('%s', ([, spec, endpoints, wanted]) => {
    expect(rulesOf(spec, endpoints)).toEqual(wanted)
  })

  test('the address of this family is used', () => {
    const spec = { clusterIPs: ['fd00::20', '10.96.0.20'], clusterIP: 'fd00::20' }
    expect(rulesOf(spec, [['1']]).at(-1)).toMatch(/^service-ips 10\.96\.0\.20 /)
    const six = slice([['fd01::1'], ['fd01::2']], { addressType: 'IPv6' })
    const more = { ...settings, family: 'IPv6', podCidrs: ['fd01::/48'] } as const
    const { chains, elements } = serviceRules(service(spec), [six], more).piece
    expect(chains.get(`svc-${web}`)).toEqual([
      'ip6 saddr != fd01::/48 jump mark-masq',
      'meta l4proto tcp dnat ip6 to numgen random mod 2 map { 0 : fd01::1 . 8080, 1 : fd01::2 . 8080 }',
    ])
    expect([...elements.keys()].at(-1)).toBe('service-ips\nfd00::20 . tcp . 80')
  })

  test('who is masqueraded follows the flags', () => {
    expect(rulesOf({}, [['1']], { masqueradeAll: true })[0]).toBe(`svc-${web}: jump mark-masq`)
    expect(rulesOf({}, [['1']], { podCidrs: [] })[0]).toBe(`svc-${web}: ${toFirst}`)
  })

  test('SCTP, where the kernel does not know it, is refused and reported', () => {
    const ports = [{ name: 'sig', port: 80, protocol: 'SCTP' as const, targetPort: 8080 }]
    const slices = [slice([['1']], { ports: [{ name: 'sig', protocol: 'SCTP', port: 8080 }] })]
    const without = serviceRules(service({ ports }), slices, { ...settings, hasSctp: false })
    expect(without.refused).toEqual(['sig'])
    expect([...without.piece.elements]).toEqual([
      ['no-endpoint-services\n10.96.0.20 . sctp . 80', 'goto reject-chain'],
    ])
    const { refused, piece } = serviceRules(service({ ports }), slices, settings)
    expect(refused).toEqual([])
    expect(piece.chains.get('svc-default/web/sctp/80')?.at(-1)).toBe(
      'meta l4proto sctp dnat ip to 10.244.0.1:8080',
    )
  })
})

describe('serviceRules(): outside', () => {
  const elements = (...given: Parameters<typeof rulesOf>) =>
    rulesOf(...given).filter((line) => / -> |^(ext|fw)-/.test(line))
  const inside = `service-ips 10.96.0.20 . tcp . 80 -> goto svc-${web}`
  const external = [`ext-${web}: jump mark-masq`, `ext-${web}: goto svc-${web}`]
  test.for<[string, Spec, readonly EndpointRow[], string[]]>([
    [
      'a NodePort',
      nodePort,
      both,
      [...external, inside, `service-nodeports tcp . 30080 -> goto ext-${web}`],
    ],
    [
      'a NodePort without endpoints',
      nodePort,
      [],
      [
        'no-endpoint-services 10.96.0.20 . tcp . 80 -> goto reject-chain',
        'no-endpoint-nodeports tcp . 30080 -> goto reject-chain',
      ],
    ],
    [
      'the policy Local: clients keep their address, pods and nodes are balanced',
      local,
      both,
      [
        `ext-${web}: ip saddr 10.244.0.0/16 goto svc-${web}`,
        `ext-${web}: fib saddr type local jump mark-masq`,
        `ext-${web}: fib saddr type local goto svc-${web}`,
        `ext-${web}: goto svl-${web}`,
        inside,
        `service-nodeports tcp . 30080 -> goto ext-${web}`,
      ],
    ],
    [
      'the policy Local without local endpoints: others are refused at the NodePort',
      local,
      [['2', away]],
      [
        `ext-${web}: ip saddr 10.244.0.0/16 goto svc-${web}`,
        `ext-${web}: fib saddr type local jump mark-masq`,
        `ext-${web}: fib saddr type local goto svc-${web}`,
        inside,
        `service-nodeports tcp . 30080 -> goto ext-${web}`,
        'no-endpoint-nodeports tcp . 30080 -> goto reject-chain',
      ],
    ],
    [
      'external addresses',
      { externalIPs: ['192.0.2.1', 'fd00::1'] },
      [['1']],
      [...external, inside, `service-ips 192.0.2.1 . tcp . 80 -> goto ext-${web}`],
    ],
    [
      'both policies Local',
      { ...local, internalTrafficPolicy: 'Local' },
      [['1']],
      [
        `ext-${web}: ip saddr 10.244.0.0/16 goto svc-${web}`,
        `ext-${web}: fib saddr type local jump mark-masq`,
        `ext-${web}: fib saddr type local goto svc-${web}`,
        `ext-${web}: goto svl-${web}`,
        `service-ips 10.96.0.20 . tcp . 80 -> goto int-${web}`,
        `service-nodeports tcp . 30080 -> goto ext-${web}`,
      ],
    ],
  ])('%s', ([, spec, endpoints, wanted]) => {
    expect(elements(spec, endpoints).toSorted()).toEqual(wanted.toSorted())
  })

  const balancer: Spec = { ...nodePort, type: 'LoadBalancer' }
  const at = (...ingress: { ip: string; ipMode?: 'VIP' | 'Proxy' }[]) => ({
    loadBalancer: { ingress },
  })
  test('addresses of a balancer, but not those of one that is a proxy', () => {
    const status = at({ ip: '172.28.0.200' }, { ip: '172.28.0.201', ipMode: 'Proxy' })
    const lines = elements(balancer, [['1']], {}, status)
    expect(lines).toContain(`service-ips 172.28.0.200 . tcp . 80 -> goto ext-${web}`)
    expect(lines.join()).not.toContain('172.28.0.201')
  })
  test('with the policy Local and no local endpoints, they stay silent', () => {
    const spec = { ...balancer, externalTrafficPolicy: 'Local' as const }
    const lines = elements(spec, [['2', away]], {}, at({ ip: '172.28.0.200' }))
    expect(lines).toContain('no-endpoint-services 172.28.0.200 . tcp . 80 -> drop')
  })
  test.for([
    ['a range', ['192.0.2.0/24'], '{ 192.0.2.0/24 }'],
    [
      'ranges within each other',
      ['192.0.2.0/25', '192.0.0.0/16', '192.0.0.0/16'],
      '{ 192.0.0.0/16 }',
    ],
    ['ranges that let the node through', ['172.28.0.0/25'], '{ 172.28.0.0/25, 172.28.0.200 }'],
    ['of this family alone', ['fd00::/8', ' 192.0.2.0/24 '], '{ 192.0.2.0/24 }'],
    ['in any form', ['192.0.2.9/24', '192.0.2.0/24'], '{ 192.0.2.0/24 }'],
  ] as const)('source ranges: %s', ([, ranges, wanted]) => {
    const spec = { ...balancer, loadBalancerSourceRanges: [...ranges] }
    const lines = elements(spec, [['1']], {}, at({ ip: '172.28.0.200' }))
    expect(lines).toContain(`fw-${web}: ip saddr != ${wanted} drop`)
    expect(lines).toContain(`firewall-ips 172.28.0.200 . tcp . 80 -> goto fw-${web}`)
  })
})

test('source ranges that let everybody through are no rule', () => {
  const spec = { type: 'LoadBalancer', loadBalancerSourceRanges: ['192.0.2.0/24', '0.0.0.0/0'] }
  const status = { loadBalancer: { ingress: [{ ip: '172.28.0.200' }] } }
  expect(rulesOf(spec as Spec, [['1']], {}, status).join()).not.toMatch(/fw-|firewall-ips/)
})

test('serviceRules(): where packets of UDP may go, for each way in', () => {
  const ports = [{ port: 53, protocol: 'UDP' as const, targetPort: 53, nodePort: 30053 }]
  const slices = [slice(both, { ports: [{ protocol: 'UDP', port: 53 }] })]
  const spec = {
    ...nodePort,
    ports,
    externalIPs: ['192.0.2.1'],
    internalTrafficPolicy: 'Local' as const,
  }
  const all = ['10.244.0.1 53', '10.244.0.2 53', '10.244.0.1 53']
  expect(serviceRules(service(spec), slices, settings).udp).toEqual([
    { address: '10.96.0.20', port: 53, backends: ['10.244.0.1 53'] },
    { address: '192.0.2.1', port: 53, backends: all },
    { address: undefined, port: 30053, backends: all },
  ])
})

test('serviceRules(): endpoints that may ask for themselves on this node', () => {
  const slices = [slice([['1'], ['2', away], ['3', { nodeName: undefined } as never]])]
  const { elements } = serviceRules(service({}), slices, settings).piece
  expect([...elements.keys()].filter((key) => key.startsWith('hairpin'))).toEqual([
    'hairpin\n10.244.0.1 . 10.244.0.1',
    'hairpin\n10.244.0.3 . 10.244.0.3',
  ])
})

test('localEndpointCount(): ready ones on this node, each once', () => {
  const slices = [
    slice([['1'], ['2', away], ['3', { conditions: { ready: false } }]]),
    slice([['1'], ['4', { conditions: {} }]]),
  ]
  expect(localEndpointCount(slices, settings.place)).toBe(2)
})
