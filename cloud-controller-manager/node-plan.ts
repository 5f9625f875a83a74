/** What a node should say about itself, from what its cloud knows about the machine. Pure. */
import { parseIp } from '#api/ip.ts'
import type { Node } from '#api/kinds/core/node.ts'
import type { NodeAddress } from '#api/parts/core/node-status.ts'
import type { InstanceMetadata } from './provider.ts'

export const UNINITIALIZED = 'node.cloudprovider.kubernetes.io/uninitialized'
export const SHUT_DOWN = 'node.cloudprovider.kubernetes.io/shutdown'
const PROVIDED_IP = 'alpha.kubernetes.io/provided-node-ip'

/** Older names and newer ones, both of which are in use. */
const labels = {
  instanceType: ['beta.kubernetes.io/instance-type', 'node.kubernetes.io/instance-type'],
  zone: ['failure-domain.beta.kubernetes.io/zone', 'topology.kubernetes.io/zone'],
  region: ['failure-domain.beta.kubernetes.io/region', 'topology.kubernetes.io/region'],
} as const

export const hasTaint = ({ spec }: Node, key: string): boolean =>
  (spec.taints ?? []).some((taint) => taint.key === key)

/** Throws an error when the cloud does not tell enough. */
export function initialized(node: Node, metadata: InstanceMetadata): object {
  const providerID = node.spec.providerID || metadata.providerId
  const { name } = node.metadata
  if (!providerID) throw new Error(`cloud provider does not set node provider ID for node ${name}`)
  // An address that its kubelet was told to use, and that the cloud does not know, is a mistake.
  preferredAddresses(node, metadata.addresses)
  const added = Object.entries(labels).flatMap(([field, names]) => {
    const value = metadata[field as keyof typeof labels]
    return value ? names.map((label) => [label, value]) : []
  })
  const taints = (node.spec.taints ?? []).filter(({ key }) => key !== UNINITIALIZED)
  const { resourceVersion } = node.metadata
  return {
    metadata: { resourceVersion, labels: Object.fromEntries(added) },
    spec: { providerID, taints },
  }
}

/** The newer names follow the older ones; undefined when they do already. */
export function newerLabels({ metadata }: Node): Record<string, string> | undefined {
  const present = metadata.labels ?? {}
  const changed = Object.values(labels).flatMap(([older, newer]) => {
    const value = present[older]
    return value === undefined || present[newer] === value ? [] : [[newer, value]]
  })
  return changed.length === 0 ? undefined : Object.fromEntries(changed)
}

/** The addresses that the node should show; undefined when the cloud knows none. */
export function wantedAddresses(
  node: Node,
  metadata: InstanceMetadata,
): readonly NodeAddress[] | undefined {
  const { addresses } = metadata
  if (addresses.length === 0) return undefined
  const isNamed = addresses.some(({ type }) => type === 'Hostname')
  const own = (node.status.addresses ?? []).filter(({ type }) => type === 'Hostname')
  return preferredAddresses(node, isNamed ? addresses : [...addresses, ...own])
}

/** Those that the kubelet was told to use come first, in place of others of their type. */
function preferredAddresses(
  { metadata }: Node,
  addresses: readonly NodeAddress[],
): readonly NodeAddress[] {
  const provided = metadata.annotations?.[PROVIDED_IP]
  if (!provided || addresses.length === 0) return addresses
  const wanted = provided.split(',').map((text) => text.trim())
  const first = wanted.map((text) => {
    const found = addresses.find(({ address }) => isSameIp(address, text))
    if (found) return found
    throw new Error(`failed to get node address from cloud provider that matches ip: ${text}`)
  })
  const isOther = (each: NodeAddress): boolean =>
    !first.some((one) => one.type === each.type && familyOf(one) === familyOf(each))
  return [...first, ...addresses.filter(isOther)]
}

const familyOf = ({ address }: NodeAddress): string => parseIp(address)?.family ?? ''

function isSameIp(one: string, other: string): boolean {
  const [a, b] = [parseIp(one), parseIp(other)]
  return a !== undefined && b !== undefined && a.family === b.family && a.value === b.value
}
