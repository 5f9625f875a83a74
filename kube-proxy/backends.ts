/** Which endpoints of a port take traffic on this node: near, ready, or at least serving. */
import type { IpFamily } from '#api/ip.ts'
import type { Endpoint, EndpointPort, EndpointSlice } from '#api/kinds/discovery/endpoint-slice.ts'
import { addressOf } from './addresses.ts'

export interface Backend {
  readonly address: string
  readonly port: number
  readonly isLocal: boolean
  /** Its node is this one, or nobody knows: it may ask for itself here. */
  readonly mayAskHere: boolean
  readonly isReady: boolean
  readonly isServing: boolean
  readonly isTerminating: boolean
  readonly zoneHints: readonly string[]
  readonly nodeHints: readonly string[]
}

/** Where we are, as far as it matters for the choice of endpoints. */
export interface Place {
  readonly nodeName: string
  readonly zone: string
}

export interface PortKey {
  /** Empty when it is the only one. */
  readonly name: string
  readonly protocol: string
}

export interface Choice {
  /** For traffic that may go to any node. */
  readonly cluster: readonly Backend[]
  /** For traffic that has to stay on this node. */
  readonly local: readonly Backend[]
}

/** Everything that the slices list behind a port, by address, each once. */
export function backendsOf(
  slices: readonly EndpointSlice[],
  port: PortKey,
  family: IpFamily,
  { nodeName }: Place,
): readonly Backend[] {
  const found = new Map<string, Backend>()
  for (const { addressType, ports, endpoints } of slices) {
    if (addressType !== family) continue
    for (const { port: number } of (ports ?? []).filter((each) => isFor(each, port))) {
      for (const endpoint of endpoints ?? []) {
        const backend = number && backendAt(endpoint, number, family, nodeName)
        if (!backend) continue
        const key = `${backend.address} ${number}`
        // Controllers may list it twice while they move it to another slice.
        if (!found.get(key)?.isReady) found.set(key, backend)
      }
    }
  }
  return [...found.values()].sort(byAddress)
}

const isFor = ({ name, protocol }: EndpointPort, port: PortKey): boolean =>
  (name ?? '') === port.name && (protocol ?? 'TCP') === port.protocol

const byAddress = (left: Backend, right: Backend): number => {
  if (left.address !== right.address) return left.address < right.address ? -1 : 1
  return left.port - right.port
}

/** All addresses of an endpoint are the same backend; as upstream, the first is used. */
function backendAt(
  endpoint: Endpoint,
  port: number,
  family: IpFamily,
  nodeName: string,
): Backend | undefined {
  const { addresses, conditions, hints } = endpoint
  const [first] = addresses ?? []
  const address = first && addressOf(first, family)
  if (!address) return undefined
  const isReady = conditions?.ready ?? true
  return {
    address,
    port,
    isLocal: endpoint.nodeName === nodeName,
    mayAskHere: (endpoint.nodeName ?? nodeName) === nodeName,
    isReady,
    isServing: conditions?.serving ?? isReady,
    isTerminating: conditions?.terminating ?? false,
    zoneHints: (hints?.forZones ?? []).map(({ name }) => name),
    nodeHints: (hints?.forNodes ?? []).map(({ name }) => name),
  }
}

/**
 * Ready ones that are meant for us; if there is none, those that terminate and still serve, so that
 * the last pods of a rollout do not leave clients alone.
 */
export function chooseBackends(backends: readonly Backend[], place: Place): Choice {
  return {
    cluster: usable(backends, nearness(backends, place)),
    local: usable(
      backends.filter(({ isLocal }) => isLocal),
      () => true,
    ),
  }
}

function usable(
  backends: readonly Backend[],
  isNear: (backend: Backend) => boolean,
): readonly Backend[] {
  const ready = backends.filter((each) => each.isReady && isNear(each))
  if (ready.length > 0) return ready
  return backends.filter(({ isServing, isTerminating }) => isServing && isTerminating)
}

/**
 * Hints count only where every ready endpoint has some and one of them means us: half a set of
 * hints would leave some nodes without any endpoint.
 */
function nearness(
  backends: readonly Backend[],
  { nodeName, zone }: Place,
): (backend: Backend) => boolean {
  const ready = backends.filter(({ isReady }) => isReady)
  const areAll = (hints: (backend: Backend) => readonly string[], wanted: string): boolean =>
    wanted !== '' &&
    ready.every((each) => hints(each).length > 0) &&
    ready.some((each) => hints(each).includes(wanted))
  if (areAll(({ nodeHints }) => nodeHints, nodeName)) {
    return ({ nodeHints }) => nodeHints.includes(nodeName)
  }
  if (areAll(({ zoneHints }) => zoneHints, zone)) return ({ zoneHints }) => zoneHints.includes(zone)
  return () => true
}
