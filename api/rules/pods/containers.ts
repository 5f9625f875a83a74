/** Rules about the three kinds of containers of a pod. */
import { isPortName, isPortNumber } from '../../names.ts'
import type { Container, ContainerPort } from '../../parts/core/container.ts'
import type { EphemeralContainer } from '../../parts/core/ephemeral-container.ts'
import type { PodSpec } from '../../parts/core/pod-spec.ts'
import type { ContainerResizePolicy } from '../../parts/core/resources.ts'
import type { Path, Problems } from '../../problems.ts'
import { checkDnsLabel, checkWord, report } from './checks.ts'
import { isSidecar } from './each-container.ts'
import { validateEnv, validateEnvFrom } from './env.ts'
import { type Volumes, validateDevices, validateMounts } from './mounts.ts'
import { type HookRules, validateHooks } from './probes.ts'
import { validateResources } from './resources.ts'
import { validateRestart } from './restart.ts'
import { validateSecurityContext } from './security.ts'

/** What the pod around a container says that the container depends on. */
export interface PodFacts extends HookRules {
  readonly volumes: Volumes
  readonly claimNames: ReadonlySet<string>
  readonly restartPolicy: string
  readonly hasHostUsers: boolean
}

export function validateContainers(
  containers: readonly Container[] | null,
  facts: PodFacts,
  at: Path,
  problems: Problems,
): void {
  if (!containers?.length) {
    problems.required(at)
    return
  }
  const names = new Set<string>()
  for (const [position, container] of containers.entries()) {
    const place = at.index(position)
    validateContainer(container, facts, place, problems)
    const { name } = container
    if (names.has(name)) problems.duplicate(place.child('name'), name)
    names.add(name)
    validateHooks(container, facts, place, problems)
    validateRestart(container, place, problems)
  }
  checkHostPorts(containers, at, problems)
}

const initOnly = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const

export function validateInitContainers(
  { initContainers, containers }: PodSpec,
  facts: PodFacts,
  at: Path,
  problems: Problems,
): void {
  if (!initContainers) return
  const names = new Set((containers ?? []).map(({ name }) => name))
  for (const [position, container] of initContainers.entries()) {
    const place = at.index(position)
    validateContainer(container, facts, place, problems)
    validateRestart(container, place, problems)
    const { name } = container
    if (names.has(name)) problems.duplicate(place.child('name'), name)
    else if (name) names.add(name)
    // They run one after the other, so that only ports of the same container can be in conflict.
    checkHostPorts([container], at, problems)
    if (isSidecar(container)) validateHooks(container, facts, place, problems)
    else {
      for (const field of initOnly) {
        if (!container[field]) continue
        const detail = 'may not be set for init containers without restartPolicy=Always'
        problems.forbidden(place.child(field), detail)
      }
    }
  }
}

const notEphemeral = 'cannot be set for an Ephemeral Container'
const lastingFields = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const

export function validateEphemeralContainers(
  { ephemeralContainers, containers, initContainers }: PodSpec,
  facts: PodFacts,
  at: Path,
  problems: Problems,
): void {
  if (!ephemeralContainers) return
  const lasting = new Set(
    [...(containers ?? []), ...(initContainers ?? [])].map(({ name }) => name),
  )
  const names = new Set(lasting)
  for (const [position, container] of ephemeralContainers.entries()) {
    const place = at.index(position)
    validateContainer(container, facts, place, problems)
    checkImagePadding(container, place, problems)
    const { name, targetContainerName: target } = container
    if (names.has(name)) problems.duplicate(place.child('name'), name)
    names.add(name)
    if (target && !lasting.has(target)) {
      problems.notFound(place.child('targetContainerName'), target)
    }
    refuseLastingFields(container, place, problems)
  }
}

/** A container that is added for a moment must not become part of what the pod does. */
function refuseLastingFields(container: EphemeralContainer, at: Path, problems: Problems): void {
  for (const field of lastingFields) {
    const value = container[field]
    const isSet = field === 'resources' ? hasMembers(container.resources) : value !== undefined
    if (isSet) problems.forbidden(at.child(field), notEphemeral)
  }
  for (const [position, { subPath, subPathExpr }] of (container.volumeMounts ?? []).entries()) {
    const place = at.child('volumeMounts').index(position)
    if (subPath) problems.forbidden(place.child('subPath'), notEphemeral)
    if (subPathExpr) problems.forbidden(place.child('subPathExpr'), notEphemeral)
  }
}

function hasMembers(value: object): boolean {
  for (const _ in value) return true
  return false
}

/** Templates may have padded images, which webhooks fill in; pods may not. */
export function checkImagePadding({ image = '' }: Container, at: Path, problems: Problems): void {
  if (image.length !== image.trim().length) {
    problems.invalid(at.child('image'), image, 'must not have leading or trailing whitespace')
  }
}

const messagePolicies = new Set(['FallbackToLogsOnError', 'File'])
const pullPolicies = new Set(['Always', 'IfNotPresent', 'Never'])

function validateContainer(
  container: Container,
  facts: PodFacts,
  at: Path,
  problems: Problems,
): void {
  const { name, image, terminationMessagePolicy, imagePullPolicy, securityContext } = container
  if (!name) problems.required(at.child('name'))
  else checkDnsLabel(name, at.child('name'), problems)
  if (!image) problems.required(at.child('image'))
  checkWord(
    terminationMessagePolicy,
    messagePolicies,
    at.child('terminationMessagePolicy'),
    problems,
  )
  validatePorts(container.ports, at.child('ports'), problems)
  validateEnv(container.env, at.child('env'), problems)
  validateEnvFrom(container.envFrom, at.child('envFrom'), problems)
  if (container.volumeMounts) {
    validateMounts(container, facts.volumes, at.child('volumeMounts'), problems)
  }
  if (container.volumeDevices) {
    validateDevices(container, facts.volumes, at.child('volumeDevices'), problems)
  }
  checkWord(imagePullPolicy, pullPolicies, at.child('imagePullPolicy'), problems)
  validateResources(container.resources, facts.claimNames, at.child('resources'), problems)
  validateResizePolicies(container, facts, at.child('resizePolicy'), problems)
  if (securityContext) {
    const place = at.child('securityContext')
    validateSecurityContext(securityContext, facts.hasHostUsers, place, problems)
  }
}

const protocols = new Set(['SCTP', 'TCP', 'UDP'])

function validatePorts(
  ports: readonly ContainerPort[] | undefined,
  at: Path,
  problems: Problems,
): void {
  if (!ports) return
  const names = new Set<string>()
  for (const [position, { name, containerPort, hostPort, protocol }] of ports.entries()) {
    const place = at.index(position)
    if (name) {
      const messages = isPortName(name)
      report(messages, name, place.child('name'), problems)
      if (!messages.length && names.has(name)) problems.duplicate(place.child('name'), name)
      names.add(name)
    }
    if (!containerPort) problems.required(place.child('containerPort'))
    else report(isPortNumber(containerPort), containerPort, place.child('containerPort'), problems)
    if (hostPort) report(isPortNumber(hostPort), hostPort, place.child('hostPort'), problems)
    checkWord(protocol, protocols, place.child('protocol'), problems)
  }
}

function checkHostPorts(containers: readonly Container[], at: Path, problems: Problems): void {
  let taken: Set<string> | undefined
  for (const [position, { ports }] of containers.entries()) {
    for (const [portPosition, { hostPort, hostIP = '', protocol }] of (ports ?? []).entries()) {
      if (!hostPort) continue
      taken ??= new Set()
      const key = `${protocol}/${hostIP}/${hostPort}`
      const place = at.index(position).child('ports').index(portPosition).child('hostPort')
      if (taken.has(key)) problems.duplicate(place, key)
      taken.add(key)
    }
  }
}

const resizable = new Set(['cpu', 'memory'])
const resizeActions = new Set(['NotRequired', 'RestartContainer'])

function validateResizePolicies(
  { resizePolicy, restartPolicy }: Container,
  facts: PodFacts,
  at: Path,
  problems: Problems,
): void {
  const seen = new Set<string>()
  for (const [position, policy] of (resizePolicy ?? []).entries()) {
    if (seen.has(policy.resourceName)) {
      problems.duplicate(at.index(position), policy.resourceName)
    }
    seen.add(policy.resourceName)
    checkResizePolicy(policy, restartPolicy ?? facts.restartPolicy, at, problems)
  }
}

function checkResizePolicy(
  { resourceName, restartPolicy }: ContainerResizePolicy,
  containerRestarts: string,
  at: Path,
  problems: Problems,
): void {
  checkWord(resourceName, resizable, at, problems)
  checkWord(restartPolicy, resizeActions, at, problems)
  if (containerRestarts === 'Never' && restartPolicy !== 'NotRequired') {
    const detail = "must be 'NotRequired' when `restartPolicy` is 'Never'"
    problems.invalid(at, restartPolicy, detail)
  }
}
