/** What a node has, and what of it pods may have. */
import {
  addQuantities,
  canonicalQuantity,
  parseQuantity,
  type Quantity,
  quantityFromUnits,
  quantitySign,
  quantityValue,
  subtractQuantities,
} from '#api/quantity.ts'
import type { RuntimeInfo } from '../runtime.ts'

type Amounts = Readonly<Record<string, string>>

export interface Machine {
  readonly info: Pick<RuntimeInfo, 'cpus' | 'memoryBytes'>
  readonly diskBytes: number
  readonly podsMax: number
}

const BYTES_PER_KI = 1024

export function capacityOf({ info, diskBytes, podsMax }: Machine): Amounts {
  return {
    cpu: String(info.cpus),
    'ephemeral-storage': inKi(diskBytes),
    memory: inKi(info.memoryBytes),
    pods: String(podsMax),
  }
}

/** As the API server writes it, too: what is told again and again shall not look like news. */
const inKi = (bytes: number): string => canonicalQuantity(`${Math.floor(bytes / BYTES_PER_KI)}Ki`)

/** Never less than nothing, however much is kept back. */
export function allocatableOf(capacity: Amounts, kept: readonly Amounts[]): Amounts {
  const result: Record<string, string> = {}
  for (const [name, amount] of Object.entries(capacity)) {
    const reserved = kept.reduce(
      (sum, each) => addQuantities(sum, each[name] ?? '0'),
      parseQuantity('0'),
    )
    const left = subtractQuantities(amount, reserved)
    result[name] = quantitySign(left) < 0 ? '0' : asTold(left, name)
  }
  return result
}

/** Storage is told in bytes, as the part that is kept back is a share of it. */
const asTold = (left: Quantity, name: string): string =>
  name === 'ephemeral-storage'
    ? quantityFromUnits(quantityValue(left), 'DecimalSI').text
    : left.text
