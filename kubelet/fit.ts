/** Whether a node has room for a pod beside those that it runs already. */
import type { Pod } from '#api/kinds/core/pod.ts'
import {
  addQuantities,
  compareQuantities,
  isZero,
  milliValue,
  parseQuantity,
  type Quantity,
  quantityValue,
} from '#api/quantity.ts'
import { podRequests } from '#api/rules/pod-resources.ts'

export interface Shortage {
  readonly resource: string
  readonly requested: string
  readonly used: string
  readonly capacity: string
  /** Not even an empty node would do. */
  readonly isHopeless: boolean
}

const nothing = parseQuantity('0')

/** The first resource of which there is not enough; `others` are the pods that stay. */
export function shortageFor(
  pod: Pod,
  others: readonly Pod[],
  allocatable: Readonly<Record<string, string>>,
): Shortage | undefined {
  const wanted = new Map<string, Quantity>(podRequests(pod.spec))
  wanted.set('pods', parseQuantity('1'))
  const used = usedBy(others)
  for (const [resource, requested] of wanted) {
    if (isZero(requested)) continue
    const capacity = parseQuantity(allocatable[resource] ?? '0')
    const taken = used.get(resource) ?? nothing
    if (compareQuantities(addQuantities(requested, taken), capacity) <= 0) continue
    const [first, second, third] = [requested, taken, capacity].map((each) =>
      amountOf(resource, each),
    )
    const isHopeless = compareQuantities(requested, capacity) > 0
    return { resource, requested: first!, used: second!, capacity: third!, isHopeless }
  }
  return undefined
}

/** As upstream prints amounts: thousandths of processors, and whole units of all else. */
const amountOf = (resource: string, amount: Quantity): string =>
  String(resource === 'cpu' ? milliValue(amount) : quantityValue(amount))

function usedBy(pods: readonly Pod[]): ReadonlyMap<string, Quantity> {
  const total = new Map<string, Quantity>()
  for (const { spec, status } of pods) {
    if (status.phase === 'Succeeded' || status.phase === 'Failed') continue
    for (const [resource, amount] of [
      ...podRequests(spec),
      ['pods', parseQuantity('1')] as const,
    ]) {
      total.set(resource, addQuantities(total.get(resource) ?? nothing, amount))
    }
  }
  return total
}
