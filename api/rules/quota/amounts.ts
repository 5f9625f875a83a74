/** Sums of amounts by the name of the resource, as quotas need them. */
import {
  addQuantities,
  compareQuantities,
  isZero,
  parseQuantity,
  quantityFromUnits,
  quantitySign,
  subtractQuantities,
} from '../../quantity.ts'
import type { Amounts } from '../pod-resources.ts'

export type { Amounts } from '../pod-resources.ts'

type Texts = Readonly<Record<string, string>>

export const zero = quantityFromUnits(0, 'DecimalSI')
export const one = quantityFromUnits(1, 'DecimalSI')

export const amountsOf = (texts: Texts | undefined): Amounts =>
  new Map(Object.entries(texts ?? {}).map(([name, text]) => [name, parseQuantity(text)]))

/** In the order of names, as maps are kept. */
export function textsOf(amounts: Amounts): Record<string, string> {
  const sorted = [...amounts].sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(sorted.map(([name, { text }]) => [name, text]))
}

/** The sum; names of either side are in it. */
export function added(amounts: Amounts, more: Amounts): Amounts {
  const sum = new Map(amounts)
  for (const [name, amount] of more) {
    const before = sum.get(name)
    sum.set(name, before ? addQuantities(before, amount) : amount)
  }
  return sum
}

/** The difference, where nothing is less than nothing. */
export function subtracted(amounts: Amounts, less: Amounts): Amounts {
  const difference = new Map(amounts)
  for (const [name, amount] of less) {
    const rest = subtractQuantities(difference.get(name) ?? zero, amount)
    difference.set(name, quantitySign(rest) < 0 ? zero : rest)
  }
  return difference
}

export const onlyNamed = (amounts: Amounts, names: { has(name: string): boolean }): Amounts =>
  new Map([...amounts].filter(([name]) => names.has(name)))

export const withoutZeros = (amounts: Amounts): Amounts =>
  new Map([...amounts].filter(([, amount]) => !isZero(amount)))

/** The names that go beyond their bound, in order; what has no bound goes nowhere. */
export function exceeded(amounts: Amounts, bounds: Amounts): string[] {
  return [...amounts.keys()]
    .filter((name) => {
      const bound = bounds.get(name)
      return bound && compareQuantities(amounts.get(name)!, bound) > 0
    })
    .sort()
}

export const negativeNames = (amounts: Amounts): string[] =>
  [...amounts].flatMap(([name, amount]) => (quantitySign(amount) < 0 ? name : [])).sort()
