/** What the flags of a kubelet say about amounts that pods do not get. */
import { parseQuantity, quantityValue } from '#api/quantity.ts'
import { parseThresholds, type Threshold } from './thresholds.ts'

/** By resource; throws for amounts that cannot be read. */
export function reservedAmounts(
  maps: readonly ReadonlyMap<string, string>[],
): readonly Readonly<Record<string, string>>[] {
  return maps.map((map) => {
    for (const amount of map.values()) parseQuantity(amount)
    return Object.fromEntries(map)
  })
}

/** What has to stay free, so that pods are not evicted for using what they were promised. */
export function evictionReserve(
  evictionHard: string,
  memoryBytes: number,
  diskBytes: number,
): Readonly<Record<string, string>> {
  const thresholds = parseThresholds(evictionHard)
  const memory = amountOf(thresholds, 'memory.available', memoryBytes)
  const disk = amountOf(thresholds, 'nodefs.available', diskBytes)
  return { memory: String(memory), 'ephemeral-storage': String(disk) }
}

function amountOf(thresholds: readonly Threshold[], signal: string, whole: number): number {
  const found = thresholds.find((each) => each.signal === signal)
  if (!found) return 0
  if (found.share !== undefined) return Math.floor(whole * found.share)
  return Number(quantityValue(found.amount ?? '0'))
}
