/** What the Endpoints of a Service should hold: its pods, in as few subsets as can be. Pure. */
import { findCondition } from '#api/conditions.ts'
import type {
  EndpointAddress,
  EndpointPort,
  EndpointSubset,
  Endpoints,
} from '#api/kinds/core/endpoints.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import type { Service } from '#api/kinds/core/service.ts'
import { sameJson } from '#api/patch/same-json.ts'
import { isReady } from '../pods.ts'
import { addressesOf, addressTypesOf, isHeadless, isShown, portsFor } from './endpoint-facts.ts'

const MANAGED_BY = 'endpoints.kubernetes.io/managed-by'
const MANAGER = 'endpoint-controller'
const HEADLESS = 'service.kubernetes.io/headless'
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity'
const TRUNCATED = 'truncated'
const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time'
/** Addresses of one object: more would make it too large for everybody who watches it. */
const CAPACITY = 1000

export const isOurs = ({ metadata }: Endpoints): boolean =>
  metadata.labels?.[MANAGED_BY] === MANAGER

/** One pod on one port. */
interface Entry {
  readonly port: EndpointPort | undefined
  readonly address: EndpointAddress
  readonly isReady: boolean
}

export function subsetsFor(service: Service, pods: readonly Pod[]): readonly EndpointSubset[] {
  const { publishNotReadyAddresses = false, ports = [] } = service.spec
  const shown = pods.filter(
    (pod) => isShown(pod) && (publishNotReadyAddresses || !pod.metadata.deletionTimestamp),
  )
  const entries = shown.flatMap((pod): Entry[] => {
    const address = addressFor(service, pod)
    if (!address) return []
    const entry = { address, isReady: publishNotReadyAddresses || isReady(pod) }
    // Only without a balancer does a pod without ports make sense.
    if (!ports?.length) return isHeadless(service) ? [{ ...entry, port: undefined }] : []
    return portsFor(service, pod).map((port) => ({ ...entry, port: plainPort(port) }))
  })
  return packed(entries)
}

/** Of the first family of the Service alone: there is no room for a second. */
function addressFor(service: Service, pod: Pod): EndpointAddress | undefined {
  const [type] = addressTypesOf(service)
  const [ip] = addressesOf(pod, type!)
  if (!ip) return undefined
  const { namespace = '', name, uid } = pod.metadata
  const { nodeName, hostname, subdomain } = pod.spec
  return {
    ip,
    ...(hostname && subdomain === service.metadata.name && { hostname }),
    ...(nodeName && { nodeName }),
    targetRef: { kind: 'Pod', namespace, name, uid },
  } as EndpointAddress
}

function plainPort({ name, port, protocol, appProtocol }: ReturnType<typeof portsFor>[number]) {
  return {
    ...(name && { name }),
    port,
    protocol,
    ...(appProtocol && { appProtocol }),
  } as EndpointPort
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const byIp = (a: EndpointAddress, b: EndpointAddress): number =>
  byText(a.ip, b.ip) || byText(a.targetRef?.uid ?? '', b.targetRef?.uid ?? '')
const byNumber = (a: EndpointPort, b: EndpointPort): number =>
  a.port - b.port ||
  byText(a.protocol ?? '', b.protocol ?? '') ||
  byText(a.name ?? '', b.name ?? '')

const portKey = (port: EndpointPort | undefined): string =>
  port ? `${port.name ?? ''}/${port.port}/${port.protocol}/${port.appProtocol ?? ''}` : ''

/** An address is that of one pod, and says nothing else that two entries could differ in. */
const entryKey = ({ address, isReady: ready }: Entry): string =>
  `${address.targetRef?.uid ?? ''} ${ready ? 'ready' : ''}`

/** Ports that exactly the same addresses have, in the same state, share a subset. */
function packed(entries: readonly Entry[]): readonly EndpointSubset[] {
  const byPort = Map.groupBy(entries, ({ port }) => portKey(port))
  const groups = new Map<string, { ports: EndpointPort[]; entries: readonly Entry[] }>()
  for (const ofPort of byPort.values()) {
    const sorted = ofPort.toSorted((a, b) => byIp(a.address, b.address))
    const key = sorted.map(entryKey).join()
    const group = groups.get(key) ?? { ports: [], entries: sorted }
    const [{ port }] = sorted as [Entry]
    if (port) group.ports.push(port)
    groups.set(key, group)
  }
  return [...groups.values()]
    .map(({ ports, entries: all }) => subsetOf(ports.toSorted(byNumber), all))
    .toSorted((a, b) => byText(JSON.stringify(a.ports ?? []), JSON.stringify(b.ports ?? [])))
}

function subsetOf(ports: EndpointPort[], entries: readonly Entry[]): EndpointSubset {
  const some = (ready: boolean) =>
    entries.filter((entry) => entry.isReady === ready).map(({ address }) => address)
  const [addresses, notReadyAddresses] = [some(true), some(false)]
  return {
    ...(addresses.length > 0 && { addresses }),
    ...(notReadyAddresses.length > 0 && { notReadyAddresses }),
    ...(ports.length > 0 && { ports }),
  } as EndpointSubset
}

type Field = 'addresses' | 'notReadyAddresses'
const countOf = (subsets: readonly EndpointSubset[], field: Field): number =>
  subsets.reduce((sum, subset) => sum + (subset[field]?.length ?? 0), 0)

/** Ready addresses first; of those that have to share the room, each subset gets its part. */
export function truncated(
  subsets: readonly EndpointSubset[],
  capacity: number = CAPACITY,
): readonly EndpointSubset[] {
  const ready = countOf(subsets, 'addresses')
  if (ready + countOf(subsets, 'notReadyAddresses') <= capacity) return subsets
  const isReadyCut = ready > capacity
  const field: Field = isReadyCut ? 'addresses' : 'notReadyAddresses'
  const room = isReadyCut ? capacity : capacity - ready
  const total = countOf(subsets, field)
  let left = room
  const cut = subsets.map((subset) => {
    const all = subset[field] ?? []
    const part = Math.min(Math.ceil((all.length / total) * room), left)
    left -= Math.min(part, all.length)
    const { notReadyAddresses, ...rest } = subset
    const kept = all.slice(0, part)
    if (isReadyCut) return { ...rest, addresses: kept }
    return { ...rest, ...(kept.length > 0 && { notReadyAddresses: kept }) }
  })
  return cut.filter((each) => countOf([each], 'addresses') + countOf([each], 'notReadyAddresses'))
}

export interface WantedEndpoints {
  readonly labels: Record<string, string>
  readonly annotations: Record<string, string>
  readonly subsets: EndpointSubset[]
}

/** Undefined when the present object is as it should be. */
export function wantedEndpoints(
  service: Service,
  pods: readonly Pod[],
  present: Endpoints | undefined,
): WantedEndpoints | undefined {
  const whole = subsetsFor(service, pods)
  const cut = truncated(whole)
  const subsets = [...cut]
  const { [HEADLESS]: _, ...own } = service.metadata.labels ?? {}
  const labels = {
    ...own,
    [MANAGED_BY]: MANAGER,
    ...(isHeadless(service) && { [HEADLESS]: '' }),
  }
  const {
    [OVER_CAPACITY]: mark,
    [TRIGGER_TIME]: __,
    ...others
  } = present?.metadata.annotations ?? {}
  const isTruncated = cut !== whole
  const isRight =
    present &&
    sameJson(present.subsets ?? [], subsets) &&
    sameJson(present.metadata.labels ?? {}, labels) &&
    mark === (isTruncated ? TRUNCATED : undefined)
  if (isRight) return undefined
  const since = triggerTime(service, pods, subsets, present)
  const annotations = {
    ...others,
    ...(since && { [TRIGGER_TIME]: since }),
    ...(isTruncated && { [OVER_CAPACITY]: TRUNCATED }),
  }
  return { labels, annotations, subsets }
}

/** The earliest change of those that are written down now, so that delays can be measured. */
function triggerTime(
  service: Service,
  pods: readonly Pod[],
  subsets: readonly EndpointSubset[],
  present: Endpoints | undefined,
): string | undefined {
  const before = new Map(statesOf((present?.subsets ?? []) as readonly EndpointSubset[]))
  const changed = new Set(
    statesOf(subsets).flatMap(([uid, state]) => (before.get(uid) === state ? [] : [uid])),
  )
  const times = pods.flatMap(({ metadata, status }) =>
    changed.has(metadata.uid)
      ? (findCondition(status.conditions, 'Ready')?.lastTransitionTime ?? [])
      : [],
  )
  const { creationTimestamp } = service.metadata
  if (!present && creationTimestamp) times.push(creationTimestamp)
  return times.toSorted()[0]
}

const statesOf = (subsets: readonly EndpointSubset[]): [uid: string, state: string][] =>
  subsets.flatMap(({ addresses, notReadyAddresses }) => [
    ...uidsOf(addresses, 'ready'),
    ...uidsOf(notReadyAddresses, 'not ready'),
  ])

const uidsOf = (
  addresses: readonly EndpointAddress[] | null | undefined,
  state: string,
): [string, string][] => (addresses ?? []).map(({ targetRef }) => [targetRef?.uid ?? '', state])
