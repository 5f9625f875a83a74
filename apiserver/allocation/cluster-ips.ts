/** Addresses of Services: each is an IPAddress object, whose name makes it unique. */
import {
  bitsOf,
  type Cidr,
  cidrContains,
  formatIp,
  type IpFamily,
  networkOf,
  parseCidr,
  parseIp,
} from '#api/ip.ts'
import type { IPAddress } from '#api/kinds/networking/ip-address.ts'
import type { ServiceCIDR } from '#api/kinds/networking/service-cidr.ts'
import { epochToTime } from '#api/time.ts'
import { trackedCreate } from '../managed-fields.ts'
import type { ServerParts } from '../request-context.ts'
import type { Resource } from '../resources.ts'
import type { Step } from '../store/store.ts'
import type { ApiObject } from '../stored-object.ts'
import { type Band, drawFree, reservedOf } from './band.ts'

export const addressLabels = {
  family: 'ipaddress.kubernetes.io/ip-family',
  manager: 'ipaddress.kubernetes.io/managed-by',
} as const
export const ALLOCATOR = 'ipallocator.k8s.io'

const RESERVED = { share: 16n, least: 16n, most: 256n }
const GROUP = 'networking.k8s.io'

/** The Service that an address is for. */
export interface Holder {
  readonly namespace: string
  readonly name: string
}

export interface Allocated {
  readonly ip: string
  readonly step: Step
}

/** Why an address cannot be had, as upstream words it. */
export class AllocationRefused extends Error {}

export function addressResource({ resources }: ServerParts): Resource {
  return resources.find(GROUP, 'v1', 'ipaddresses')!
}

/** The ranges that may be used now: of the flags, and those that were added since. */
function usableRanges({ store, resources }: ServerParts): Cidr[] {
  const resource = resources.find(GROUP, 'v1', 'servicecidrs')!
  const objects = store.list(resource.prefix).entries.map((entry) => resource.parse(entry))
  return objects.filter(isUsable).flatMap(({ spec }) => cidrsOf(spec as ServiceCIDR['spec']))
}

const cidrsOf = ({ cidrs }: ServiceCIDR['spec']): Cidr[] =>
  (cidrs ?? []).flatMap((text) => parseCidr(text) ?? [])

/** A range about which nothing is known yet is good: its controller may not run. */
function isUsable({ metadata, status }: ApiObject): boolean {
  const { conditions } = status as ServiceCIDR['status']
  const ready = conditions?.find(({ type }) => type === 'Ready')
  return !metadata.deletionTimestamp && (!ready || ready.status === 'True')
}

/** Takes the address that is asked for. */
export function takeIp(parts: ServerParts, text: string, holder: Holder): Allocated {
  const ip = parseIp(text)!
  const range = usableRanges(parts).find((cidr) => cidrContains(cidr, ip))
  if (!range) {
    throw new AllocationRefused('the provided network does not match the current range')
  }
  const { first, last } = bandOf(range)
  if (ip.value < first || ip.value > last) {
    throw new AllocationRefused(`provided IP ${formatIp(ip)} is not in the valid range`)
  }
  const allocated = allocation(parts, formatIp(ip), ip.family, holder)
  if (parts.store.get(addressResource(parts).keyOf('', allocated.ip))) {
    throw new AllocationRefused('provided IP is already allocated')
  }
  return allocated
}

/** Takes any free address of a family. */
export function drawIp(parts: ServerParts, family: IpFamily, holder: Holder): Allocated {
  const resource = addressResource(parts)
  const textOf = (value: bigint): string => formatIp({ family, value })
  const isTaken = (value: bigint): boolean =>
    parts.store.get(resource.keyOf('', textOf(value))) !== undefined
  for (const range of usableRanges(parts).filter(({ ip }) => ip.family === family)) {
    const value = drawFree(bandOf(range), parts.random, isTaken)
    if (value !== undefined) return allocation(parts, textOf(value), family, holder)
  }
  throw new AllocationRefused('range is full')
}

/** The network's own address is never given out, nor is the broadcast address of IPv4. */
function bandOf(cidr: Cidr): Band {
  const { family } = cidr.ip
  const size = 1n << BigInt(bitsOf(family) - cidr.prefixLength)
  const network = networkOf(cidr).value
  const first = network + 1n
  const last = network + size - (family === 'IPv4' ? 2n : 1n)
  return { first, last, reserved: reservedOf(last - first + 1n, RESERVED) }
}

/** What gives an address back, if it is the Service's. */
export function releaseIp(parts: ServerParts, text: string, holder: Holder): Step[] {
  const ip = parseIp(text)
  if (!ip) return []
  const resource = addressResource(parts)
  const entry = parts.store.get(resource.keyOf('', formatIp(ip)))
  if (!entry) return []
  const { parentRef } = (resource.parse(entry) as unknown as IPAddress).spec
  const isIts = parentRef?.namespace === holder.namespace && parentRef.name === holder.name
  return isIts ? [{ type: 'delete', key: entry.key, expected: entry.revision }] : []
}

/** The new IPAddress object of a Service. */
export function allocation(
  parts: ServerParts,
  ip: string,
  family: IpFamily,
  { namespace, name }: Holder,
): Allocated {
  const resource = addressResource(parts)
  const now = parts.clock.now()
  const object = {
    kind: resource.kind.kind,
    apiVersion: resource.kind.apiVersion,
    metadata: {
      name: ip,
      uid: parts.random.uuid(),
      creationTimestamp: epochToTime(Math.floor(now / 1000)),
      labels: { [addressLabels.family]: family, [addressLabels.manager]: ALLOCATOR },
    },
    spec: { parentRef: { resource: 'services', namespace, name } },
  } as unknown as ApiObject
  trackedCreate(resource, object, 'kube-apiserver', now)
  return { ip, step: { type: 'put', draft: resource.draft(object), expected: 0 } }
}
