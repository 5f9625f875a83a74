/** Ingresses: hosts, paths and backends that make sense, and what users are warned about. */
import { parseIp } from '../ip.ts'
import type {
  HTTPIngressPath,
  IngressBackend,
  IngressLoadBalancerStatus,
  IngressRule,
  IngressServiceBackend,
  IngressSpec,
  IngressTLS,
} from '../kinds/networking/ingress.ts'
import {
  isDnsLabel,
  isDnsSubdomain,
  isPathSegmentName,
  isPortName,
  isPortNumber,
  isWildcardDnsSubdomain,
} from '../names.ts'
import type { TypedLocalObjectReference } from '../parts/core/references.ts'
import type { Path, Problems } from '../problems.ts'

const classAnnotation = 'kubernetes.io/ingress.class'
const badSequences = ['//', '/./', '/../', '%2f', '%2F']
const badSuffixes = ['/..', '/.']
const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix']
const mustBeName = 'must be a DNS name, not an IP address'

export function validateIngressSpec(spec: IngressSpec, at: Path, problems: Problems): void {
  const { defaultBackend, rules, tls, ingressClassName } = spec
  if (!rules?.length && !defaultBackend) {
    problems.invalid(at, rules ?? null, 'either `defaultBackend` or `rules` must be specified')
  }
  if (defaultBackend) validateBackend(defaultBackend, at.child('defaultBackend'), problems)
  for (const [position, rule] of (rules ?? []).entries()) {
    validateRule(rule, at.child('rules').index(position), problems)
  }
  for (const [position, each] of (tls ?? []).entries()) {
    validateTls(each, at.child('tls').index(position), problems)
  }
  if (ingressClassName === undefined) return
  for (const each of isDnsSubdomain(ingressClassName)) {
    problems.invalid(at.child('ingressClassName'), ingressClassName, each)
  }
}

type Annotations = Readonly<Record<string, string>>

/** The older annotation and the field may both be there while they agree. */
export function validateNewIngress(
  annotations: Annotations,
  { ingressClassName }: IngressSpec,
  root: Path,
  problems: Problems,
): void {
  const annotated = annotations[classAnnotation]
  if (annotated === undefined || ingressClassName === undefined) return
  if (annotated === ingressClassName) return
  const place = root.child('annotations').child(classAnnotation)
  problems.invalid(place, annotated, 'must match `ingressClassName` when both are specified')
}

export function ingressWarnings(annotations: Annotations): readonly string[] {
  if (annotations[classAnnotation] === undefined) return []
  return [
    `annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`,
  ]
}

export function validateIngressStatus(
  { ingress }: IngressLoadBalancerStatus,
  at: Path,
  problems: Problems,
): void {
  for (const [position, { ip, hostname }] of (ingress ?? []).entries()) {
    const place = at.child('ingress').index(position)
    if (ip && !parseIp(ip)) {
      const detail = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
      problems.invalid(place.child('ip'), ip, detail)
    }
    if (!hostname) continue
    const hostnameAt = place.child('hostname')
    for (const each of isDnsSubdomain(hostname)) problems.invalid(hostnameAt, hostname, each)
    if (parseIp(hostname)) problems.invalid(hostnameAt, hostname, mustBeName)
  }
}

function validateTls({ hosts, secretName }: IngressTLS, at: Path, problems: Problems): void {
  for (const [position, host] of (hosts ?? []).entries()) {
    validateHost(host, at.child('hosts').index(position), problems)
  }
  if (!secretName) return
  for (const each of isDnsSubdomain(secretName)) {
    problems.invalid(at.child('secretName'), secretName, each)
  }
}

function validateHost(host: string, at: Path, problems: Problems): void {
  const messages = host.includes('*') ? isWildcardDnsSubdomain(host) : isDnsSubdomain(host)
  for (const each of messages) problems.invalid(at, host, each)
}

function validateRule({ host, http }: IngressRule, at: Path, problems: Problems): void {
  if (host) {
    if (parseIp(host)) problems.invalid(at.child('host'), host, mustBeName)
    validateHost(host, at.child('host'), problems)
  }
  if (!http) return
  const pathsAt = at.child('http').child('paths')
  if (!http.paths?.length) problems.required(pathsAt)
  for (const [position, path] of (http.paths ?? []).entries()) {
    validatePath(path, pathsAt.index(position), problems)
  }
}

function validatePath(rule: HTTPIngressPath, at: Path, problems: Problems): void {
  const { path = '', pathType, backend } = rule
  const pathAt = at.child('path')
  if (!pathType) {
    problems.required(at.child('pathType'), 'pathType must be specified')
    return
  }
  if (!pathTypes.includes(pathType)) {
    problems.notSupported(at.child('pathType'), pathType, pathTypes)
  } else if (pathType !== 'ImplementationSpecific' || path !== '') {
    if (!path.startsWith('/')) problems.invalid(pathAt, path, 'must be an absolute path')
  }
  if (pathType === 'Exact' || pathType === 'Prefix') {
    for (const each of badSequences) {
      if (path.includes(each)) problems.invalid(pathAt, path, `must not contain '${each}'`)
    }
    for (const each of badSuffixes) {
      if (path.endsWith(each)) problems.invalid(pathAt, path, `cannot end with '${each}'`)
    }
  }
  validateBackend(backend, at.child('backend'), problems)
}

function validateBackend(
  { service, resource }: IngressBackend,
  at: Path,
  problems: Problems,
): void {
  if (service && resource) {
    problems.invalid(at, '', 'cannot set both resource and service backends')
  } else if (resource) validateResource(resource, at.child('resource'), problems)
  else if (service) validateService(service, at, problems)
  else problems.invalid(at, '', 'resource or service backend is required')
}

function validateService(service: IngressServiceBackend, at: Path, problems: Problems): void {
  const nameAt = at.child('service').child('name')
  if (!service.name) problems.required(nameAt)
  else for (const each of isDnsLabel(service.name)) problems.invalid(nameAt, service.name, each)
  const portAt = at.child('service').child('port')
  const { name, number } = service.port
  if (name && number) problems.invalid(at, '', 'cannot set both port name & port number')
  else if (name) {
    for (const each of isPortName(name)) problems.invalid(portAt.child('name'), name, each)
  } else if (number) {
    for (const each of isPortNumber(number)) problems.invalid(portAt.child('number'), number, each)
  } else problems.required(at, 'port name or number is required')
}

function validateResource(
  { apiGroup, kind, name }: TypedLocalObjectReference,
  at: Path,
  problems: Problems,
): void {
  if (apiGroup !== null) {
    for (const each of isDnsSubdomain(apiGroup)) {
      problems.invalid(at.child('apiGroup'), apiGroup, each)
    }
  }
  for (const [field, text] of Object.entries({ kind, name })) {
    if (!text) problems.required(at.child(field))
    else for (const each of isPathSegmentName(text)) problems.invalid(at.child(field), text, each)
  }
}
