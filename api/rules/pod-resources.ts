/** How much of each resource a pod takes, as the scheduler, quotas and kubelets count it. */
import type { Container } from '../parts/core/container.ts'
import type { PodSpec } from '../parts/core/pod-spec.ts'
import {
  addQuantities,
  compareQuantities,
  isZero,
  parseQuantity,
  type Quantity,
} from '../quantity.ts'
import { isHugePages } from './resource-names.ts'

/** Amounts by the name of the resource. */
export type Amounts = Map<string, Quantity>

type Side = 'requests' | 'limits'

/** The resources that a pod as a whole may ask for. */
export const isPodLevelResource = (name: string): boolean =>
  name === 'cpu' || name === 'memory' || isHugePages(name)

/** What the pod needs: of its containers or as a whole, with its overhead. */
export function podRequests(spec: PodSpec): Amounts {
  const amounts = podAmounts(spec, 'requests')
  add(amounts, spec.overhead)
  return amounts
}

/** What the pod may use; overhead counts only where there is a limit at all. */
export function podLimits(spec: PodSpec): Amounts {
  const amounts = podAmounts(spec, 'limits')
  for (const [name, overhead] of Object.entries(spec.overhead ?? {})) {
    const limit = amounts.get(name)
    if (limit && !isZero(limit)) amounts.set(name, addQuantities(limit, overhead))
  }
  return amounts
}

function podAmounts(spec: PodSpec, side: Side): Amounts {
  const amounts = containerAmounts(spec, side)
  for (const [name, amount] of Object.entries(spec.resources?.[side] ?? {})) {
    if (isPodLevelResource(name)) amounts.set(name, parseQuantity(amount))
  }
  return amounts
}

/**
 * What the containers take together. Init containers run one after the other, each beside the
 * sidecars before it, so that only the greatest of them counts.
 */
export function containerAmounts(spec: PodSpec, side: Side): Amounts {
  const total: Amounts = new Map()
  for (const container of spec.containers ?? []) addContainer(total, container, side)
  if (!spec.initContainers) return total
  const sidecars: Amounts = new Map()
  const greatest: Amounts = new Map()
  for (const container of spec.initContainers) {
    if (container.restartPolicy === 'Always') {
      addContainer(total, container, side)
      addContainer(sidecars, container, side)
      raise(greatest, sidecars)
    } else {
      const together = new Map(sidecars)
      addContainer(together, container, side)
      raise(greatest, together)
    }
  }
  raise(total, greatest)
  return total
}

const addContainer = (amounts: Amounts, { resources }: Container, side: Side): void =>
  add(amounts, resources[side])

function add(amounts: Amounts, more: Readonly<Record<string, string>> | undefined): void {
  if (!more) return
  for (const [name, amount] of Object.entries(more)) {
    const before = amounts.get(name)
    amounts.set(name, before ? addQuantities(before, amount) : parseQuantity(amount))
  }
}

function raise(amounts: Amounts, floor: Amounts): void {
  for (const [name, amount] of floor) {
    const before = amounts.get(name)
    if (!before || compareQuantities(amount, before) > 0) amounts.set(name, amount)
  }
}
