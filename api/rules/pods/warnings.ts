/** Warnings about pods that are valid and yet unlikely to be what was meant. */
import { isDnsLabel, isLabelValue } from '../../names.ts'
import type { Affinity, PodAffinity } from '../../parts/core/affinity.ts'
import type { Container, ContainerPort } from '../../parts/core/container.ts'
import type { NodeSelectorTerm } from '../../parts/core/node-selector.ts'
import type { PodSpec } from '../../parts/core/pod-spec.ts'
import type { PodTemplateSpec } from '../../parts/core/pod-template.ts'
import type { Volume } from '../../parts/core/volume.ts'
import { Path } from '../../problems.ts'
import { milliValue } from '../../quantity.ts'
import { appArmorPrefix } from './annotations.ts'
import { eachContainer } from './each-container.ts'
import type { PodLike } from './pod.ts'

type Annotations = Readonly<Record<string, string>>

/** Pods are changed by programs, which read no warnings. */
export function warningsForPod(pod: PodLike, previous: PodLike | undefined): readonly string[] {
  if (previous) return []
  const { metadata, spec } = pod
  const warnings: string[] = []
  const problems = isDnsLabel(metadata.name)
  if (problems.length) {
    const advice = 'which can result in surprising behavior; a DNS label is recommended'
    const list = `[${problems.join(' ')}]`
    warnings.push(`metadata.name: this is used in the Pod's hostname, ${advice}: ${list}`)
  }
  addWarnings(spec, metadata.annotations ?? {}, Path.root, warnings)
  return warnings
}

export function warningsForTemplate(template: PodTemplateSpec, at: Path): readonly string[] {
  const warnings: string[] = []
  addWarnings(template.spec, template.metadata.annotations ?? {}, at, warnings)
  return warnings
}

function addWarnings(spec: PodSpec, annotations: Annotations, at: Path, warnings: string[]): void {
  const specAt = at.child('spec')
  addNodeLabels(spec, specAt, warnings)
  const annotationsAt = at.child('metadata').child('annotations')
  for (const [key, message] of Object.entries(oldAnnotations)) {
    if (key in annotations) warnings.push(`${annotationsAt.key(key)}: ${message}`)
  }
  for (const [position, volume] of (spec.volumes ?? []).entries()) {
    addVolume(volume, specAt.child('volumes').index(position), warnings)
  }
  addRepeated(spec, specAt, warnings)
  addFractions(spec.overhead, specAt.child('overhead'), warnings)
  addProfiles(spec, annotations, annotationsAt, warnings)
  for (const { container, path } of eachContainer(spec, specAt)) {
    addFractions(container.resources.limits, path.child('resources').child('limits'), warnings)
    addFractions(container.resources.requests, path.child('resources').child('requests'), warnings)
    addHiddenVariables(container, path.child('env'), warnings)
  }
  addPorts(spec, specAt, warnings)
  if (spec.terminationGracePeriodSeconds < 0) {
    const advice = 'must be >= 0; negative values are invalid and will be treated as 1'
    warnings.push(`${specAt.child('terminationGracePeriodSeconds')}: ${advice}`)
  }
  if (spec.affinity) addNullSelectors(spec.affinity, specAt.child('affinity'), warnings)
}

const oldNodeLabels: ReadonlyMap<string, string> = new Map(
  [
    ['beta.kubernetes.io/arch', 'v1.14', 'kubernetes.io/arch'],
    ['beta.kubernetes.io/os', 'v1.14', 'kubernetes.io/os'],
    ['failure-domain.beta.kubernetes.io/region', 'v1.17', 'topology.kubernetes.io/region'],
    ['failure-domain.beta.kubernetes.io/zone', 'v1.17', 'topology.kubernetes.io/zone'],
    ['beta.kubernetes.io/instance-type', 'v1.17', 'node.kubernetes.io/instance-type'],
  ].map(([old, since, name]) => [old!, `deprecated since ${since}; use "${name}" instead`]),
)

function addNodeLabels(spec: PodSpec, at: Path, warnings: string[]): void {
  for (const key of Object.keys(spec.nodeSelector ?? {})) {
    const message = oldNodeLabels.get(key)
    if (message) warnings.push(`${at.child('nodeSelector').key(key)}: ${message}`)
  }
  const { nodeAffinity } = spec.affinity ?? {}
  const {
    requiredDuringSchedulingIgnoredDuringExecution: required,
    preferredDuringSchedulingIgnoredDuringExecution: preferred,
  } = nodeAffinity ?? {}
  const affinityAt = at.child('affinity').child('nodeAffinity')
  const requiredAt = affinityAt.child('requiredDuringSchedulingIgnoredDuringExecution')
  for (const [position, term] of (required?.nodeSelectorTerms ?? []).entries()) {
    addTerm(term, requiredAt.child('nodeSelectorTerms').index(position), warnings)
  }
  const preferredAt = affinityAt.child('preferredDuringSchedulingIgnoredDuringExecution')
  for (const [position, { preference }] of (preferred ?? []).entries()) {
    addTerm(preference, preferredAt.index(position).child('preference'), warnings)
  }
  for (const [position, each] of (spec.topologySpreadConstraints ?? []).entries()) {
    const place = at.child('topologySpreadConstraints').index(position)
    const message = oldNodeLabels.get(each.topologyKey)
    if (message) warnings.push(`${place.child('topologyKey')}: ${each.topologyKey} is ${message}`)
    if (!each.labelSelector) warnings.push(`${place.child('labelSelector')}: ${nullSelector}`)
  }
}

function addTerm({ matchExpressions }: NodeSelectorTerm, at: Path, warnings: string[]): void {
  for (const [position, { key, values }] of (matchExpressions ?? []).entries()) {
    const place = at.child('matchExpressions').index(position)
    const message = oldNodeLabels.get(key)
    if (message) warnings.push(`${place.child('key')}: ${key} is ${message}`)
    for (const [valuePosition, value] of (values ?? []).entries()) {
      const problems = isLabelValue(value)
      if (!problems.length) continue
      const valueAt = place.child('values').index(valuePosition)
      warnings.push(`${valueAt}: ${value} is invalid, ${problems.join(';')}`)
    }
  }
}

const oldAnnotations: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod':
    'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls':
    'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls':
    'non-functional in v1.11+; use the "sysctls" field instead',
}

const oldVolumes: Readonly<Partial<Record<keyof Volume, string>>> = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
}

function addVolume(volume: Volume, at: Path, warnings: string[]): void {
  for (const name of Object.keys(volume) as (keyof Volume)[]) {
    const message = oldVolumes[name]
    if (message) warnings.push(`${at.child(name === 'storageos' ? 'storageOS' : name)}: ${message}`)
  }
}

function addRepeated(spec: PodSpec, at: Path, warnings: string[]): void {
  const addresses = (spec.hostAliases ?? []).map(({ ip }) => ip)
  for (const [position, ip] of addresses.entries()) {
    if (addresses.indexOf(ip) === position) continue
    const place = at.child('hostAliases').index(position).child('ip')
    warnings.push(`${place}: duplicate ip ${JSON.stringify(ip)}`)
  }
  const secrets = (spec.imagePullSecrets ?? []).map(({ name }) => name ?? '')
  const secretsAt = at.child('imagePullSecrets')
  for (const [position, name] of secrets.entries()) {
    if (secrets.indexOf(name) === position) continue
    const place = secretsAt.index(position).child('name')
    warnings.push(`${place}: duplicate name ${JSON.stringify(name)}`)
  }
  for (const [position, name] of secrets.entries()) {
    if (name) continue
    warnings.push(`${secretsAt.index(position).child('name')}: invalid empty name ""`)
  }
}

function addFractions(amounts: Annotations | undefined, at: Path, warnings: string[]): void {
  for (const name of ['memory', 'ephemeral-storage']) {
    const amount = amounts?.[name]
    if (amount === undefined || milliValue(amount) % 1000n === 0n) continue
    const text = `fractional byte value ${JSON.stringify(amount)} is invalid, must be an integer`
    warnings.push(`${at.key(name)}: ${text}`)
  }
}

const seccompOfPod = 'seccomp.security.alpha.kubernetes.io/pod'
const seccompPrefix = 'container.seccomp.security.alpha.kubernetes.io/'

/** Annotations that fields have taken the place of. */
function addProfiles(spec: PodSpec, annotations: Annotations, at: Path, warnings: string[]): void {
  const seccomp = 'non-functional in v1.27+; use the "seccompProfile" field instead'
  if (!spec.securityContext.seccompProfile && seccompOfPod in annotations) {
    warnings.push(`${at.key(seccompOfPod)}: ${seccomp}`)
  }
  for (const { container } of eachContainer(spec, at)) {
    const { name, securityContext } = container
    const key = `${seccompPrefix}${name}`
    if (!securityContext?.seccompProfile && key in annotations) {
      warnings.push(`${at.key(key)}: ${seccomp}`)
    }
    const appArmorKey = `${appArmorPrefix}${name}`
    if (appArmorKey in annotations) {
      const advice = 'deprecated since v1.30; use the "appArmorProfile" field instead'
      warnings.push(`${at.key(appArmorKey)}: ${advice}`)
    }
  }
}

/** A variable may be built from an earlier one of its name, but hardly takes its place. */
function addHiddenVariables({ env }: Container, at: Path, warnings: string[]): void {
  const seen = new Set<string>()
  for (const [position, { name, value = '', valueFrom }] of (env ?? []).entries()) {
    const reference = `$(${name})`
    const isHiding = valueFrom || value === reference || !value.includes(reference)
    if (seen.has(name) && isHiding) {
      const text = `hides previous definition of ${JSON.stringify(name)}`
      warnings.push(`${at.index(position)}: ${text}, which may be dropped when using apply`)
    }
    seen.add(name)
  }
}

function addPorts(spec: PodSpec, at: Path, warnings: string[]): void {
  const known = new Map<string, { place: Path; port: ContainerPort }[]>()
  for (const { container, path } of eachContainer(spec, at)) {
    for (const [position, port] of (container.ports ?? []).entries()) {
      const place = path.child('ports').index(position)
      if (port.hostIP && !port.hostPort) {
        warnings.push(`${place}: hostIP set without hostPort: ${goText(port)}`)
      }
      const key = `${port.containerPort}/${port.protocol}`
      const others = known.get(key) ?? []
      for (const other of others) {
        const text = overlapText(port, other.port)
        if (text) warnings.push(`${place}: ${text} port definition with ${other.place}`)
      }
      known.set(key, [...others, { place, port }])
    }
  }
}

function overlapText(port: ContainerPort, other: ContainerPort): string | undefined {
  const [ip, otherIp] = [port.hostIP ?? '', other.hostIP ?? '']
  const [number, otherNumber] = [port.hostPort ?? 0, other.hostPort ?? 0]
  if (ip === otherIp && number === otherNumber) return 'duplicate'
  if (!number || !otherNumber) return 'overlapping'
  const isOpen = !ip !== !otherIp
  return number === otherNumber && isOpen ? 'dangerously ambiguous' : undefined
}

/** As Go prints the port. */
function goText({ name = '', hostPort = 0, containerPort, protocol, hostIP = '' }: ContainerPort) {
  const fields = `Name:${name} HostPort:${hostPort} ContainerPort:${containerPort}`
  return `{${fields} Protocol:${protocol} HostIP:${hostIP}}`
}

const nullSelector = 'a null labelSelector results in matching no pod'

function addNullSelectors(affinity: Affinity, at: Path, warnings: string[]): void {
  const add = (pods: PodAffinity | undefined, place: Path) => {
    const required = pods?.requiredDuringSchedulingIgnoredDuringExecution ?? []
    const requiredAt = place.child('requiredDuringSchedulingIgnoredDuringExecution')
    for (const [position, { labelSelector }] of required.entries()) {
      if (labelSelector) continue
      warnings.push(`${requiredAt.index(position).child('labelSelector')}: ${nullSelector}`)
    }
    const preferred = pods?.preferredDuringSchedulingIgnoredDuringExecution ?? []
    const preferredAt = place.child('preferredDuringSchedulingIgnoredDuringExecution')
    for (const [position, { podAffinityTerm }] of preferred.entries()) {
      if (podAffinityTerm.labelSelector) continue
      const term = preferredAt.index(position).child('podAffinityTerm')
      warnings.push(`${term.child('labelSelector')}: ${nullSelector}`)
    }
  }
  add(affinity.podAffinity, at.child('podAffinity'))
  add(affinity.podAntiAffinity, at.child('podAntiAffinity'))
}
