/** Which slices show what somebody has written into Endpoints by hand. Pure. */

import { formatIp, parseIp } from '#api/ip.ts'
import type { EndpointAddress, EndpointSubset, Endpoints } from '#api/kinds/core/endpoints.ts'
import type { Endpoint, EndpointPort, EndpointSlice } from '#api/kinds/discovery/endpoint-slice.ts'
import { sameJson } from '#api/patch/same-json.ts'
import type { AddressType } from './endpoint-facts.ts'

export const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by'
export const MANAGER = 'endpointslicemirroring-controller.k8s.io'
export const SERVICE_NAME = 'kubernetes.io/service-name'
const SKIP = 'endpointslice.kubernetes.io/skip-mirror'
const LEADER = 'control-plane.alpha.kubernetes.io/leader'
/** Annotations that are about the Endpoints themselves. */
const ownAnnotations: ReadonlySet<string> = new Set([
  'endpoints.kubernetes.io/last-change-trigger-time',
  'kubectl.kubernetes.io/last-applied-configuration',
])

export const isMirrored = ({ metadata }: Endpoints): boolean =>
  metadata.labels?.[SKIP] !== 'true' && metadata.annotations?.[LEADER] === undefined

/** What a slice says about itself and holds. */
export interface MirrorSlice {
  readonly addressType: AddressType
  readonly ports: readonly EndpointPort[]
  readonly endpoints: readonly Endpoint[]
}

export interface Mirror {
  readonly slices: readonly MirrorSlice[]
  readonly invalid: number
  /** Beyond what one subset may have. */
  readonly skipped: number
}

/** One slice for each set of ports and each family. */
export function mirrorOf({ subsets }: Endpoints, perSubsetMax: number): Mirror {
  const slices = new Map<string, { slice: MirrorSlice; endpoints: Map<string, Endpoint> }>()
  let [invalid, skipped] = [0, 0]
  for (const subset of (subsets ?? []) as readonly EndpointSubset[]) {
    const ports = (subset.ports ?? []).map(portOf)
    const all = [
      ...(subset.addresses ?? []).map((address) => ({ address, ready: true })),
      ...(subset.notReadyAddresses ?? []).map((address) => ({ address, ready: false })),
    ]
    let left = perSubsetMax
    for (const { address, ready } of all) {
      const found = left > 0 ? endpointOf(address, ready) : undefined
      if (left === 0) skipped++
      else if (!found) invalid++
      if (!found) continue
      left--
      const { addressType, endpoint } = found
      const key = JSON.stringify([addressType, ports])
      const known = slices.get(key) ?? {
        slice: { addressType, ports, endpoints: [] },
        endpoints: new Map(),
      }
      slices.set(key, known)
      const identity = JSON.stringify([endpoint.addresses, endpoint.targetRef, endpoint.hostname])
      // Ready once is ready.
      if (ready || !known.endpoints.has(identity)) known.endpoints.set(identity, endpoint)
    }
  }
  const made = [...slices.values()].map(({ slice, endpoints }) => ({
    ...slice,
    endpoints: [...endpoints.values()],
  }))
  return { slices: made, invalid, skipped }
}

function portOf({ name = '', port, protocol = 'TCP', appProtocol }: PortLike): EndpointPort {
  return { name, port, protocol, ...(appProtocol && { appProtocol }) } as EndpointPort
}
type PortLike = NonNullable<EndpointSubset['ports']>[number]

function endpointOf(address: EndpointAddress, ready: boolean) {
  const ip = parseIp(address.ip)
  if (!ip) return undefined
  const { targetRef, nodeName, hostname } = address
  const endpoint = {
    addresses: [formatIp(ip)],
    conditions: { ready },
    ...(hostname && { hostname }),
    ...(targetRef && { targetRef }),
    ...(nodeName && { nodeName }),
  } as Endpoint
  return { addressType: ip.family, endpoint }
}

export interface SliceMeta {
  readonly labels: Record<string, string>
  readonly annotations: Record<string, string>
}

export function sliceMeta({ metadata }: Endpoints): SliceMeta {
  const annotations = Object.entries(metadata.annotations ?? {}).filter(
    ([name]) => !ownAnnotations.has(name),
  )
  return {
    labels: { ...metadata.labels, [SERVICE_NAME]: metadata.name, [MANAGED_BY]: MANAGER },
    annotations: Object.fromEntries(annotations),
  }
}

export interface MirrorPlan {
  readonly create: readonly MirrorSlice[]
  readonly update: readonly EndpointSlice[]
  readonly remove: readonly EndpointSlice[]
}

/** A slice that is not wanted any more becomes one that is, where its family allows that. */
export function planMirror(
  wanted: readonly MirrorSlice[],
  existing: readonly EndpointSlice[],
  meta: SliceMeta,
): MirrorPlan {
  const left = new Set(existing)
  const pairs = wanted.map((slice) => {
    const same = [...left].find(
      (each) => each.addressType === slice.addressType && sameJson(each.ports ?? [], slice.ports),
    )
    if (same) left.delete(same)
    return { slice, present: same }
  })
  const update: EndpointSlice[] = []
  const create: MirrorSlice[] = []
  for (const { slice, present } of pairs) {
    const reused = present ?? [...left].find((each) => each.addressType === slice.addressType)
    if (!reused) {
      create.push(slice)
      continue
    }
    left.delete(reused)
    const changed = withContent(reused, slice, meta)
    if (changed) update.push(changed)
  }
  return { create, update, remove: [...left] }
}

function withContent(
  present: EndpointSlice,
  { ports, endpoints }: MirrorSlice,
  { labels, annotations }: SliceMeta,
): EndpointSlice | undefined {
  const { metadata } = present
  const isSame =
    sameJson(present.ports ?? [], ports) &&
    sameJson(present.endpoints ?? [], endpoints) &&
    sameJson(metadata.labels ?? {}, labels) &&
    sameJson(metadata.annotations ?? {}, annotations)
  if (isSame) return undefined
  return {
    ...present,
    metadata: { ...metadata, labels, annotations },
    ports: [...ports],
    endpoints: [...endpoints],
  }
}
