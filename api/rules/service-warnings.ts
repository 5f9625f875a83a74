/** What users of services are warned about. */
import { cidrWarnings, ipWarnings } from './ip-warnings.ts'
import type { ServiceSpec } from './service-facts.ts'

const hintsAnnotation = 'service.kubernetes.io/topology-aware-hints'
const modeAnnotation = 'service.kubernetes.io/topology-mode'

export function serviceWarnings(
  annotations: Readonly<Record<string, string>> | undefined,
  spec: ServiceSpec,
): string[] {
  const warnings: string[] = []
  if (annotations?.[hintsAnnotation] !== undefined) {
    const advice = `please use ${modeAnnotation} instead`
    warnings.push(`annotation ${hintsAnnotation} is deprecated, ${advice}`)
  }
  warnings.push(...addressWarnings(spec), ...typeWarnings(spec))
  if (spec.trafficDistribution === 'PreferClose') {
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
  }
  return warnings
}

function addressWarnings(spec: ServiceSpec): string[] {
  const { clusterIP, clusterIPs = [], externalIPs = [], loadBalancerIP } = spec
  const { loadBalancerSourceRanges = [] } = spec
  const isSet = clusterIP && clusterIP !== 'None'
  return [
    ...(isSet ? clusterIPs.flatMap((ip, at) => ipWarnings(`spec.clusterIPs[${at}]`, ip)) : []),
    ...(clusterIP === 'None' ? headlessWarnings(spec) : []),
    ...externalIPs.flatMap((ip, at) => ipWarnings(`spec.externalIPs[${at}]`, ip)),
    ...(loadBalancerIP ? ipWarnings('spec.loadBalancerIP', loadBalancerIP) : []),
    ...loadBalancerSourceRanges.flatMap((range, at) =>
      cidrWarnings(`spec.loadBalancerSourceRanges[${at}]`, range),
    ),
  ]
}

function headlessWarnings(spec: ServiceSpec): string[] {
  const ignored = [
    spec.loadBalancerIP ? 'loadBalancerIP' : '',
    spec.externalIPs?.length ? 'externalIPs' : '',
    spec.sessionAffinity !== 'None' ? 'SessionAffinity' : '',
  ].filter((name) => name)
  return ignored.map((name) => `spec.${name} is ignored for headless services`)
}

function typeWarnings({ type, externalIPs, externalName }: ServiceSpec): string[] {
  if (type === 'ExternalName') {
    if (!externalIPs?.length) return []
    return ['spec.externalIPs is ignored when spec.type is "ExternalName"']
  }
  if (!externalName) return []
  return ['spec.externalName is ignored when spec.type is not "ExternalName"']
}
