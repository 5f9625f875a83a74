/** Whether this node takes a pod that it was given; in upstream's words where it does not. */
import type { Node } from '#api/kinds/core/node.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { requiredNodeTest } from '#api/rules/node-selection.ts'
import { untoleratedTaint } from '#api/rules/taint-toleration.ts'
import { shortageFor } from './fit.ts'
import { containersOf } from './pod-containers.ts'
import { forbiddenSysctl } from './spec/sysctls.ts'

export interface Refusal {
  readonly reason: string
  readonly message: string
}

export interface AdmissionFacts {
  /** This one, as the API has it; undefined as long as it is not registered. */
  readonly node: Node | undefined
  readonly allocatable: Readonly<Record<string, string>>
  /** Pods that this node has taken before. */
  readonly others: readonly Pod[]
  /** Pressures under which the node is, such as DiskPressure. */
  readonly pressures: readonly string[]
  /** Patterns of kernel parameters that are allowed beside the safe ones. */
  readonly allowedSysctls: readonly string[]
  /** Whether a runtime class means the runtime of this node. */
  readonly acceptsRuntimeClass: (name: string) => boolean
}

const CRITICAL_PRIORITY = 2_000_000_000

export function refusalOf(pod: Pod, facts: AdmissionFacts): Refusal | undefined {
  return (
    underPressure(pod, facts) ??
    sysctlRefusal(pod, facts) ??
    unsupported(pod, facts) ??
    shortage(pod, facts) ??
    misplaced(pod, facts)
  )
}

/** Of the memory alone, pods that have asked for some are let in. */
function underPressure(pod: Pod, { pressures }: AdmissionFacts): Refusal | undefined {
  if (pressures.length === 0 || (pod.spec.priority ?? 0) >= CRITICAL_PRIORITY) return undefined
  const isMemoryAlone = pressures.every((each) => each === 'MemoryPressure')
  if (isMemoryAlone && pod.status.qosClass !== 'BestEffort') return undefined
  return { reason: 'Evicted', message: `The node had condition: [${pressures.join(' ')}]. ` }
}

function sysctlRefusal({ spec }: Pod, { allowedSysctls }: AdmissionFacts): Refusal | undefined {
  const name = forbiddenSysctl(spec, allowedSysctls)
  if (name === undefined) return undefined
  return { reason: 'SysctlForbidden', message: `forbidden sysctl: "${name}" not allowlisted` }
}

/** What nothing here could make true is not accepted and dropped. */
function unsupported(pod: Pod, { acceptsRuntimeClass }: AdmissionFacts): Refusal | undefined {
  const { spec } = pod
  const says = (field: string, text: string): Refusal => ({
    reason: 'UnexpectedAdmissionError',
    message: `${field}: ${text}`,
  })
  if (spec.os && spec.os.name !== 'linux') {
    const message = "Failed to admit pod as the OS field doesn't match node OS"
    return { reason: 'PodOSNotSupported', message }
  }
  // The Engine adds the groups that the image has for its user, and cannot be told not to.
  const policy = spec.securityContext?.supplementalGroupsPolicy
  if (policy === 'Strict') {
    const message = `SupplementalGroupsPolicy=${policy} is not supported in this node`
    return { reason: 'SupplementalGroupsPolicyNotSupported', message }
  }
  if (spec.hostUsers === false) return says('spec.hostUsers', 'user namespaces are not supported')
  if ((spec.resourceClaims ?? []).length > 0) {
    return says('spec.resourceClaims', 'dynamic resource allocation is not supported')
  }
  if (spec.runtimeClassName && !acceptsRuntimeClass(spec.runtimeClassName)) {
    const text = `RuntimeClass "${spec.runtimeClassName}" has a handler that this node does not have`
    return says('spec.runtimeClassName', text)
  }
  for (const { container } of containersOf(pod)) {
    const pages = Object.keys(container.resources.limits ?? {}).find((name) =>
      name.startsWith('hugepages-'),
    )
    if (pages) return says(`container ${container.name}`, `${pages} is not supported`)
  }
  return undefined
}

function shortage(pod: Pod, { others, allocatable }: AdmissionFacts): Refusal | undefined {
  const found = shortageFor(pod, others, allocatable)
  if (!found) return undefined
  const { resource, requested, used, capacity } = found
  const amounts = `requested: ${requested}, used: ${used}, capacity: ${capacity}`
  return {
    reason: `OutOf${resource}`,
    message: `Node didn't have enough resource: ${resource}, ${amounts}`,
  }
}

function misplaced(pod: Pod, { node, others }: AdmissionFacts): Refusal | undefined {
  if (!node) return undefined
  const { spec } = pod
  const fails = (name: string, text?: string): Refusal => ({
    reason: name,
    message: `Predicate ${name} failed${text ? `: ${text}` : ''}`,
  })
  const test = requiredNodeTest(spec)
  if (test && !test(node)) {
    return fails('NodeAffinity', "node(s) didn't match Pod's node affinity/selector")
  }
  if (hasPortConflict(pod, others)) {
    return fails('NodePorts', "node(s) didn't have free ports for the requested pod ports")
  }
  const taint = untoleratedTaint(
    node.spec.taints,
    spec.tolerations,
    ({ effect }) => effect === 'NoExecute',
  )
  if (taint) return fails('TaintToleration', "node(s) had taints that the pod didn't tolerate")
  return undefined
}

interface HostPort {
  readonly ip: string
  readonly port: number
  readonly protocol: string
}

function hostPortsOf(pod: Pod): HostPort[] {
  const { phase } = pod.status
  if (phase === 'Succeeded' || phase === 'Failed') return []
  return containersOf(pod)
    .filter(({ role }) => role === 'main' || role === 'sidecar')
    .flatMap(({ container }) => container.ports ?? [])
    .filter(({ hostPort }) => hostPort !== undefined && hostPort > 0)
    .map(({ hostPort, hostIP, protocol }) => ({
      ip: hostIP || '0.0.0.0',
      port: hostPort!,
      protocol: protocol ?? 'TCP',
    }))
}

function hasPortConflict(pod: Pod, others: readonly Pod[]): boolean {
  const wanted = hostPortsOf(pod)
  if (wanted.length === 0) return false
  const taken = others.flatMap(hostPortsOf)
  return wanted.some((a) =>
    taken.some(
      (b) =>
        a.port === b.port &&
        a.protocol === b.protocol &&
        (a.ip === b.ip || a.ip === '0.0.0.0' || b.ip === '0.0.0.0'),
    ),
  )
}
