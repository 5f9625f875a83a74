/** Which pod has to leave when its node runs out of something, and what is said about it. */
import type { Pod } from '#api/kinds/core/pod.ts'
import { quantityFromUnits, quantityValue } from '#api/quantity.ts'
import { podRequests } from '#api/rules/pod-resources.ts'
import type { Failed } from '../ending.ts'
import { limitOf, type Signal, type Supplies, type Threshold } from './thresholds.ts'

export interface ContainerUse {
  readonly name: string
  readonly memoryBytes: number
  readonly diskBytes: number
  readonly processes: number
}

export interface PodUse {
  readonly pod: Pod
  readonly containers: readonly ContainerUse[]
  /** Of volumes that lie on the node. */
  readonly volumeBytes: number
}

type Resource = 'memory' | 'ephemeral-storage' | 'pids' | 'inodes'

const CRITICAL_PRIORITY = 2_000_000_000

const resources: Record<Signal, Resource> = {
  'memory.available': 'memory',
  'nodefs.available': 'ephemeral-storage',
  'imagefs.available': 'ephemeral-storage',
  'nodefs.inodesFree': 'inodes',
  'imagefs.inodesFree': 'inodes',
  'pid.available': 'pids',
}

const conditions: Record<Resource, string> = {
  memory: 'MemoryPressure',
  'ephemeral-storage': 'DiskPressure',
  inodes: 'DiskPressure',
  pids: 'PIDPressure',
}

export const pressureOf = ({ signal }: Threshold): string => conditions[resources[signal]]

/** Memory goes first, as the kernel would choose for itself soon. */
const order: readonly Resource[] = ['memory', 'ephemeral-storage', 'inodes', 'pids']

export interface Eviction {
  readonly uid: string
  readonly failed: Failed
  readonly threshold: Threshold
}

/** One pod at a time: what it leaves may be enough. Undefined where none may be asked to go. */
export function chooseEviction(
  crossed: readonly Threshold[],
  supplies: Supplies,
  uses: readonly PodUse[],
): Eviction | undefined {
  const rank = (each: Threshold): number => order.indexOf(resources[each.signal])
  const [threshold] = crossed.toSorted((a, b) => rank(a) - rank(b))
  if (!threshold) return undefined
  const resource = resources[threshold.signal]
  const [victim] = uses.filter(mayLeave).toSorted((a, b) => compare(a, b, resource))
  if (!victim) return undefined
  const message = textOf(threshold, supplies, victim, resource)
  const failed: Failed = {
    reason: 'Evicted',
    message,
    graceSeconds: 0,
    disruptionReason: 'TerminationByKubelet',
  }
  return { uid: victim.pod.metadata.uid, failed, threshold }
}

function mayLeave({ pod }: PodUse): boolean {
  const { annotations = {}, deletionTimestamp } = pod.metadata
  const { phase } = pod.status
  if (deletionTimestamp || phase === 'Succeeded' || phase === 'Failed') return false
  if ((pod.spec.priority ?? 0) >= CRITICAL_PRIORITY) return false
  return annotations['kubernetes.io/config.source'] === undefined
}

/** Those that use more than they asked for, then the less important, then the greatest. */
function compare(a: PodUse, b: PodUse, resource: Resource): number {
  if (resource === 'pids') return byPriority(a, b) || usedBy(b, resource) - usedBy(a, resource)
  const [overA, overB] = [excess(a, resource), excess(b, resource)]
  return Number(overB > 0) - Number(overA > 0) || byPriority(a, b) || overB - overA
}

const byPriority = ({ pod: a }: PodUse, { pod: b }: PodUse): number =>
  (a.spec.priority ?? 0) - (b.spec.priority ?? 0)

const excess = (use: PodUse, resource: Resource): number =>
  usedBy(use, resource) - requestOf(use.pod, resource)

function usedBy({ containers, volumeBytes }: PodUse, resource: Resource): number {
  const sum = (of: (each: ContainerUse) => number): number =>
    containers.reduce((total, each) => total + of(each), 0)
  if (resource === 'memory') return sum(({ memoryBytes }) => memoryBytes)
  if (resource === 'pids') return sum(({ processes }) => processes)
  return volumeBytes + sum(({ diskBytes }) => diskBytes)
}

function requestOf({ spec }: Pod, resource: Resource): number {
  const amount = podRequests(spec).get(resource)
  return amount === undefined ? 0 : Number(quantityValue(amount))
}

function textOf(
  threshold: Threshold,
  supplies: Supplies,
  { pod, containers }: PodUse,
  resource: Resource,
): string {
  const supply = supplies[threshold.signal]!
  const limit = amountText(limitOf(threshold, supply), resource)
  const left = amountText(supply.available, resource)
  const low = `The node was low on resource: ${resource}. Threshold quantity: ${limit}, available: ${left}. `
  if (resource !== 'memory' && resource !== 'ephemeral-storage') return low
  const greedy = containers.flatMap(({ name, memoryBytes, diskBytes }) => {
    const used = resource === 'memory' ? memoryBytes : diskBytes
    const container = (pod.spec.containers ?? []).find((each) => each.name === name)
    const request = container?.resources.requests?.[resource] ?? '0'
    if (used <= Number(quantityValue(request))) return []
    const amount = amountText(used, resource)
    return [
      `Container ${name} was using ${amount}, request is ${request}, has larger consumption of ${resource}. `,
    ]
  })
  return low + greedy.join('')
}

const BYTES_PER_KI = 1024

const amountText = (amount: number, resource: Resource): string =>
  resource === 'memory' || resource === 'ephemeral-storage'
    ? `${Math.floor(amount / BYTES_PER_KI)}Ki`
    : String(Math.floor(amount))

/** A pod that fills more of the disk than it was granted; the node itself may have plenty. */
export function storageProblem({ pod, containers, volumeBytes }: PodUse): string | undefined {
  for (const { name, diskBytes } of containers) {
    const container = (pod.spec.containers ?? []).find((each) => each.name === name)
    const limit = container?.resources.limits?.['ephemeral-storage']
    if (limit !== undefined && diskBytes > Number(quantityValue(limit))) {
      return `Container ${name} exceeded its local ephemeral storage limit "${limit}". `
    }
  }
  const limits = (pod.spec.containers ?? []).map(
    ({ resources: { limits: own } }) => own?.['ephemeral-storage'],
  )
  if (limits.length === 0 || limits.includes(undefined)) return undefined
  const total = limits.reduce((sum, each) => sum + quantityValue(each!), 0n)
  const used = volumeBytes + containers.reduce((sum, each) => sum + each.diskBytes, 0)
  if (used <= Number(total)) return undefined
  const text = quantityFromUnits(total, 'BinarySI').text
  return `Pod ephemeral local storage usage exceeds the total limit of containers ${text}. `
}

/** Of a volume that the pod has to itself, such as an emptyDir. */
export function volumeProblem(name: string, usedBytes: number, limit: string): string | undefined {
  if (usedBytes <= Number(quantityValue(limit))) return undefined
  return `Usage of EmptyDir volume "${name}" exceeds the limit "${limit}". `
}
