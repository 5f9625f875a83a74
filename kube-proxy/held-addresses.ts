/** Which addresses of balancers this node takes traffic for: one node of a link holds each. */
import { createHash } from 'node:crypto'
import { cidrContains, parseIp } from '#api/ip.ts'
import type { Node } from '#api/kinds/core/node.ts'
import type { Service } from '#api/kinds/core/service.ts'
import type { EndpointSlice } from '#api/kinds/discovery/endpoint-slice.ts'
import { addressesOf } from './addresses.ts'
import type { LinkAddress } from './routes.ts'

export interface HeldAddress {
  readonly address: string
  readonly device: string
}

export interface HoldingQuestion {
  readonly services: readonly Service[]
  readonly slicesOf: (service: Service) => readonly EndpointSlice[]
  readonly nodes: readonly Node[]
  readonly nodeName: string
  readonly links: readonly LinkAddress[]
}

const EXCLUDED = 'node.kubernetes.io/exclude-from-external-load-balancers'

/** All nodes come to the same answer by themselves, from what all of them see. */
export function planHeldAddresses(question: HoldingQuestion): readonly HeldAddress[] {
  const { services, slicesOf, nodes, nodeName, links } = question
  const ready = nodes.filter(isFit).map(({ metadata }) => metadata.name ?? '')
  const held = new Map<string, HeldAddress>()
  for (const service of services) {
    for (const address of balancerAddresses(service)) {
      const device = deviceFor(address, links)
      if (device === undefined || isOfNode(address, nodes)) continue
      const isLocal = service.spec.externalTrafficPolicy === 'Local'
      const fit = isLocal ? nodesWithEndpoint(ready, slicesOf(service)) : ready
      if (holderOf(address, fit) === nodeName) held.set(address, { address, device })
    }
  }
  return [...held.values()]
}

/** With a class of its own, a balancer is somebody else's, who also brings traffic here. */
function balancerAddresses({ spec, status }: Service): readonly string[] {
  if (spec.type !== 'LoadBalancer' || spec.loadBalancerClass) return []
  const ingress = status.loadBalancer.ingress ?? []
  const texts = ingress.flatMap(({ ip, ipMode }) => (ip && ipMode !== 'Proxy' ? [ip] : []))
  return addressesOf(texts, 'IPv4')
}

function isFit({ metadata, status }: Node): boolean {
  if (metadata.deletionTimestamp || metadata.labels?.[EXCLUDED] !== undefined) return false
  const conditions = status.conditions ?? []
  return conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True')
}

function deviceFor(address: string, links: readonly LinkAddress[]): string | undefined {
  const ip = parseIp(address)
  const link = links.find(({ address: own, prefixLength }) => {
    const base = parseIp(own)
    return ip && base && cidrContains({ ip: base, prefixLength }, ip)
  })
  return link?.device
}

const isOfNode = (address: string, nodes: readonly Node[]): boolean =>
  nodes.some(({ status }) => (status.addresses ?? []).some((each) => each.address === address))

function nodesWithEndpoint(
  nodes: readonly string[],
  slices: readonly EndpointSlice[],
): readonly string[] {
  const having = new Set(
    slices.flatMap(({ endpoints }) =>
      (endpoints ?? [])
        .filter(({ conditions }) => conditions?.ready ?? true)
        .flatMap(({ nodeName }) => nodeName ?? []),
    ),
  )
  return nodes.filter((name) => having.has(name))
}

/** When a node goes, only its own addresses move. */
function holderOf(address: string, nodes: readonly string[]): string | undefined {
  const weight = (node: string): string =>
    createHash('sha256').update(`${address} ${node}`).digest('hex')
  const weighted = nodes.map((node) => ({ node, weight: weight(node) }))
  return weighted.reduce<(typeof weighted)[number] | undefined>(
    (best, each) => (best && best.weight > each.weight ? best : each),
    undefined,
  )?.node
}
