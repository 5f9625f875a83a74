/** Which slices to write so that they show the wanted endpoints, with as few writes as can be. */
import type { Endpoint, EndpointPort, EndpointSlice } from '#api/kinds/discovery/endpoint-slice.ts'
import { sameJson } from '#api/patch/same-json.ts'
import type { AddressType } from './endpoint-facts.ts'

/** Endpoints with the same ports, which is what one slice can hold. */
export interface WantedGroup {
  readonly ports: readonly EndpointPort[]
  readonly endpoints: readonly Endpoint[]
}

export interface SlicePlan {
  readonly create: readonly WantedGroup[]
  readonly update: readonly EndpointSlice[]
  readonly remove: readonly EndpointSlice[]
}

/** As upstream: more in one slice would make each change costly, fewer would make many objects. */
const ENDPOINTS_PER_SLICE_MAX = 100

const portsKey = (ports: readonly EndpointPort[] | null | undefined): string =>
  (ports ?? [])
    .map(({ name, protocol, port, appProtocol }) =>
      JSON.stringify([name ?? '', protocol ?? 'TCP', port ?? null, appProtocol ?? null]),
    )
    .toSorted()
    .join()

const endpointKey = ({ addresses, targetRef }: Endpoint): string =>
  `${targetRef?.uid ?? ''} ${(addresses ?? []).toSorted().join()}`

/** The endpoints of several pods together, by their ports. */
export function grouped(
  wanted: readonly { readonly ports: readonly EndpointPort[]; readonly endpoint: Endpoint }[],
): WantedGroup[] {
  const groups = new Map<string, { ports: readonly EndpointPort[]; endpoints: Endpoint[] }>()
  for (const { ports, endpoint } of wanted) {
    const key = portsKey(ports)
    const group = groups.get(key) ?? { ports, endpoints: [] }
    group.endpoints.push(endpoint)
    groups.set(key, group)
  }
  return [...groups.values()]
}

/** `existing` are slices of one Service and one address type. */
export function planSlices(
  wanted: readonly WantedGroup[],
  existing: readonly EndpointSlice[],
  labels: Readonly<Record<string, string>>,
): SlicePlan {
  const bySamePorts = Map.groupBy(existing, ({ ports }) => portsKey(ports))
  const create: WantedGroup[] = []
  const update: EndpointSlice[] = []
  const remove: EndpointSlice[] = []
  for (const group of wanted) {
    const key = portsKey(group.ports)
    const plan = planGroup(group, bySamePorts.get(key) ?? [], labels)
    bySamePorts.delete(key)
    create.push(...plan.create)
    update.push(...plan.update)
    remove.push(...plan.remove)
  }
  remove.push(...[...bySamePorts.values()].flat())
  if (create.length > 0 || remove.length < existing.length) return { create, update, remove }
  // A Service without endpoints has a slice that says so.
  const isThere = (slice: EndpointSlice) =>
    !slice.ports?.length && !slice.endpoints?.length && sameJson(slice.metadata.labels, labels)
  const placeholder = remove.find(isThere)
  if (placeholder) return { create, update, remove: remove.filter((each) => each !== placeholder) }
  return { create: [{ ports: [], endpoints: [] }], update, remove }
}

interface Kept {
  readonly slice: EndpointSlice
  endpoints: Endpoint[]
  isChanged: boolean
}

/**
 * What is wanted stays where it is. What is new goes into slices that change anyway, then into the
 * fullest of the others that has room for all of it, and else into new ones.
 */
function planGroup(
  { ports, endpoints }: WantedGroup,
  existing: readonly EndpointSlice[],
  labels: Readonly<Record<string, string>>,
): SlicePlan {
  const missing = new Map(endpoints.map((endpoint) => [endpointKey(endpoint), endpoint]))
  const kept = existing.map((slice) => keptOf(slice, missing, labels))
  const remove = kept.filter(({ endpoints: left }) => left.length === 0)
  const left = [...missing.values()]
  for (const each of kept.filter(({ isChanged }) => isChanged)) fill(each, left)
  if (left.length > 0 && left.length < ENDPOINTS_PER_SLICE_MAX) {
    const room = kept
      .filter(({ isChanged }) => !isChanged)
      .filter((each) => each.endpoints.length + left.length <= ENDPOINTS_PER_SLICE_MAX)
      .toSorted((a, b) => b.endpoints.length - a.endpoints.length)[0]
    if (room) fill(room, left)
  }
  const create: WantedGroup[] = []
  while (left.length > 0) {
    create.push({ ports, endpoints: left.splice(0, ENDPOINTS_PER_SLICE_MAX) })
  }
  const isEmpty = (each: Kept) => each.endpoints.length === 0
  return {
    create,
    update: kept
      .filter((each) => each.isChanged && !isEmpty(each))
      .map((each) => changed(each, labels)),
    remove: remove.filter(isEmpty).map(({ slice }) => slice),
  }
}

/** What of a slice is wanted, as it is wanted now; that is missing nowhere any more. */
function keptOf(
  slice: EndpointSlice,
  missing: Map<string, Endpoint>,
  labels: Readonly<Record<string, string>>,
): Kept {
  const endpoints: Endpoint[] = []
  let isChanged = !sameJson(slice.metadata.labels, labels)
  for (const present of slice.endpoints ?? []) {
    const key = endpointKey(present)
    const wanted = missing.get(key)
    missing.delete(key)
    if (wanted) endpoints.push(wanted)
    if (!wanted || !sameJson(wanted, present)) isChanged = true
  }
  return { slice, endpoints, isChanged }
}

function fill(kept: Kept, left: Endpoint[]): void {
  const room = ENDPOINTS_PER_SLICE_MAX - kept.endpoints.length
  const added = left.splice(0, Math.max(room, 0))
  if (added.length === 0) return
  kept.endpoints = [...kept.endpoints, ...added]
  kept.isChanged = true
}

const changed = (
  { slice, endpoints }: Kept,
  labels: Readonly<Record<string, string>>,
): EndpointSlice => ({
  ...slice,
  metadata: { ...slice.metadata, labels: { ...labels } },
  endpoints,
})

export const ofType = (slices: readonly EndpointSlice[], type: AddressType): EndpointSlice[] =>
  slices.filter(({ addressType }) => addressType === type)
