/** When a node runs out of something: `--eviction-hard`, read and compared. */
import { parseQuantity, quantityValue } from '#api/quantity.ts'

const signals = [
  'memory.available',
  'nodefs.available',
  'nodefs.inodesFree',
  'imagefs.available',
  'imagefs.inodesFree',
  'pid.available',
] as const
export type Signal = (typeof signals)[number]

export interface Threshold {
  readonly signal: Signal
  /** One of the two. */
  readonly amount?: string
  /** Of the whole, from 0 to 1. */
  readonly share?: number
}

export interface Supply {
  readonly available: number
  readonly capacity: number
}

export type Supplies = Readonly<Partial<Record<Signal, Supply>>>

/** Throws with what was found and what was wanted. */
export function parseThresholds(text: string): readonly Threshold[] {
  const parts = text.split(',').filter((part) => part.trim() !== '')
  return parts.map((part) => {
    const [, name = '', value = ''] = /^\s*([\w.]+)\s*<\s*(\S+)\s*$/.exec(part) ?? []
    const signal = signals.find((each) => each === name)
    if (!signal) {
      const known = signals.join(', ')
      throw new Error(`--eviction-hard: "${part}", wanted <signal><<amount> of ${known}`)
    }
    if (!value.endsWith('%')) {
      parseQuantity(value)
      return { signal, amount: value }
    }
    const share = Number(value.slice(0, -1)) / 100
    if (share >= 0 && share < 1) return { signal, share }
    throw new Error(`--eviction-hard: "${part}", wanted a share from 0% to below 100%`)
  })
}

/** In the units of the supply. */
export const limitOf = ({ amount, share }: Threshold, { capacity }: Supply): number =>
  share === undefined ? Number(quantityValue(amount ?? '0')) : capacity * share

export function crossed(
  thresholds: readonly Threshold[],
  supplies: Supplies,
): readonly Threshold[] {
  return thresholds.filter((threshold) => {
    const supply = supplies[threshold.signal]
    return supply !== undefined && supply.available < limitOf(threshold, supply)
  })
}
