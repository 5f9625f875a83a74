/** Durations in Go's syntax (`1h2m3.5s`), and ages as people read them. */
import { goQuoted, TimeError } from './time-error.ts'

const unitNanos = new Map([
  ['ns', 1n],
  ['us', 1000n],
  ['\u00b5s', 1000n], // Micro sign.
  ['\u03bcs', 1000n], // Greek letter mu.
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
])

/** The most negative duration has no positive twin, so magnitudes may reach it. */
const MAX_MAGNITUDE = 2n ** 63n
/** What an int64 can hold; Go ignores digits beyond it. */
const MAX_FRACTION_DIGITS = 19

/** Nanoseconds; throws `TimeError` with Go's message. */
export function parseDuration(text: string): bigint {
  const negative = text.startsWith('-')
  let rest = text.replace(/^[-+]/, '')
  if (rest === '0') return 0n
  if (rest === '') throw invalid(text)
  let total = 0n
  while (rest !== '') {
    const number = /^([0-9]*)(\.([0-9]*))?/.exec(rest) as RegExpExecArray
    const whole = number[1] as string
    const fraction = number[3] ?? ''
    if (whole === '' && fraction === '') throw invalid(text)
    rest = rest.slice(number[0].length)
    const unit = (/^[^.0-9]*/.exec(rest) as RegExpExecArray)[0]
    if (unit === '') {
      throw new TimeError(`time: missing unit in duration ${goQuoted(text)}`)
    }
    const nanos = unitNanos.get(unit)
    if (nanos === undefined) {
      const what = `${goQuoted(unit)} in duration ${goQuoted(text)}`
      throw new TimeError(`time: unknown unit ${what}`)
    }
    rest = rest.slice(unit.length)
    if (whole.replace(/^0+/, '').length > 19) throw invalid(text)
    total += BigInt(whole) * nanos + fractionNanos(fraction, nanos)
    if (total > MAX_MAGNITUDE) throw invalid(text)
  }
  if (negative) return -total
  if (total === MAX_MAGNITUDE) throw invalid(text)
  return total
}

const invalid = (text: string): TimeError =>
  new TimeError(`time: invalid duration ${goQuoted(text)}`)

/** In floating point, as Go does it: `0.3333333333333333333h` is twenty minutes. */
function fractionNanos(fraction: string, nanos: bigint): bigint {
  let digits = fraction.slice(0, MAX_FRACTION_DIGITS)
  if (BigInt(digits || '0') >= MAX_MAGNITUDE) digits = digits.slice(0, -1)
  return BigInt(Math.trunc(Number(digits) * (Number(nanos) / 10 ** digits.length)))
}

export function formatDuration(nanos: bigint): string {
  if (nanos === 0n) return '0s'
  const sign = nanos < 0n ? '-' : ''
  const magnitude = nanos < 0n ? -nanos : nanos
  if (magnitude < 1000n) return `${sign}${magnitude}ns`
  if (magnitude < 1_000_000n) return `${sign}${decimal(magnitude, 3)}\u00b5s`
  if (magnitude < 1_000_000_000n) return `${sign}${decimal(magnitude, 6)}ms`
  const minutes = magnitude / 60_000_000_000n
  const seconds = `${decimal(magnitude % 60_000_000_000n, 9)}s`
  if (minutes === 0n) return `${sign}${seconds}`
  const clock = `${minutes % 60n}m${seconds}`
  return minutes < 60n ? `${sign}${clock}` : `${sign}${minutes / 60n}h${clock}`
}

/** `value / 10^places` without trailing zeros. */
function decimal(value: bigint, places: number): string {
  const digits = value.toString().padStart(places + 1, '0')
  const fraction = digits.slice(-places).replace(/0+$/, '')
  const whole = digits.slice(0, -places)
  return fraction ? `${whole}.${fraction}` : whole
}

export function canonicalDuration(text: string): string {
  return formatDuration(parseDuration(text))
}

const MINUTE = 60
const HOUR = 3600
const DAY = 86_400
const YEAR = 365 * DAY

/** The AGE column: two or three significant figures, coarser the older it is. */
export function humanDuration(seconds: number): string {
  const age = Math.trunc(seconds)
  if (age < -1) return '<invalid>'
  if (age < 0) return '0s'
  if (age < 2 * MINUTE) return `${age}s`
  if (age < 10 * MINUTE) return twoUnits(age, MINUTE, 'm', 1, 's')
  if (age < 3 * HOUR) return `${Math.floor(age / MINUTE)}m`
  if (age < 8 * HOUR) return twoUnits(age, HOUR, 'h', MINUTE, 'm')
  if (age < 2 * DAY) return `${Math.floor(age / HOUR)}h`
  if (age < 8 * DAY) return twoUnits(age, DAY, 'd', HOUR, 'h')
  if (age < 2 * YEAR) return `${Math.floor(age / DAY)}d`
  if (age < 8 * YEAR) return twoUnits(age, YEAR, 'y', DAY, 'd')
  return `${Math.floor(age / YEAR)}y`
}

/** The short form, one unit only. */
export function shortHumanDuration(seconds: number): string {
  const age = Math.trunc(seconds)
  if (age < -1) return '<invalid>'
  if (age < 0) return '0s'
  if (age < MINUTE) return `${age}s`
  if (age < HOUR) return `${Math.floor(age / MINUTE)}m`
  if (age < DAY) return `${Math.floor(age / HOUR)}h`
  if (age < YEAR) return `${Math.floor(age / DAY)}d`
  return `${Math.floor(age / YEAR)}y`
}

function twoUnits(age: number, coarse: number, big: string, fine: number, small: string): string {
  const count = Math.floor(age / coarse)
  const rest = Math.floor((age % coarse) / fine)
  return rest === 0 ? `${count}${big}` : `${count}${big}${rest}${small}`
}
