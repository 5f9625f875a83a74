/** Values that are a number or a text, such as `3`, `"25%"` or a port's name. */
import { goAtoiError } from './go-number.ts'
import { patternMessage } from './names.ts'

export type IntOrString = number | string

export class IntOrStringError extends Error {
  override name = 'IntOrStringError'
}

const PERCENT = /^[0-9]+%$/
const ATOI = /^[-+]?[0-9]+$/

/** What is wrong with a percentage. */
export function isPercent(text: string): string[] {
  if (PERCENT.test(text)) return []
  const message = "a valid percent string must be a numeric string followed by an ending '%'"
  return [patternMessage(message, '[0-9]+%', '1%', '93%')]
}

/** The number before the sign of a valid percentage. */
export function percentOf(value: IntOrString): number | undefined {
  return typeof value === 'string' && PERCENT.test(value) ? Number(value.slice(0, -1)) : undefined
}

/** A number as it is, a percentage of the total; throws `IntOrStringError` for any other text. */
export function scaledValue(value: IntOrString, total: number, roundUp: boolean): number {
  if (typeof value === 'number') return value
  if (!value.endsWith('%')) throw invalid('invalid type: string is not a percentage')
  const digits = value.slice(0, -1)
  const percent = ATOI.test(digits) ? Number(digits) : Number.NaN
  if (!Number.isSafeInteger(percent)) {
    throw invalid(`invalid value ${JSON.stringify(value)}: ${goAtoiError(digits)}`)
  }
  const share = (percent * total) / 100
  return (roundUp ? Math.ceil(share) : Math.floor(share)) + 0
}

const invalid = (detail: string): IntOrStringError =>
  new IntOrStringError(`invalid value for IntOrString: ${detail}`)
