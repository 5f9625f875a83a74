/** Endpoints: addresses that traffic can reach, and ports with names when there are several. */
import { isEndpointIp, isIpForLegacyField } from '../ip.ts'
import { dnsSubdomainName, isDnsLabel, isPortNumber, isQualifiedName } from '../names.ts'
import type { Path, Problems } from '../problems.ts'

interface Address {
  readonly ip: string
  readonly hostname?: string
  readonly nodeName?: string
}

export interface PortFacts {
  readonly name?: string
  readonly port: number
  readonly protocol?: string
  readonly appProtocol?: string
}

interface Subset {
  readonly addresses?: readonly Address[]
  readonly notReadyAddresses?: readonly Address[]
  readonly ports?: readonly PortFacts[]
}

export function checkSubsets(subsets: readonly Subset[], at: Path, problems: Problems): void {
  for (const [position, subset] of subsets.entries()) {
    checkSubset(subset, at.index(position), problems)
  }
}

function checkSubset(subset: Subset, at: Path, problems: Problems): void {
  const { addresses = [], notReadyAddresses = [], ports = [] } = subset
  if (!addresses.length && !notReadyAddresses.length) {
    problems.required(at, 'must specify `addresses` or `notReadyAddresses`')
  }
  for (const [position, address] of addresses.entries()) {
    checkAddress(address, at.child('addresses').index(position), problems)
  }
  for (const [position, address] of notReadyAddresses.entries()) {
    checkAddress(address, at.child('notReadyAddresses').index(position), problems)
  }
  for (const [position, port] of ports.entries()) {
    checkPort(port, ports.length > 1, at.child('ports').index(position), problems)
  }
}

function checkAddress({ ip, hostname, nodeName }: Address, at: Path, problems: Problems): void {
  const place = at.child('ip')
  for (const message of isIpForLegacyField(ip)) problems.invalid(place, ip, message)
  if (hostname) {
    for (const message of isDnsLabel(hostname)) {
      problems.invalid(at.child('hostname'), hostname, message)
    }
  }
  if (nodeName !== undefined) {
    for (const message of dnsSubdomainName(nodeName)) {
      problems.invalid(at.child('nodeName'), nodeName, message)
    }
  }
  for (const message of isEndpointIp(ip)) problems.invalid(place, ip, message)
}

export const protocols = ['SCTP', 'TCP', 'UDP']

function checkPort(port: PortFacts, needsName: boolean, at: Path, problems: Problems): void {
  const { name, port: number, protocol, appProtocol } = port
  if (needsName && !name) problems.required(at.child('name'))
  else if (name) {
    for (const message of isDnsLabel(name)) problems.invalid(at.child('name'), name, message)
  }
  for (const message of isPortNumber(number)) problems.invalid(at.child('port'), number, message)
  if (!protocol) problems.required(at.child('protocol'))
  else if (!protocols.includes(protocol)) {
    problems.notSupported(at.child('protocol'), protocol, protocols)
  }
  if (appProtocol === undefined) return
  for (const message of isQualifiedName(appProtocol)) {
    problems.invalid(at.child('appProtocol'), appProtocol, message)
  }
}
