/** Requests and limits of containers as the containers themselves read them. */
import type { Pod } from '#api/kinds/core/pod.ts'
import type { Container } from '#api/parts/core/container.ts'
import type { ResourceFieldSelector } from '#api/parts/core/env.ts'
import { isZero, milliValue, quantityValue } from '#api/quantity.ts'
import { isHugePages } from '#api/rules/resource-names.ts'

type Amounts = Readonly<Record<string, string>>

/** Where a container has no limit, what the pod as a whole or the node has is its limit. */
const limitedByNode: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage'])

/** `container`: the one that asks, which selectors need not name. Throws for what is unknown. */
export function resourceOf(
  { containerName, resource, divisor }: ResourceFieldSelector,
  pod: Pod,
  container: Container | undefined,
  allocatable: Amounts,
): string {
  const found = containerName ? containerIn(pod, containerName) : container
  if (!found) throw new Error(`container ${containerName ?? ''} not found`)
  const [side, name = ''] = splitResource(resource)
  if (!side) throw new Error(`unsupported container resource : ${resource}`)
  const amount =
    side === 'requests'
      ? found.resources.requests?.[name]
      : limitOf(found.resources.limits, name, pod.spec.resources?.limits, allocatable)
  return divided(name, amount ?? '0', divisor)
}

function splitResource(resource: string): [side?: 'requests' | 'limits', name?: string] {
  const dot = resource.indexOf('.')
  const [side, name] = [resource.slice(0, dot), resource.slice(dot + 1)]
  if (side !== 'requests' && side !== 'limits') return []
  return limitedByNode.has(name) || isHugePages(name) ? [side, name] : []
}

function limitOf(
  limits: Amounts | undefined,
  name: string,
  ofPod: Amounts | undefined,
  allocatable: Amounts,
): string | undefined {
  const own = limits?.[name]
  if (own !== undefined && !isZero(own)) return own
  return ofPod?.[name] ?? (limitedByNode.has(name) ? allocatable[name] : own)
}

/** Whole multiples of the divisor, rounded up. */
function divided(name: string, amount: string, divisor: string | undefined): string {
  const unit = divisor === undefined || isZero(divisor) ? '1' : divisor
  const measure = name === 'cpu' ? milliValue : quantityValue
  const [total, each] = [measure(amount), measure(unit)]
  return String((total + each - 1n) / each)
}

function containerIn({ spec }: Pod, name: string): Container | undefined {
  const all = [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
  return all.find((each) => each.name === name)
}
