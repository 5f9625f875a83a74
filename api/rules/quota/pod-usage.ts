/** What pods use of a quota, and what they must say about themselves where one counts it. */
import type { Pod } from '../../kinds/core/pod.ts'
import type { PodSpec } from '../../parts/core/pod-spec.ts'
import { timeToEpoch } from '../../time.ts'
import { podLimits, podRequests } from '../pod-resources.ts'
import { isExtendedResource, isHugePages, isNativeResource } from '../resource-names.ts'
import { type Amounts, amountsOf, one } from './amounts.ts'

const compute = ['cpu', 'memory', 'ephemeral-storage']
const names: ReadonlySet<string> = new Set([
  'count/pods',
  'pods',
  ...compute.flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
])

export const countsPods = (name: string): boolean =>
  names.has(name) ||
  isHugePages(name) ||
  name.startsWith('requests.hugepages-') ||
  (name.startsWith('requests.') && !isNativeResource(name))

/** A pod that is over takes no more than its place among the objects. */
export function podUsage(pod: Pick<Pod, 'metadata' | 'spec' | 'status'>, nowMs: number): Amounts {
  const usage: Amounts = new Map([['count/pods', one]])
  if (isOver(pod, nowMs)) return usage
  for (const [name, amount] of computeUsage(podRequests(pod.spec), podLimits(pod.spec))) {
    usage.set(name, amount)
  }
  return usage
}

function isOver({ metadata, status }: Pick<Pod, 'metadata' | 'status'>, nowMs: number): boolean {
  if (status.phase === 'Failed' || status.phase === 'Succeeded') return true
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata
  if (!deletionTimestamp || deletionGracePeriodSeconds === undefined) return false
  // The time of the deletion is when the grace ends.
  return nowMs > timeToEpoch(deletionTimestamp).seconds * 1000
}

function computeUsage(requests: Amounts, limits: Amounts): Amounts {
  const usage: Amounts = new Map([['pods', one]])
  for (const name of compute) {
    const [request, limit] = [requests.get(name), limits.get(name)]
    if (request) usage.set(name, request).set(`requests.${name}`, request)
    if (limit) usage.set(`limits.${name}`, limit)
  }
  for (const [name, request] of requests) {
    if (isHugePages(name)) usage.set(name, request)
    if (isHugePages(name) || isExtendedResource(name)) usage.set(`requests.${name}`, request)
  }
  return usage
}

/** Only for these must every container speak for itself: a mistake of old that must be kept. */
const required: readonly string[] = [
  'cpu',
  'limits.cpu',
  'limits.memory',
  'memory',
  'requests.cpu',
  'requests.memory',
]

/** What is missing, where a quota counts `restricted`. */
export function podConstraint(spec: PodSpec, restricted: ReadonlySet<string>): string | undefined {
  const wanted = required.filter((name) => restricted.has(name))
  if (!wanted.length) return undefined
  const ofPod = usageOf(spec.resources)
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
  const texts = wanted.flatMap((name) => {
    if (ofPod.has(name)) return []
    const silent = containers.filter(({ resources }) => !usageOf(resources).has(name))
    const list = [...new Set(silent.map((container) => container.name))].sort().join(',')
    return list ? `${name} for: ${list}` : []
  })
  return texts.length ? `must specify ${texts.join('; ')}` : undefined
}

const usageOf = (resources: PodSpec['resources']): Amounts =>
  computeUsage(amountsOf(resources?.requests), amountsOf(resources?.limits))
