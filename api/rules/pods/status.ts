/** The subresource `status` of pods: what kubelets and controllers may report. */
import { isDeepStrictEqual } from 'node:util'
import { isIpForLegacyField, parseIp } from '../../ip.ts'
import { dnsSubdomainName, isQualifiedName } from '../../names.ts'
import type { ContainerStatus } from '../../parts/core/container-status.ts'
import type { PodSpec } from '../../parts/core/pod-spec.ts'
import type { PodCondition, PodStatus } from '../../parts/core/pod-status.ts'
import { Path, type Problems } from '../../problems.ts'
import { validateAnnotationChange } from './annotations.ts'
import { checkNotNegative, report } from './checks.ts'
import { isSidecar } from './each-container.ts'
import type { PodLike } from './pod.ts'

const metadataPath = Path.root.child('metadata')
const statusPath = Path.root.child('status')
const systemConditions: readonly string[] = ['Initialized', 'PodScheduled', 'Ready']

/** Keeps what older kubelets forget to send. */
export function preparePodStatus(next: PodStatus, previous: PodStatus): void {
  if (!next.qosClass && previous.qosClass) next.qosClass = previous.qosClass
  if (!next.observedGeneration && previous.observedGeneration) {
    next.observedGeneration = previous.observedGeneration
  }
  if (!previous.conditions || !next.conditions) return
  const earlier = Map.groupBy(previous.conditions, ({ type }) => type)
  for (const condition of next.conditions) {
    const { observedGeneration } = earlier.get(condition.type)?.shift() ?? {}
    if (!condition.observedGeneration && observedGeneration) {
      condition.observedGeneration = observedGeneration
    }
  }
}

export function validatePodStatusUpdate(
  next: PodLike,
  previous: PodLike,
  problems: Problems,
): void {
  const [after, before] = [next.metadata.annotations, previous.metadata.annotations]
  validateAnnotationChange(after, before, metadataPath.child('annotations'), problems)
  checkConditions(next.status.conditions, metadataPath.child('conditions'), problems)
  if (next.spec.nodeName !== previous.spec.nodeName) {
    problems.forbidden(statusPath.child('nodeName'), 'may not be changed directly')
  }
  const { nominatedNodeName: nominated } = next.status
  if (nominated && nominated !== previous.status.nominatedNodeName) {
    report(dnsSubdomainName(nominated), nominated, statusPath.child('nominatedNodeName'), problems)
  }
  if (next.status.qosClass !== previous.status.qosClass) {
    problems.invalid(statusPath.child('qosClass'), next.status.qosClass, 'field is immutable')
  }
  checkTransitions(next.status, previous, problems)
  checkClaimStatuses(next, problems)
  checkPodAddresses(next.status, problems)
  checkHostAddresses(next.status, problems)
  for (const list of statusLists) {
    checkUsers(next.status[list], next.spec, statusPath.child(list), problems)
  }
}

function checkConditions(
  conditions: readonly PodCondition[] | undefined,
  at: Path,
  problems: Problems,
): void {
  for (const [position, { type }] of (conditions ?? []).entries()) {
    if (systemConditions.includes(type)) continue
    report(isQualifiedName(type), type, at.index(position).child('Type'), problems)
  }
}

const statusLists = [
  'containerStatuses',
  'initContainerStatuses',
  'ephemeralContainerStatuses',
] as const

/** A container that has ended for good does not come back. */
function checkTransitions(next: PodStatus, { spec, status }: PodLike, problems: Problems): void {
  const sidecars = new Set((spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name))
  for (const list of statusLists) {
    const policy = list === 'ephemeralContainerStatuses' ? 'Never' : spec.restartPolicy
    if (policy === 'Always') continue
    for (const [position, old] of (status[list] ?? []).entries()) {
      const { terminated } = old.state
      if (!terminated || (terminated.exitCode !== 0 && policy === 'OnFailure')) continue
      if (list === 'initContainerStatuses' && sidecars.has(old.name)) continue
      if (mayRestart(spec, old)) continue
      const isBack = next[list]?.some(({ name, state }) => name === old.name && !state.terminated)
      if (!isBack) continue
      const place = statusPath.child(list).index(position).child('state')
      problems.forbidden(place, 'may not be transitioned to non-terminated state')
    }
  }
}

/** A container with a policy or rules of its own may restart although the pod does not. */
function mayRestart(spec: PodSpec, { name }: ContainerStatus): boolean {
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
  if (containers.some(restartsAll)) return true
  const container = containers.find((each) => each.name === name)
  const { restartPolicy, restartPolicyRules } = container ?? {}
  return (
    (restartPolicy !== undefined && restartPolicy !== 'Never') || restartPolicyRules !== undefined
  )
}

function restartsAll({ restartPolicyRules }: { restartPolicyRules?: { action?: string }[] }) {
  return restartPolicyRules?.some(({ action }) => action === 'RestartAllContainers') ?? false
}

function checkClaimStatuses({ spec, status }: PodLike, problems: Problems): void {
  const known = new Set((spec.resourceClaims ?? []).map(({ name }) => name))
  const seen = new Set<string>()
  for (const [position, claim] of (status.resourceClaimStatuses ?? []).entries()) {
    const place = statusPath.child('resourceClaimStatuses').index(position).child('name')
    const { name, resourceClaimName } = claim
    if (!known.has(name)) {
      const detail = 'must match the name of an entry in `spec.resourceClaims`'
      problems.invalid(place, name, detail)
    }
    if (seen.has(name)) problems.duplicate(place, name)
    seen.add(name)
    if (resourceClaimName !== undefined) {
      report(dnsSubdomainName(resourceClaimName), resourceClaimName, place, problems)
    }
  }
}

interface Address {
  readonly ip: string
}

const oneOfEach = 'may specify no more than one IP for each IP family'

function checkPodAddresses({ podIPs = [] }: PodStatus, problems: Problems): void {
  const at = statusPath.child('podIPs')
  checkSyntax(podIPs, at, problems)
  if (podIPs.length < 2) return
  if (!isDualStack(podIPs)) problems.invalid(at, podIPs, oneOfEach)
  checkRepeated(podIPs, at, problems)
}

function checkHostAddresses({ hostIP = '', hostIPs = [] }: PodStatus, problems: Problems): void {
  const at = statusPath.child('hostIPs')
  const [first] = hostIPs
  if (!first) return
  if (first.ip !== hostIP) {
    problems.invalid(at.index(0).child('ip'), first.ip, 'must be equal to `hostIP`')
  }
  checkSyntax(hostIPs, at, problems)
  if (hostIPs.length < 2) return
  checkRepeated(hostIPs, at, problems)
  if (!isDualStack(hostIPs)) problems.invalid(at, hostIPs, oneOfEach)
}

function checkSyntax(addresses: readonly Address[], at: Path, problems: Problems): void {
  for (const [position, { ip }] of addresses.entries()) {
    report(isIpForLegacyField(ip), ip, at.index(position), problems)
  }
}

function isDualStack(addresses: readonly Address[]): boolean {
  const families = new Set(addresses.map(({ ip }) => parseIp(ip)?.family))
  return addresses.length === 2 && families.size === 2
}

function checkRepeated(addresses: readonly Address[], at: Path, problems: Problems): void {
  for (const [position, address] of addresses.entries()) {
    const isRepeated = addresses.slice(0, position).some((each) => isDeepStrictEqual(each, address))
    if (isRepeated) problems.duplicate(at.index(position), address)
  }
}

function checkUsers(
  statuses: readonly ContainerStatus[] | undefined,
  spec: PodSpec,
  at: Path,
  problems: Problems,
): void {
  for (const [position, { user }] of (statuses ?? []).entries()) {
    if (!user?.linux) continue
    const place = at.index(position).child('linux')
    if (spec.os?.name === 'windows') problems.forbidden(place, 'cannot be set for a windows pod')
    checkNotNegative(user.linux.uid, place.child('uid'), problems)
    checkNotNegative(user.linux.gid, place.child('gid'), problems)
    for (const [groupPosition, group] of (user.linux.supplementalGroups ?? []).entries()) {
      checkNotNegative(group, place.child('supplementalGroups').index(groupPosition), problems)
    }
  }
}

/**
 * The single address and the list of addresses say the same. Where they differ the single one
 * counts, since older kubelets know no other.
 */
export function agreeOnAddresses(status: PodStatus): void {
  const { podIP, podIPs } = status
  if (podIP && podIPs?.[0]?.ip !== podIP) status.podIPs = [{ ip: podIP }]
  else if (podIPs?.[0]) status.podIP = podIPs[0].ip
}
