/** What of the Node objects matters to the rules of this node. */
import type { IpFamily } from '#api/ip.ts'
import type { Node } from '#api/kinds/core/node.ts'
import type { ServiceCIDR } from '#api/kinds/networking/service-cidr.ts'
import { addressesOf, addressOf, rangesOf } from './addresses.ts'
import type { Place } from './backends.ts'
import { elementKey, newPiece, type Piece } from './piece.ts'

export interface NodeFacts {
  readonly place: Place
  readonly addresses: readonly string[]
}

const ZONE = 'topology.kubernetes.io/zone'

/** The node may not be there yet: then it is nowhere, and has no address. */
export function nodeFacts(nodeName: string, node: Node | undefined): NodeFacts {
  const addresses = (node?.status.addresses ?? [])
    .filter(({ type }) => type === 'InternalIP')
    .flatMap(({ address }) => addressOf(address, 'IPv4') ?? addressOf(address, 'IPv6') ?? [])
  return { place: { nodeName, zone: node?.metadata.labels?.[ZONE] ?? '' }, addresses }
}

export const sameFacts = (left: NodeFacts, right: NodeFacts): boolean =>
  left.place.zone === right.place.zone && left.addresses.join() === right.addresses.join()

/** Where NodePorts are served: the addresses of the node, or all of its own within some ranges. */
export function nodePiece(
  family: IpFamily,
  { addresses }: NodeFacts,
  nodePortAddresses: readonly string[],
): Piece {
  const piece = newPiece()
  const isPrimary = nodePortAddresses.length === 0 || nodePortAddresses.includes('primary')
  const ranges = rangesOf(nodePortAddresses, family)
  const own = isPrimary ? addressesOf(addresses, family) : []
  for (const text of [...own, ...ranges]) piece.elements.set(elementKey('nodeport-ips', text), '')
  return piece
}

/** Addresses that Services may get: whatever is no Service there is nothing at all. */
export function serviceCidrPiece(family: IpFamily, { spec }: ServiceCIDR): Piece {
  const piece = newPiece()
  for (const cidr of rangesOf(spec.cidrs ?? [], family)) {
    piece.elements.set(elementKey('cluster-ips', cidr), '')
  }
  return piece
}
