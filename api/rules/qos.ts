/** Quality of service: which pods suffer first when a node runs out of something. */
import type { Container } from '../parts/core/container.ts'
import type { PodSpec } from '../parts/core/pod-spec.ts'
import type { ResourceRequirements } from '../parts/core/resources.ts'
import { addQuantities, compareQuantities, type Quantity, quantitySign } from '../quantity.ts'
import { isPodLevelResource } from './pod-resources.ts'

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort'

const counted = ['cpu', 'memory'] as const

/**
 * Guaranteed when every container has limits for cpu and memory and asks for just as much,
 * BestEffort when none asks for anything or is limited, and Burstable otherwise. Resources of the
 * pod as a whole count in place of those of containers.
 */
export function qosClassOf(spec: PodSpec): QosClass {
  const parts = partsOf(spec)
  const requests = sums(parts, requestOf)
  const limits = sums(parts, ({ limits }, name) => limits?.[name])
  if (!requests.size && !limits.size) return 'BestEffort'
  const isLimited = parts.every((part) => counted.every((name) => isAbove(part.limits?.[name])))
  const isExact = counted.every((name) => {
    const [request, limit] = [requests.get(name), limits.get(name)]
    return request && limit ? compareQuantities(request, limit) === 0 : request === limit
  })
  return isLimited && isExact ? 'Guaranteed' : 'Burstable'
}

function partsOf(spec: PodSpec): readonly ResourceRequirements[] {
  const { resources } = spec
  const names = Object.keys({ ...resources?.requests, ...resources?.limits })
  if (resources && names.some(isPodLevelResource)) return [resources]
  const containers: readonly Container[] = [
    ...(spec.containers ?? []),
    ...(spec.initContainers ?? []),
  ]
  return containers.map((container) => container.resources)
}

/** What is limited but not asked for is asked for to its limit, as defaulting will write it. */
const requestOf = ({ requests, limits }: ResourceRequirements, name: string) =>
  requests?.[name] ?? limits?.[name]

function sums(
  parts: readonly ResourceRequirements[],
  amountOf: (part: ResourceRequirements, name: string) => string | undefined,
): Map<string, Quantity | string> {
  const total = new Map<string, Quantity | string>()
  for (const name of counted) {
    for (const part of parts) {
      const amount = amountOf(part, name)
      if (!isAbove(amount)) continue
      const before = total.get(name)
      total.set(name, before === undefined ? amount : addQuantities(before, amount))
    }
  }
  return total
}

function isAbove(amount: string | undefined): amount is string {
  return amount !== undefined && quantitySign(amount) > 0
}
