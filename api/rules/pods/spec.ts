/** Every rule about a pod spec, in upstream's order. */
import { validateLabels } from '../../label-selector.ts'
import { dnsSubdomainName, isInRange } from '../../names.ts'
import type { PodSchedulingGate } from '../../parts/core/pod-scheduling.ts'
import type { PodResourceClaim, PodSpec } from '../../parts/core/pod-spec.ts'
import type { Path, Problems } from '../../problems.ts'
import { validateTolerations } from '../tolerations.ts'
import { checkEphemeralClaims, checkImageReferences, checkVolumes } from '../volume.ts'
import { validateAffinity, validateSpreadConstraints } from './affinity.ts'
import { checkDnsLabel, checkQualifiedName, checkWord, report } from './checks.ts'
import {
  type PodFacts,
  validateContainers,
  validateEphemeralContainers,
  validateInitContainers,
} from './containers.ts'
import { checkFileVolumes } from './file-volumes.ts'
import { validateHostAliases, validateNameResolution } from './name-resolution.ts'
import { validatePodLevel } from './pod-level-resources.ts'
import { validateOverhead } from './resources.ts'
import { validatePodSecurityContext } from './security.ts'
import { validateHostProcess, validateSystem } from './windows.ts'

/** What is known about the spec beyond itself. */
export interface SpecRules {
  /** A template leaves some things open that a pod must say. */
  readonly isPod?: boolean
  readonly podName?: string
}

const DEADLINE_MAX_SECONDS = 2_147_483_647

const restartPolicies = new Set(['Always', 'Never', 'OnFailure'])
const dnsPolicies = new Set(['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'])
const preemptionPolicies = new Set(['Never', 'PreemptLowerPriority'])

export function validatePodSpec(
  spec: PodSpec,
  at: Path,
  problems: Problems,
  rules: SpecRules = {},
): void {
  const facts = validateVolumesAndClaims(spec, at, problems, rules)
  validateContainers(spec.containers, facts, at.child('containers'), problems)
  validateInitContainers(spec, facts, at.child('initContainers'), problems)
  validateEphemeralContainers(spec, facts, at.child('ephemeralContainers'), problems)
  checkFileVolumes(spec, facts.volumes, at, problems)
  if (spec.resources) validatePodLevel(spec, spec.resources, at.child('resources'), problems)
  if (spec.hostNetwork) checkPortsOfHost(spec, at.child('containers'), problems, rules)
  checkWord(spec.restartPolicy, restartPolicies, at.child('restartPolicy'), problems)
  checkWord(spec.dnsPolicy, dnsPolicies, at.child('dnsPolicy'), problems)
  if (spec.nodeSelector) validateLabels(spec.nodeSelector, at.child('nodeSelector'), problems)
  validatePodSecurityContext(spec, at.child('securityContext'), problems)
  validateScheduling(spec, at, problems)
  validateHostProcess(spec, at, problems)
  if (spec.hostUsers === false) checkUserNamespace(spec, at, problems)
  validateIdentity(spec, at, problems)
  validateTolerations(spec.tolerations, at.child('tolerations'), problems)
  if (spec.hostAliases) validateHostAliases(spec.hostAliases, at.child('hostAliases'), problems)
  validateClasses(spec, at, problems)
  if (spec.overhead) validateOverhead(spec.overhead, at.child('overhead'), problems)
  if (spec.os) validateSystem(spec, at, problems)
}

const noVolumes: PodFacts['volumes'] = new Map()
const noClaims: PodFacts['claimNames'] = new Set()

function validateVolumesAndClaims(
  spec: PodSpec,
  at: Path,
  problems: Problems,
  rules: SpecRules,
): PodFacts {
  const { volumes, resourceClaims, terminationGracePeriodSeconds, restartPolicy } = spec
  if (terminationGracePeriodSeconds === undefined) {
    problems.required(at.child('terminationGracePeriodSeconds'))
  }
  const volumesAt = at.child('volumes')
  const valid = volumes ? checkVolumes(volumes, volumesAt, problems) : noVolumes
  if (volumes && rules.podName) checkEphemeralClaims(rules.podName, volumes, volumesAt, problems)
  if (volumes && rules.isPod) checkImageReferences(volumes, volumesAt, problems)
  const claimNames = resourceClaims ? new Set(resourceClaims.map(({ name }) => name)) : noClaims
  if (resourceClaims) validateClaims(resourceClaims, at.child('resourceClaims'), problems)
  return {
    volumes: valid,
    claimNames,
    restartPolicy,
    gracePeriodSeconds: terminationGracePeriodSeconds,
    os: spec.os?.name,
    hasHostUsers: spec.hostUsers !== false,
  }
}

function validateClaims(claims: readonly PodResourceClaim[], at: Path, problems: Problems): void {
  const names = new Set<string>()
  for (const [position, claim] of claims.entries()) {
    const place = at.index(position)
    const { name, resourceClaimName, resourceClaimTemplateName } = claim
    if (!name) problems.required(place.child('name'))
    else if (names.has(name)) problems.duplicate(place.child('name'), name)
    else checkDnsLabel(name, place.child('name'), problems)
    names.add(name)
    const [ofClaim, ofTemplate] = [resourceClaimName, resourceClaimTemplateName]
    if (ofClaim !== undefined && ofTemplate !== undefined) {
      const choice = '`resourceClaimName` or `resourceClaimTemplateName`'
      problems.invalid(place, claim, `at most one of ${choice} may be specified`)
    }
    if (ofClaim === undefined && ofTemplate === undefined) {
      const choice = '`resourceClaimName`, `resourceClaimTemplateName`'
      problems.invalid(place, claim, `must specify one of: ${choice}`)
    }
    checkObjectName(ofClaim, place.child('resourceClaimName'), problems)
    checkObjectName(ofTemplate, place.child('resourceClaimTemplateName'), problems)
  }
}

function checkObjectName(name: string | undefined, at: Path, problems: Problems): void {
  if (name !== undefined) report(dnsSubdomainName(name), name, at, problems)
}

/** On the network of the node, a port of the container is one of the node. */
function checkPortsOfHost(spec: PodSpec, at: Path, problems: Problems, rules: SpecRules): void {
  for (const [position, { ports }] of (spec.containers ?? []).entries()) {
    for (const [portPosition, { hostPort = 0, containerPort }] of (ports ?? []).entries()) {
      if (hostPort === containerPort || (!hostPort && !rules.isPod)) continue
      const place = at.index(position).child('ports').index(portPosition).child('hostPort')
      const detail = 'must match `containerPort` when `hostNetwork` is true'
      problems.invalid(place, hostPort, detail)
    }
  }
}

function validateScheduling(spec: PodSpec, at: Path, problems: Problems): void {
  if (spec.affinity) validateAffinity(spec.affinity, at.child('affinity'), problems)
  validateNameResolution(spec, at.child('dnsConfig'), problems)
  for (const [position, { conditionType }] of (spec.readinessGates ?? []).entries()) {
    const place = at.child('readinessGates').index(position)
    checkQualifiedName(conditionType, place.child('conditionType'), problems)
  }
  if (spec.schedulingGates) checkGates(spec.schedulingGates, at.child('schedulingGates'), problems)
  const { topologySpreadConstraints: constraints } = spec
  if (constraints) {
    validateSpreadConstraints(constraints, at.child('topologySpreadConstraints'), problems)
  }
}

function checkGates(gates: readonly PodSchedulingGate[], at: Path, problems: Problems): void {
  const names = new Set<string>()
  for (const [position, { name }] of gates.entries()) {
    checkQualifiedName(name, at.index(position), problems)
    if (names.has(name)) problems.duplicate(at.index(position), name)
    names.add(name)
  }
}

/** A pod with users of its own can share nothing with the node that knows users. */
function checkUserNamespace(spec: PodSpec, at: Path, problems: Problems): void {
  const detail = 'when `hostUsers` is false'
  for (const field of ['hostNetwork', 'hostPID', 'hostIPC'] as const) {
    if (spec[field]) problems.forbidden(at.child(field), detail)
  }
}

function validateIdentity(spec: PodSpec, at: Path, problems: Problems): void {
  const { serviceAccountName, nodeName, activeDeadlineSeconds, hostname, subdomain } = spec
  checkObjectName(serviceAccountName, at.child('serviceAccountName'), problems)
  checkObjectName(nodeName, at.child('nodeName'), problems)
  if (activeDeadlineSeconds !== undefined) {
    const messages = isInRange(activeDeadlineSeconds, 1, DEADLINE_MAX_SECONDS)
    report(messages, activeDeadlineSeconds, at.child('activeDeadlineSeconds'), problems)
  }
  if (hostname) checkDnsLabel(hostname, at.child('hostname'), problems)
  if (subdomain) checkDnsLabel(subdomain, at.child('subdomain'), problems)
  if (spec.hostnameOverride !== undefined) checkHostName(spec, at, problems)
}

/** As long as the kernel allows host names to be. */
const HOST_NAME_MAX_BYTES = 64

function checkHostName(spec: PodSpec, at: Path, problems: Problems): void {
  const { hostnameOverride: name = '', setHostnameAsFQDN, hostNetwork } = spec
  const place = at.child('hostnameOverride')
  report(dnsSubdomainName(name), name, place, problems)
  if (Buffer.byteLength(name) > HOST_NAME_MAX_BYTES) {
    problems.tooLong(place, HOST_NAME_MAX_BYTES)
  }
  if (setHostnameAsFQDN) {
    problems.forbidden(place, 'may not be specified when `setHostnameAsFQDN` is true')
  }
  if (hostNetwork) problems.forbidden(place, 'may not be specified when `hostNetwork` is true')
}

function validateClasses(spec: PodSpec, at: Path, problems: Problems): void {
  const { priorityClassName, runtimeClassName, preemptionPolicy, schedulingGroup } = spec
  if (priorityClassName) {
    checkObjectName(priorityClassName, at.child('priorityClassName'), problems)
  }
  checkObjectName(runtimeClassName, at.child('runtimeClassName'), problems)
  if (preemptionPolicy !== undefined) {
    checkWord(preemptionPolicy, preemptionPolicies, at.child('preemptionPolicy'), problems)
  }
  const place = at.child('schedulingGroup').child('podGroupName')
  checkObjectName(schedulingGroup?.podGroupName, place, problems)
}
