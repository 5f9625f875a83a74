/** What a container may use of the node, as cgroups want it. */
import type { Pod } from '#api/kinds/core/pod.ts'
import type { Container } from '#api/parts/core/container.ts'
import type { ResourceRequirements } from '#api/parts/core/resources.ts'
import { milliValue, quantityValue } from '#api/quantity.ts'
import { qosClassOf } from '#api/rules/qos.ts'
import type { ContainerResources } from '../runtime.ts'

/** As the kernel and upstream have them. */
const SHARES_MIN = 2
const SHARES_MAX = 262_144
const SHARES_PER_CPU = 1024
const PERIOD_US = 100_000
const QUOTA_MIN_US = 1000

/** How soon the kernel kills a process when memory runs out: 1000 first, -1000 never. */
const OOM_CRITICAL = -997
const OOM_FIRST = 1000
/** Pods of this priority and above are as dear as the node's own daemons. */
const CRITICAL_PRIORITY = 2_000_000_000

export interface NodeFacts {
  /** Memory of the whole node, of which requests are a share. */
  readonly memoryBytes: number
  /** For each pod; not limited unless given. */
  readonly pids?: number | undefined
}

export function containerResources(
  pod: Pod,
  { resources: own }: Pick<Container, 'resources'>,
  node: NodeFacts,
  changed?: ResourceRequirements,
): ContainerResources {
  const { requests = {}, limits = {} } = changed ?? own
  // A pod may be limited as a whole instead: then each container is limited to that.
  const shared = pod.spec.resources?.limits ?? {}
  const cpu = limits.cpu ?? shared.cpu
  const memory = limits.memory ?? shared.memory
  const memoryBytes = memory === undefined ? 0 : Number(quantityValue(memory))
  return {
    cpuShares: sharesOf(requests.cpu ?? limits.cpu),
    ...quotaOf(cpu),
    ...(memoryBytes > 0 && { memoryBytes }),
    ...(node.pids !== undefined && node.pids > 0 && { pids: node.pids }),
    oomScoreAdjustment: oomScore(pod, requests.memory, node),
  }
}

/** Its weight when there is not enough for all; the least where it asks for nothing. */
function sharesOf(cpu: string | undefined): number {
  const milli = cpu === undefined ? 0 : Number(milliValue(cpu))
  const shares = Math.floor((milli * SHARES_PER_CPU) / 1000)
  return Math.min(Math.max(shares, SHARES_MIN), SHARES_MAX)
}

function quotaOf(cpu: string | undefined): Partial<ContainerResources> {
  const milli = cpu === undefined ? 0 : Number(milliValue(cpu))
  if (milli === 0) return {}
  const cpuQuotaUs = Math.max(Math.floor((milli * PERIOD_US) / 1000), QUOTA_MIN_US)
  return { cpuQuotaUs, cpuPeriodUs: PERIOD_US }
}

/** The more of the node's memory a burstable container asks for, the later it is its turn. */
function oomScore(pod: Pod, memory: string | undefined, { memoryBytes }: NodeFacts): number {
  if ((pod.spec.priority ?? 0) >= CRITICAL_PRIORITY) return OOM_CRITICAL
  const qos = qosClassOf(pod.spec)
  if (qos === 'Guaranteed') return OOM_CRITICAL
  if (qos === 'BestEffort') return OOM_FIRST
  const requested = memory === undefined ? 0 : Number(quantityValue(memory))
  const score = OOM_FIRST - Math.floor((OOM_FIRST * requested) / memoryBytes)
  // Between those that may not be killed and those that come first.
  const least = OOM_FIRST + OOM_CRITICAL
  if (score < least) return least
  return score === OOM_FIRST ? OOM_FIRST - 1 : score
}
