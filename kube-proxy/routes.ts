/** How packets get from this node to the pods of other nodes: by plain routes, or by a tunnel. */
import { cidrContains, formatIp, type IpFamily, networkOf, parseCidr, parseIp } from '#api/ip.ts'
import type { Node } from '#api/kinds/core/node.ts'

/** What --overlay says: plain routes need nodes that share a link. */
export const overlays = ['auto', 'routes', 'vxlan', 'none'] as const
export type Overlay = (typeof overlays)[number]

/** An address of this node, and the link that it is on. */
export interface LinkAddress {
  readonly device: string
  readonly address: string
  readonly prefixLength: number
}

export interface Route {
  readonly destination: string
  /** Undefined for addresses that lead nowhere. */
  readonly via?: string
  readonly isInTunnel?: true
}

/** One side of the tunnel: its address inside, and the hardware address that goes with it. */
interface TunnelEnd {
  readonly inside: string
  readonly hardware: string
}

interface TunnelPeer extends TunnelEnd {
  /** Where packets for it are sent. */
  readonly outside: string
  /** The usual one unless given. */
  readonly port?: number
}

export interface Tunnel extends TunnelEnd {
  readonly peers: readonly TunnelPeer[]
}

export interface RoutePlan {
  readonly routes: readonly Route[]
  readonly tunnel?: Tunnel
  /** Nodes whose pods cannot be reached, and why. */
  readonly unreachable: readonly { readonly node: string; readonly why: string }[]
}

/**
 * On a node that others reach under another port than the usual one, as where several nodes of one
 * machine share its address.
 */
const TUNNEL_PORT_LABEL = 'nanokube.io/tunnel-port'

export interface RouteQuestion {
  readonly nodes: readonly Node[]
  readonly nodeName: string
  readonly links: readonly LinkAddress[]
  readonly overlay: Exclude<Overlay, 'none'>
  readonly family: IpFamily
}

export function planRoutes(question: RouteQuestion): RoutePlan {
  const { nodes, nodeName, family, links, overlay } = question
  const own = nodes.find(({ metadata }) => metadata.name === nodeName)
  const outsideOf = (node: Node | undefined) => node && addressOf(node, 'ExternalIP', family)
  // Every host may have the same inner network for its nodes: outer addresses tell them apart.
  const isElsewhere = (node: Node): boolean => {
    const [ours, theirs] = [outsideOf(own), outsideOf(node)]
    return ours !== undefined && theirs !== undefined && ours !== theirs
  }
  const ownCidrs = own ? podCidrs(own, family) : []
  const routes: Route[] = ownCidrs.map((destination) => ({ destination }))
  const unreachable: { node: string; why: string }[] = []
  const peers: TunnelPeer[] = []
  for (const node of nodes) {
    const name = node.metadata.name ?? ''
    const [cidr] = podCidrs(node, family)
    if (name === nodeName || cidr === undefined) continue
    const address = addressOf(node, 'InternalIP', family)
    if (address === undefined) {
      unreachable.push({ node: name, why: `found no InternalIP of ${family} in its status` })
    } else if (overlay !== 'vxlan' && !isElsewhere(node) && sharesLink(address, links)) {
      routes.push({ destination: cidr, via: address })
    } else if (overlay === 'routes') {
      unreachable.push({ node: name, why: `${address} is on no link of this node` })
    } else if (family === 'IPv6' || ownCidrs.length === 0) {
      const why = family === 'IPv6' ? 'tunnels carry IPv4 alone' : 'this node has no podCIDR yet'
      unreachable.push({ node: name, why })
    } else {
      // Behind a translation of addresses others see a node only under its outer address.
      const outside = outsideOf(node) ?? address
      const end = tunnelEnd(cidr)
      const port = tunnelPort(node)
      peers.push({ ...end, outside, ...(port !== undefined && { port }) })
      routes.push({ destination: cidr, via: end.inside, isInTunnel: true })
    }
  }
  const tunnel = peers.length > 0 && { ...tunnelEnd(ownCidrs[0]!), peers }
  return { routes, unreachable, ...(tunnel && { tunnel }) }
}

/** What of a node matters here: if it is the same, so is the plan. */
export function routeFacts({ spec, status, metadata }: Node): string {
  const addresses = (status.addresses ?? []).map(({ type, address }) => `${type}=${address}`)
  const port = metadata.labels?.[TUNNEL_PORT_LABEL] ?? ''
  return [metadata.name, ...(spec.podCIDRs ?? []), ...addresses, port].join(' ')
}

function tunnelPort({ metadata }: Node): number | undefined {
  const text = metadata.labels?.[TUNNEL_PORT_LABEL] ?? ''
  const port = Number(text)
  return /^\d{1,5}$/.test(text) && port > 0 && port < 65_536 ? port : undefined
}

function addressOf(
  { status }: Node,
  wanted: 'InternalIP' | 'ExternalIP',
  family: IpFamily,
): string | undefined {
  const found = (status.addresses ?? []).find(
    ({ type, address }) => type === wanted && parseIp(address)?.family === family,
  )
  return found?.address
}

/** Canonical, as `ip` shows them, so that what is there can be compared. */
function podCidrs({ spec }: Node, family: IpFamily): string[] {
  return (spec.podCIDRs ?? []).flatMap((text) => {
    const cidr = parseCidr(text)
    return cidr?.ip.family === family ? [`${formatIp(networkOf(cidr))}/${cidr.prefixLength}`] : []
  })
}

function sharesLink(address: string, links: readonly LinkAddress[]): boolean {
  const ip = parseIp(address)
  return links.some((link) => {
    const own = parseIp(link.address)
    return ip && own && cidrContains({ ip: own, prefixLength: link.prefixLength }, ip)
  })
}

/** Both sides know each other's from the podCIDR alone, so that nobody has to announce them. */
function tunnelEnd(cidr: string): TunnelEnd {
  const { value, family } = networkOf(parseCidr(cidr)!)
  const bytes = value.toString(16).padStart(8, '0')
  return {
    inside: formatIp({ value, family }),
    // Locally administered: no card that was ever sold has it.
    hardware: `02:00:${bytes.match(/../g)!.join(':')}`,
  }
}
