/** Quantities such as `1500m` or `2Gi`: exact numbers that remember their family of suffixes. */

export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent'

/** The value is `unscaled * 10^scale`; `scale` is never below -9 (nano). */
export interface Quantity {
  readonly unscaled: bigint
  readonly scale: number
  readonly format: QuantityFormat
  /** The canonical text. */
  readonly text: string
}

export class QuantityError extends Error {
  override name = 'QuantityError'
}

const FORMAT_WRONG =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
const NUMERIC_WRONG = 'unable to parse numeric part of quantity'
const SUFFIX_WRONG = "unable to parse quantity's suffix"

/** Bounds the digits of one value; beyond it exact arithmetic would no longer be cheap. */
const MAX_TEXT_LENGTH = 1024
/** Bounds `1e999999999`, which upstream stores but could not add up. */
const MAX_EXPONENT = 1024
/** Texts repeat endlessly (`100m`, `128Mi`); the bound is against hostile variety. */
const CACHE_ENTRIES = 4096
const CACHED_TEXT_LENGTH = 32

const NANO = -9
const MILLI = -3
const MAX_INT64 = 2n ** 63n - 1n
/** Decimal digits that always fit an int64; within them upstream keeps the text as written. */
const INT64_DIGITS = 18

const decimalExponents = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
])
const decimalSuffixes = new Map([...decimalExponents].map(([suffix, power]) => [power, suffix]))
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

const cache = new Map<string, Quantity>()

/** Throws `QuantityError` with upstream's message. */
export function parseQuantity(text: string): Quantity {
  const known = cache.get(text)
  if (known) return known
  const parsed = parse(text)
  if (text.length <= CACHED_TEXT_LENGTH) {
    if (cache.size >= CACHE_ENTRIES) cache.clear()
    cache.set(text, parsed)
  }
  return parsed
}

/** What is stored for a quantity that arrived as a JSON string or number. */
export function canonicalQuantity(text: string | number): string {
  if (typeof text === 'string') return (cache.get(text) ?? parseQuantity(text.trim())).text
  return parseQuantity(numberText(text)).text
}

/** JavaScript writes large whole numbers with an exponent, which would look like another format. */
function numberText(value: number): string {
  return Number.isInteger(value) ? BigInt(value).toString() : String(value)
}

function parse(text: string): Quantity {
  if (text.length === 0) throw new QuantityError(FORMAT_WRONG)
  if (text.length > MAX_TEXT_LENGTH) throw new QuantityError(NUMERIC_WRONG)
  const parts = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/.exec(text)
  if (!parts) throw new QuantityError(FORMAT_WRONG)
  const negative = parts[1] === '-'
  const whole = (parts[2] as string).replace(/^0+/, '') || '0'
  const fraction = parts[3] ?? ''
  const { exponent, format } = interpretSuffix(parts[4] as string)
  const digits = whole + fraction
  const magnitude = BigInt(digits)
  if (format === 'BinarySI') return binary(text, negative, magnitude, fraction.length, exponent)
  const scale = exponent - fraction.length
  const signed = negative ? -magnitude : magnitude
  const keepsText =
    scale >= NANO &&
    scale % 3 === 0 &&
    digits.length <= INT64_DIGITS &&
    !digits.endsWith('000') &&
    digits[0] !== '0'
  if (keepsText) return { unscaled: signed, scale, format, text }
  return rounded(signed, scale, format)
}

interface Suffix {
  exponent: number
  format: QuantityFormat
}

function interpretSuffix(suffix: string): Suffix {
  const decimal = decimalExponents.get(suffix)
  if (decimal !== undefined) return { exponent: decimal, format: 'DecimalSI' }
  const power = binarySuffixes.indexOf(suffix)
  if (power > 0) return { exponent: power * 10, format: 'BinarySI' }
  if (!/^[eE][+-]?[0-9]+$/.test(suffix)) throw new QuantityError(SUFFIX_WRONG)
  const exponent = Number(suffix.slice(1))
  if (exponent > MAX_EXPONENT) throw new QuantityError(SUFFIX_WRONG)
  return { exponent, format: 'DecimalExponent' }
}

function binary(
  text: string,
  negative: boolean,
  magnitude: bigint,
  fractionDigits: number,
  exponent: number,
): Quantity {
  const shifted = magnitude << BigInt(exponent)
  const room = 15 - String(magnitude).length - Math.trunc((exponent * 3) / 10) - 1
  if (fractionDigits === 0 && room >= 0) {
    const unscaled = negative ? -shifted : shifted
    if ((magnitude & 7n) !== 0n) return { unscaled, scale: 0, format: 'BinarySI', text }
    return quantity(unscaled, 0, 'BinarySI')
  }
  const exact = rounded(shifted, -fractionDigits, 'BinarySI')
  const capped = compareScaled(exact, MAX_INT64, 0) > 0 ? { unscaled: MAX_INT64, scale: 0 } : exact
  const isFraction = capped.unscaled > 0n && compareScaled(capped, 1n, 0) < 0
  const unscaled = negative ? -capped.unscaled : capped.unscaled
  return quantity(unscaled, capped.scale, isFraction ? 'DecimalSI' : 'BinarySI')
}

/** Finer than nano rounds away from zero: who asks for something gets something. */
function rounded(unscaled: bigint, scale: number, format: QuantityFormat): Quantity {
  if (scale >= NANO) return quantity(unscaled, scale, format)
  return quantity(scaledUp(unscaled, scale, NANO), NANO, format)
}

function quantity(unscaled: bigint, scale: number, format: QuantityFormat): Quantity {
  return { unscaled, scale, format, text: canonicalText(unscaled, scale, format) }
}

/** The mantissa at a coarser or finer scale, rounded away from zero. */
function scaledUp(unscaled: bigint, from: number, to: number): bigint {
  if (unscaled === 0n || from === to) return unscaled
  if (from > to) return unscaled * 10n ** BigInt(from - to)
  const drop = to - from
  const sign = unscaled < 0n ? -1n : 1n
  // More digits are dropped than a text can hold: only the rounding is left.
  if (drop > MAX_TEXT_LENGTH + MAX_EXPONENT) return sign
  const divisor = 10n ** BigInt(drop)
  const quotient = unscaled / divisor
  return unscaled % divisor === 0n ? quotient : quotient + sign
}

function canonicalText(unscaled: bigint, scale: number, format: QuantityFormat): string {
  if (unscaled === 0n) return '0'
  if (format === 'BinarySI') {
    const whole = scaledUp(unscaled, scale, 0)
    const isSmall = whole > -1024n && whole < 1024n
    if (!isSmall && compareScaled({ unscaled, scale }, whole, 0) === 0) return binaryText(whole)
  }
  let mantissa = unscaled
  let exponent = scale
  while (mantissa % 10n === 0n) {
    mantissa /= 10n
    exponent++
  }
  while (exponent % 3 !== 0) {
    mantissa *= 10n
    exponent--
  }
  const suffix = format === 'DecimalExponent' ? undefined : decimalSuffixes.get(exponent)
  // Above exa there is no suffix, and dropping the exponent would change the value.
  return `${mantissa}${suffix ?? (exponent === 0 ? '' : `e${exponent}`)}`
}

function binaryText(whole: bigint): string {
  let mantissa = whole
  let power = 0
  while (mantissa % 1024n === 0n && power < binarySuffixes.length - 1) {
    mantissa /= 1024n
    power++
  }
  return `${mantissa}${binarySuffixes[power]}`
}

function compareScaled(
  a: { unscaled: bigint; scale: number },
  unscaled: bigint,
  scale: number,
): -1 | 0 | 1 {
  const common = Math.min(a.scale, scale)
  const left = scaledUp(a.unscaled, a.scale, common)
  const right = scaledUp(unscaled, scale, common)
  if (left === right) return 0
  return left < right ? -1 : 1
}

const asQuantity = (value: Quantity | string): Quantity =>
  typeof value === 'string' ? parseQuantity(value) : value

export function compareQuantities(a: Quantity | string, b: Quantity | string): -1 | 0 | 1 {
  const right = asQuantity(b)
  return compareScaled(asQuantity(a), right.unscaled, right.scale)
}

/** The sum has the format of `a`, unless `a` is zero. */
export function addQuantities(a: Quantity | string, b: Quantity | string): Quantity {
  const left = asQuantity(a)
  const right = asQuantity(b)
  const scale = Math.min(left.scale, right.scale)
  const sum =
    scaledUp(left.unscaled, left.scale, scale) + scaledUp(right.unscaled, right.scale, scale)
  return quantity(sum, scale, left.unscaled === 0n ? right.format : left.format)
}

export function subtractQuantities(a: Quantity | string, b: Quantity | string): Quantity {
  return addQuantities(a, negatedQuantity(b))
}

export function negatedQuantity(value: Quantity | string): Quantity {
  const { unscaled, scale, format } = asQuantity(value)
  return quantity(-unscaled, scale, format)
}

export function isZero(value: Quantity | string): boolean {
  return asQuantity(value).unscaled === 0n
}

/** -1, 0 or 1. */
export function quantitySign(value: Quantity | string): -1 | 0 | 1 {
  const { unscaled } = asQuantity(value)
  if (unscaled === 0n) return 0
  return unscaled < 0n ? -1 : 1
}

/** Whole units, rounded away from zero. */
export function quantityValue(value: Quantity | string): bigint {
  const { unscaled, scale } = asQuantity(value)
  return scaledUp(unscaled, scale, 0)
}

/** Thousandths, rounded away from zero. */
export function milliValue(value: Quantity | string): bigint {
  const { unscaled, scale } = asQuantity(value)
  return scaledUp(unscaled, scale, MILLI)
}

export function quantityFromUnits(units: bigint | number, format: QuantityFormat): Quantity {
  return quantity(BigInt(units), 0, format)
}

export function quantityFromMilli(milli: bigint | number, format: QuantityFormat): Quantity {
  return quantity(BigInt(milli), MILLI, format)
}

/** Resource lists keep nothing finer than a thousandth. */
export function roundedUpToMilli(text: string): string {
  const { unscaled, scale, format, text: canonical } = parseQuantity(text)
  if (scale >= MILLI) return canonical
  return quantity(scaledUp(unscaled, scale, MILLI), MILLI, format).text
}
