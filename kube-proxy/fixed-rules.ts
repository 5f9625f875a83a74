/** The part of the table that is the same for every Service: fixed chains that look into maps. */
import type { IpFamily } from '#api/ip.ts'

export interface FixedSettings {
  readonly family: IpFamily
  /** The addresses of all pods; empty when nobody said. */
  readonly podCidrs: readonly string[]
}

/** In the order in which they are made: a chain may name those before it. */
export interface FixedRules {
  /** Sets and maps, with what nftables writes between their braces. */
  readonly sets: readonly FixedSet[]
  /** By chain: how it is hooked in, if it is, and its rules. */
  readonly chains: readonly FixedChain[]
}

export interface FixedSet {
  readonly name: string
  readonly kind: 'set' | 'map'
  readonly definition: string
}

export interface FixedChain {
  readonly name: string
  readonly hook?: string
  readonly rules: readonly string[]
}

/** A bit of the mark of packets, as upstream's: whose source address is to become the node's. */
const MASQUERADE_BIT = 0x4000
const hex = (value: number): string => `0x${value.toString(16)}`

export const REJECT = 'goto reject-chain'

/** The chain whose loss shows that somebody has emptied the table. */
export const SENTINEL_CHAIN = 'services'

export function fixedRules(settings: FixedSettings): FixedRules {
  return { sets: fixedSets(settings.family), chains: fixedChains(settings) }
}

/** The keyword of nftables for a family. */
export const nftFamily = (family: IpFamily): 'ip' | 'ip6' => (family === 'IPv4' ? 'ip' : 'ip6')

/** `fd00::1` and `8080` cannot simply be joined by a colon. */
export const target = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`

/** One word, or several in braces. */
export const oneOf = (words: readonly string[]): string =>
  words.length === 1 ? words[0]! : `{ ${words.join(', ')} }`

function fixedSets(family: IpFamily): FixedSet[] {
  const address = family === 'IPv4' ? 'ipv4_addr' : 'ipv6_addr'
  const at = `${address} . inet_proto . inet_service`
  const port = 'inet_proto . inet_service'
  const map = (name: string, key: string, value: string): FixedSet => ({
    name,
    kind: 'map',
    definition: `type ${key} : ${value};`,
  })
  const ranges = (name: string): FixedSet => ({
    name,
    kind: 'set',
    definition: `type ${address}; flags interval; auto-merge;`,
  })
  return [
    ranges('cluster-ips'),
    ranges('nodeport-ips'),
    { name: 'hairpin', kind: 'set', definition: `type ${address} . ${address};` },
    map('no-endpoint-services', at, 'verdict'),
    map('no-endpoint-nodeports', port, 'verdict'),
    map('firewall-ips', at, 'verdict'),
    map('service-ips', at, 'verdict'),
    map('service-nodeports', port, 'verdict'),
    map('hostports-at', at, `${address} . inet_service`),
    map('hostports', port, `${address} . inet_service`),
  ]
}

function fixedChains({ family, podCidrs }: FixedSettings): FixedChain[] {
  const ip = nftFamily(family)
  const at = `${ip} daddr . meta l4proto . th dport`
  const nodePort = `${ip} daddr @nodeport-ips`
  const port = 'meta l4proto . th dport'
  const tcpReset = 'meta l4proto tcp reject with tcp reset'
  const redirect = family === 'IPv4' ? 'icmp type redirect' : 'icmpv6 type nd-redirect'
  const hooked = (name: string, hook: string, rules: readonly string[]): FixedChain => ({
    name,
    hook,
    rules,
  })
  const filter = (name: string, hook: string, priority: number, rules: readonly string[]) =>
    hooked(name, `type filter hook ${hook} priority ${priority};`, rules)
  const ifNew = (chain: string): string => `ct state new jump ${chain}`
  return [
    // A TCP client that gets an ICMP error from its own node waits a second before it believes it.
    { name: 'reject-chain', rules: [tcpReset, 'reject'] },
    { name: 'mark-masq', rules: [`meta mark set meta mark | ${hex(MASQUERADE_BIT)}`] },
    {
      name: 'cluster-ips-check',
      rules: [`${ip} daddr @cluster-ips ${tcpReset}`, `${ip} daddr @cluster-ips reject`],
    },
    { name: 'firewall-check', rules: [`${at} vmap @firewall-ips`] },
    { name: 'no-endpoint-check', rules: [`${at} vmap @no-endpoint-services`] },
    {
      name: 'nodeport-endpoint-check',
      rules: [`${nodePort} ${port} vmap @no-endpoint-nodeports`],
    },
    {
      name: SENTINEL_CHAIN,
      rules: [
        `${at} vmap @service-ips`,
        `${nodePort} fib daddr type local ${port} vmap @service-nodeports`,
        ...hostPortRules(family),
      ],
    },
    filter('filter-prerouting', 'prerouting', -110, [ifNew('firewall-check')]),
    filter('filter-input', 'input', -110, [
      ifNew('nodeport-endpoint-check'),
      ifNew('no-endpoint-check'),
    ]),
    filter('filter-forward', 'forward', -110, [
      ifNew('no-endpoint-check'),
      ifNew('cluster-ips-check'),
    ]),
    filter('filter-output', 'output', -110, [`${redirect} drop`, ifNew('firewall-check')]),
    // After nat-output: what has found an endpoint there is not looked up here any more.
    filter('filter-output-post', 'output', -90, [
      ifNew('no-endpoint-check'),
      ifNew('cluster-ips-check'),
    ]),
    hooked('nat-prerouting', 'type nat hook prerouting priority -100;', [`jump ${SENTINEL_CHAIN}`]),
    hooked('nat-output', 'type nat hook output priority -100;', [`jump ${SENTINEL_CHAIN}`]),
    hooked(
      'nat-postrouting',
      'type nat hook postrouting priority 100;',
      masqueradeRules(ip, podCidrs),
    ),
  ]
}

function hostPortRules(family: IpFamily): string[] {
  const ip = nftFamily(family)
  const loopback = family === 'IPv4' ? '127.0.0.0/8' : '::1'
  const local = `fib daddr type local ${ip} daddr != ${loopback} meta l4proto { tcp, udp, sctp }`
  const at = `${ip} daddr . meta l4proto . th dport`
  return [
    `${local} dnat ${ip} to ${at} map @hostports-at`,
    `${local} dnat ${ip} to meta l4proto . th dport map @hostports`,
  ]
}

function masqueradeRules(ip: 'ip' | 'ip6', podCidrs: readonly string[]): string[] {
  const bit = hex(MASQUERADE_BIT)
  const others = ~MASQUERADE_BIT >>> 0
  const multicast = ip === 'ip' ? '224.0.0.0/4' : 'ff00::/8'
  const egress = `${ip} saddr ${oneOf(podCidrs)} ${ip} daddr != ${oneOf([...podCidrs, multicast])}`
  return [
    `meta mark & ${bit} == ${bit} meta mark set meta mark & ${hex(others)} masquerade fully-random`,
    // A pod that reaches itself through a Service must not see its own address as the client's.
    `${ip} saddr . ${ip} daddr @hairpin masquerade fully-random`,
    ...(podCidrs.length > 0 ? [`${egress} masquerade fully-random`] : []),
  ]
}
