/** Endpoint slices: addresses of one type, ports and hints, and how many of each fit in. */
import { isEndpointIp, parseIp } from '../ip.ts'
import type {
  Endpoint,
  EndpointHints,
  EndpointPort,
  EndpointSlice,
} from '../kinds/discovery/endpoint-slice.ts'
import { validateLabels } from '../label-selector.ts'
import { isDnsLabel, isDnsSubdomain, isLabelValue, isQualifiedName } from '../names.ts'
import type { Path, Problems } from '../problems.ts'
import { validateFullyQualifiedDomainName } from './domain-names.ts'

const addressTypes = ['FQDN', 'IPv4', 'IPv6']
const protocols = ['SCTP', 'TCP', 'UDP']
const endpointsMax = 1000
const addressesMax = 100
const portsMax = 20_000
const topologyLabelsMax = 16
const hintsMax = 8
const zoneLabel = 'topology.kubernetes.io/zone'

type SliceParts = Pick<EndpointSlice, 'addressType' | 'endpoints' | 'ports'>

export function validateEndpointSlice(slice: SliceParts, root: Path, problems: Problems): void {
  const { addressType } = slice
  const typeAt = root.child('addressType')
  if (!addressType) problems.required(typeAt)
  else if (!addressTypes.includes(addressType)) {
    problems.notSupported(typeAt, addressType, addressTypes)
  }
  validateEndpoints(slice.endpoints ?? [], addressType, root.child('endpoints'), problems)
  validatePorts(slice.ports ?? [], root.child('ports'), problems)
}

function validateEndpoints(
  endpoints: readonly Endpoint[],
  addressType: string,
  at: Path,
  problems: Problems,
): void {
  if (endpoints.length > endpointsMax) {
    problems.tooMany(at, endpoints.length, endpointsMax)
    return
  }
  for (const [position, endpoint] of endpoints.entries()) {
    validateEndpoint(endpoint, addressType, at.index(position), problems)
  }
}

function validateEndpoint(
  endpoint: Endpoint,
  addressType: string,
  at: Path,
  problems: Problems,
): void {
  const { nodeName, deprecatedTopology: topology, hostname, hints } = endpoint
  validateAddresses(endpoint.addresses ?? [], addressType, at.child('addresses'), problems)
  if (nodeName !== undefined) {
    for (const each of isDnsSubdomain(nodeName))
      problems.invalid(at.child('nodeName'), nodeName, each)
  }
  if (topology) validateTopology(topology, at.child('deprecatedTopology'), problems)
  if (hostname !== undefined) {
    for (const each of isDnsLabel(hostname)) problems.invalid(at.child('hostname'), hostname, each)
  }
  if (hints) validateHints(hints, at.child('hints'), problems)
}

function validateAddresses(
  addresses: readonly string[],
  addressType: string,
  at: Path,
  problems: Problems,
): void {
  if (!addresses.length) problems.required(at, 'must contain at least 1 address')
  if (addresses.length > addressesMax) problems.tooMany(at, addresses.length, addressesMax)
  for (const [position, address] of addresses.entries()) {
    const place = at.index(position)
    if (addressType === 'FQDN') validateFullyQualifiedDomainName(address, place, problems)
    if (addressType !== 'IPv4' && addressType !== 'IPv6') continue
    if (parseIp(address)?.family !== addressType) {
      problems.invalid(place, address, `must be a valid ${addressType} address`)
    }
    for (const each of isEndpointIp(address)) problems.invalid(place, address, each)
  }
}

function validateTopology(
  topology: Readonly<Record<string, string>>,
  at: Path,
  problems: Problems,
): void {
  const count = Object.keys(topology).length
  if (count > topologyLabelsMax) problems.tooMany(at, count, topologyLabelsMax)
  validateLabels(topology, at, problems)
  if (topology[zoneLabel] !== undefined) {
    problems.internal(at.key(zoneLabel), 'reserved key was not removed in conversion')
  }
}

function validateHints({ forZones, forNodes }: EndpointHints, at: Path, problems: Problems): void {
  validateNames(forZones ?? [], isLabelValue, at.child('forZones'), problems)
  validateNames(forNodes ?? [], isDnsSubdomain, at.child('forNodes'), problems)
}

function validateNames(
  hints: readonly { readonly name: string }[],
  rule: (name: string) => readonly string[],
  at: Path,
  problems: Problems,
): void {
  if (hints.length > hintsMax) {
    problems.tooMany(at, hints.length, hintsMax)
    return
  }
  const seen = new Set<string>()
  for (const [position, { name }] of hints.entries()) {
    const place = at.index(position).child('name')
    if (seen.has(name)) problems.duplicate(place, name)
    seen.add(name)
    for (const each of rule(name)) problems.invalid(place, name, each)
  }
}

function validatePorts(ports: readonly EndpointPort[], at: Path, problems: Problems): void {
  if (ports.length > portsMax) {
    problems.tooMany(at, ports.length, portsMax)
    return
  }
  const seen = new Set<string>()
  for (const [position, { name, protocol, appProtocol }] of ports.entries()) {
    const place = at.index(position)
    for (const each of name ? isDnsLabel(name) : []) {
      problems.invalid(place.child('name'), name, each)
    }
    if (seen.has(name)) problems.duplicate(place.child('name'), name)
    seen.add(name)
    if (!protocols.includes(protocol)) {
      problems.notSupported(place.child('protocol'), protocol, protocols)
    }
    if (appProtocol === undefined) continue
    for (const each of isQualifiedName(appProtocol)) {
      problems.invalid(place.child('appProtocol'), appProtocol, each)
    }
  }
}
