/** Updates of services: what was allocated is kept, and what a new type has no use for goes. */
import { isDeepStrictEqual } from 'node:util'
import type { Path, Problems } from '../problems.ts'
import {
  isExternal,
  needsClusterIp,
  needsHealthCheck,
  needsNodePorts,
  type ServiceSpec,
} from './service-facts.ts'

/** `clusterIP` is the first of `clusterIPs`; old clients know the one, new ones both. */
export function alignClusterIps(next: ServiceSpec, previous?: ServiceSpec): void {
  const ip = next.clusterIP ?? ''
  if (!previous) {
    if (ip && !next.clusterIPs?.length) next.clusterIPs = [ip]
    return
  }
  const oldIp = previous.clusterIP ?? ''
  if (ip === oldIp) {
    if (previous.clusterIPs?.length && !next.clusterIPs?.length) {
      next.clusterIPs = [...previous.clusterIPs]
    }
    return
  }
  // Only one of the two was changed, so the other one has to follow.
  if (!isDeepStrictEqual(next.clusterIPs, previous.clusterIPs)) return
  if (ip) next.clusterIPs = [ip]
  else delete next.clusterIPs
}

/** Lets the text that made a service be sent again: what it leaves open stays as allocated. */
export function keepAllocated(next: ServiceSpec, previous: ServiceSpec): void {
  if (needsClusterIp(next) && needsClusterIp(previous)) {
    if (!next.clusterIP && previous.clusterIP) next.clusterIP = previous.clusterIP
    if (!next.clusterIPs?.length && previous.clusterIPs?.length) {
      next.clusterIPs = [...previous.clusterIPs]
    }
  }
  if (needsNodePorts(next) && needsNodePorts(previous)) keepNodePorts(next, previous)
  if (needsHealthCheck(next) && needsHealthCheck(previous) && !next.healthCheckNodePort) {
    if (previous.healthCheckNodePort) next.healthCheckNodePort = previous.healthCheckNodePort
  }
}

const nodePortsOf = ({ ports = [] }: ServiceSpec): Set<number> =>
  new Set(ports.flatMap(({ nodePort }) => nodePort || []))

/** By the names of ports, as long as no other port has taken the number. */
function keepNodePorts(next: ServiceSpec, previous: ServiceSpec): void {
  const taken = nodePortsOf(next).intersection(nodePortsOf(previous))
  const known = new Map((previous.ports ?? []).map(({ name = '', nodePort }) => [name, nodePort]))
  for (const port of next.ports ?? []) {
    const number = known.get(port.name ?? '')
    if (!port.nodePort && number && !taken.has(number)) port.nodePort = number
  }
}

/** A change of type does not make users clear fields that they never set. */
export function dropUnneeded(next: ServiceSpec, previous: ServiceSpec): void {
  const ends = (needs: (spec: ServiceSpec) => boolean) => needs(previous) && !needs(next)
  if (ends(needsClusterIp)) {
    if (isDeepStrictEqual(next.clusterIPs, previous.clusterIPs)) {
      delete next.clusterIP
      delete next.clusterIPs
    }
    if (isDeepStrictEqual(next.ipFamilies, previous.ipFamilies)) delete next.ipFamilies
    if (next.ipFamilyPolicy === previous.ipFamilyPolicy) delete next.ipFamilyPolicy
    dropIfSame(next, previous, 'internalTrafficPolicy')
  }
  if (ends(needsNodePorts) && nodePortsOf(next).isSubsetOf(nodePortsOf(previous))) {
    for (const port of next.ports ?? []) delete port.nodePort
  }
  if (ends(needsHealthCheck)) dropIfSame(next, previous, 'healthCheckNodePort')
  if (ends(({ type }) => type === 'LoadBalancer')) {
    dropIfSame(next, previous, 'allocateLoadBalancerNodePorts')
    dropIfSame(next, previous, 'loadBalancerClass')
  }
  if (ends(isExternal)) dropIfSame(next, previous, 'externalTrafficPolicy')
}

function dropIfSame(
  next: ServiceSpec,
  previous: ServiceSpec,
  name:
    | 'healthCheckNodePort'
    | 'allocateLoadBalancerNodePorts'
    | 'loadBalancerClass'
    | 'externalTrafficPolicy'
    | 'internalTrafficPolicy',
): void {
  if (next[name] === previous[name]) delete next[name]
}

/** What stays as it is while a service has a load balancer. */
export function checkLoadBalancerChanges(
  next: ServiceSpec,
  previous: ServiceSpec,
  at: Path,
  problems: Problems,
): void {
  const isBalanced = next.type === 'LoadBalancer' && previous.type === 'LoadBalancer'
  if (isBalanced && next.loadBalancerClass !== previous.loadBalancerClass) {
    const place = at.child('loadBalancerClass')
    problems.invalid(place, next.loadBalancerClass ?? null, 'may not change once set')
  }
  if (!needsHealthCheck(next) || !needsHealthCheck(previous)) return
  if (next.healthCheckNodePort !== previous.healthCheckNodePort) {
    problems.forbidden(at.child('healthCheckNodePort'), 'field is immutable')
  }
}
