/** Services: ports, types, traffic policies and affinity, and which of them go together. */
import { isCidrForLegacyField, isEndpointIp, isIpForLegacyField } from '../ip.ts'
import { validateLabels } from '../label-selector.ts'
import { isDnsLabel, isDnsSubdomain, isPortName, isPortNumber, isQualifiedName } from '../names.ts'
import type { Path, Problems } from '../problems.ts'
import { protocols } from './endpoints.ts'
import { checkClusterIps } from './service-addresses.ts'
import { isExternal, isHeadless, needsHealthCheck, type ServiceSpec } from './service-facts.ts'

const hintsAnnotation = 'service.kubernetes.io/topology-aware-hints'
const modeAnnotation = 'service.kubernetes.io/topology-mode'
const rangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges'

type Annotations = Readonly<Record<string, string>> | undefined

export function checkService(
  annotations: Annotations,
  spec: ServiceSpec,
  root: Path,
  problems: Problems,
): void {
  const at = root.child('spec')
  checkTopologyAnnotations(annotations, root, problems)
  checkType(spec, at, problems)
  checkPorts(spec, at.child('ports'), problems)
  validateLabels(spec.selector, at.child('selector'), problems)
  checkAffinity(spec, at, problems)
  checkClusterIps(spec, at, problems)
  for (const [position, ip] of (spec.externalIPs ?? []).entries()) {
    checkExternalIp(ip, at.child('externalIPs').index(position), problems)
  }
  checkTypeName(spec.type, at.child('type'), problems)
  checkNodePorts(spec, at.child('ports'), problems)
  checkSourceRanges(annotations, spec, root, problems)
  checkLoadBalancerFields(spec, root, problems)
  checkTrafficPolicies(spec, at, problems)
}

function checkTopologyAnnotations(annotations: Annotations, at: Path, problems: Problems): void {
  const mode = annotations?.[modeAnnotation]
  const hints = annotations?.[hintsAnnotation]
  if (mode === undefined || hints === undefined || mode === hints) return
  const detail = `must match annotations[${hintsAnnotation}] when both are specified`
  problems.invalid(at.child('metadata').child('annotations').key(modeAnnotation), mode, detail)
}

function checkType(spec: ServiceSpec, at: Path, problems: Problems): void {
  const { type } = spec
  if (!spec.ports?.length && !isHeadless(spec) && type !== 'ExternalName') {
    problems.required(at.child('ports'))
  }
  if ((type === 'LoadBalancer' || type === 'NodePort') && isHeadless(spec)) {
    const detail = `may not be set to 'None' for ${type} services`
    problems.invalid(at.child('clusterIPs').index(0), 'None', detail)
  }
  if (type === 'ExternalName') checkExternalName(spec, at, problems)
}

function checkExternalName(spec: ServiceSpec, at: Path, problems: Problems): void {
  const notHere = 'may not be set for ExternalName services'
  if (spec.clusterIPs?.length) problems.forbidden(at.child('clusterIPs'), notHere)
  if (spec.ipFamilies?.length) problems.forbidden(at.child('ipFamilies'), notHere)
  if (spec.ipFamilyPolicy !== undefined) problems.forbidden(at.child('ipFamilyPolicy'), notHere)
  // A dot at the end says that the name is complete.
  const name = (spec.externalName ?? '').replace(/\.$/, '')
  const place = at.child('externalName')
  if (!name) problems.required(place)
  else for (const message of isDnsSubdomain(name)) problems.invalid(place, name, message)
}

function checkPorts(spec: ServiceSpec, at: Path, problems: Problems): void {
  const { ports = [] } = spec
  const names = new Set<string>()
  for (const [position, port] of ports.entries()) {
    const place = at.index(position)
    const { name, protocol, targetPort, appProtocol } = port
    if (!name) {
      if (ports.length > 1) problems.required(place.child('name'))
    } else {
      for (const message of isDnsLabel(name)) problems.invalid(place.child('name'), name, message)
      if (names.has(name)) problems.duplicate(place.child('name'), name)
      names.add(name)
    }
    for (const message of isPortNumber(port.port)) {
      problems.invalid(place.child('port'), port.port, message)
    }
    if (!protocols.includes(protocol)) {
      problems.notSupported(place.child('protocol'), protocol, protocols)
    }
    const wrong = typeof targetPort === 'number' ? isPortNumber(targetPort) : isPortName(targetPort)
    for (const message of wrong) problems.invalid(place.child('targetPort'), targetPort, message)
    for (const message of appProtocol === undefined ? [] : isQualifiedName(appProtocol)) {
      problems.invalid(place.child('appProtocol'), appProtocol, message)
    }
  }
}

const affinities = ['ClientIP', 'None']
const MAX_AFFINITY_SECONDS = 86_400

function checkAffinity(spec: ServiceSpec, at: Path, problems: Problems): void {
  const { sessionAffinity: affinity, sessionAffinityConfig: config } = spec
  if (!affinities.includes(affinity)) {
    problems.notSupported(at.child('sessionAffinity'), affinity, affinities)
  }
  const place = at.child('sessionAffinityConfig')
  if (affinity === 'None' && config) {
    problems.forbidden(place, 'must not be set when session affinity is None')
  }
  if (affinity !== 'ClientIP') return
  const seconds = config?.clientIP?.timeoutSeconds
  const secondsPlace = place.child('clientIP').child('timeoutSeconds')
  if (seconds === undefined) {
    problems.required(secondsPlace, 'when session affinity type is ClientIP')
  } else if (seconds <= 0 || seconds > MAX_AFFINITY_SECONDS) {
    const detail = `must be greater than 0 and less than ${MAX_AFFINITY_SECONDS}`
    problems.invalid(secondsPlace, seconds, detail)
  }
}

function checkExternalIp(ip: string, at: Path, problems: Problems): void {
  const wrong = isIpForLegacyField(ip)
  for (const message of wrong.length ? wrong : isEndpointIp(ip)) problems.invalid(at, ip, message)
}

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']

function checkTypeName(type: string, at: Path, problems: Problems): void {
  if (!types.includes(type)) problems.notSupported(at, type, types)
}

function checkNodePorts({ type, ports = [] }: ServiceSpec, at: Path, problems: Problems): void {
  if (type === 'ClusterIP') {
    for (const [position, { nodePort }] of ports.entries()) {
      if (!nodePort) continue
      const detail = "may not be used when `type` is 'ClusterIP'"
      problems.forbidden(at.index(position).child('nodePort'), detail)
    }
  }
  const taken = new Set<string>()
  for (const [position, { protocol, nodePort }] of ports.entries()) {
    if (!nodePort) continue
    const pair = `${protocol} ${nodePort}`
    if (taken.has(pair)) problems.duplicate(at.index(position).child('nodePort'), nodePort)
    taken.add(pair)
  }
  const served = new Set<string>()
  for (const [position, { protocol, port }] of ports.entries()) {
    const pair = `${protocol} ${port}`
    if (served.has(pair)) problems.duplicate(at.index(position), goShapedPort(protocol, port))
    served.add(pair)
  }
}

/** As upstream prints its internal type, whose fields have no JSON names. */
function goShapedPort(protocol: string, port: number): object {
  return { Name: '', Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 }
}

function checkSourceRanges(
  annotations: Annotations,
  spec: ServiceSpec,
  root: Path,
  problems: Problems,
): void {
  const { loadBalancerSourceRanges: ranges = [] } = spec
  const annotation = annotations?.[rangesAnnotation]
  const isField = ranges.length > 0
  if (!isField && annotation === undefined) return
  // The path that upstream names.
  const place = isField
    ? root.child('spec').child('LoadBalancerSourceRanges')
    : root.child('metadata').child('annotations').key(rangesAnnotation)
  if (spec.type !== 'LoadBalancer') {
    problems.forbidden(place, "may only be used when `type` is 'LoadBalancer'")
  }
  const texts = isField ? ranges : (annotation ?? '').split(',')
  for (const [position, padded] of texts.entries()) {
    const range = padded.trim()
    if (!isField && !range && texts.length === 1) continue
    for (const message of isCidrForLegacyField(range)) {
      problems.invalid(isField ? place.index(position) : place, range, message)
    }
  }
}

function checkLoadBalancerFields(spec: ServiceSpec, root: Path, problems: Problems): void {
  const { allocateLoadBalancerNodePorts: allocates } = spec
  const at = root.child('spec')
  const isBalanced = spec.type === 'LoadBalancer'
  const notHere = "may only be used when `type` is 'LoadBalancer'"
  if (allocates !== undefined && !isBalanced) {
    problems.forbidden(at.child('allocateLoadBalancerNodePorts'), notHere)
  }
  // Upstream leaves `spec` out of this path.
  if (allocates === undefined && isBalanced) {
    problems.required(root.child('allocateLoadBalancerNodePorts'))
  }
  checkLoadBalancerClass(spec, at.child('loadBalancerClass'), problems)
}

function checkLoadBalancerClass(spec: ServiceSpec, at: Path, problems: Problems): void {
  const { loadBalancerClass: name, type } = spec
  if (name === undefined) return
  if (type !== 'LoadBalancer') {
    problems.forbidden(at, "may only be used when `type` is 'LoadBalancer'")
  } else for (const message of isQualifiedName(name)) problems.invalid(at, name, message)
}

const trafficPolicies = ['Cluster', 'Local']
const distributions = ['PreferClose', 'PreferSameNode', 'PreferSameZone']

function checkTrafficPolicies(spec: ServiceSpec, at: Path, problems: Problems): void {
  const external = spec.externalTrafficPolicy
  const externalPlace = at.child('externalTrafficPolicy')
  if (!isExternal(spec)) {
    if (external) {
      const detail = 'may only be set for externally-accessible services'
      problems.invalid(externalPlace, external, detail)
    }
  } else if (!external) problems.required(externalPlace)
  else if (!trafficPolicies.includes(external)) {
    problems.notSupported(externalPlace, external, trafficPolicies)
  }
  checkHealthCheckPort(spec, at.child('healthCheckNodePort'), problems)
  const internal = spec.internalTrafficPolicy
  const internalPlace = at.child('internalTrafficPolicy')
  const needsInternal = types.includes(spec.type) && spec.type !== 'ExternalName'
  if (internal === undefined) {
    if (needsInternal) problems.required(internalPlace)
  } else if (!trafficPolicies.includes(internal)) {
    problems.notSupported(internalPlace, internal, trafficPolicies)
  }
  const { trafficDistribution } = spec
  if (trafficDistribution !== undefined && !distributions.includes(trafficDistribution)) {
    problems.notSupported(at.child('trafficDistribution'), trafficDistribution, distributions)
  }
}

function checkHealthCheckPort(spec: ServiceSpec, at: Path, problems: Problems): void {
  const { healthCheckNodePort: port = 0 } = spec
  if (!needsHealthCheck(spec)) {
    if (port) {
      const detail =
        "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
      problems.invalid(at, port, detail)
    }
  } else if (!port) problems.required(at)
  else for (const message of isPortNumber(port)) problems.invalid(at, port, message)
}
