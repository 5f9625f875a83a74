/** Times as objects hold them: RFC 3339 in UTC, checked and worded as Go's parser does. */
import { goQuoted, TimeError } from './time-error.ts'

export {
  canonicalDuration,
  formatDuration,
  humanDuration,
  parseDuration,
} from './duration.ts'
export { TimeError }

export interface Epoch {
  readonly seconds: number
  readonly nanos: number
}

const SECONDS_LAYOUT = '2006-01-02T15:04:05Z07:00'
const MICRO_LAYOUT = '2006-01-02T15:04:05.000000Z07:00'

const CANONICAL_LENGTH = '2006-01-02T15:04:05Z'.length
const SECONDS_PER_DAY = 86_400
const NANOS_DIGITS = 9

/** The stored form of a time: UTC, whole seconds. */
export function canonicalTime(text: string): string {
  const { seconds } = parseTime(text, SECONDS_LAYOUT)
  // Any other spelling, such as a fraction or a single digit for the hour, has another length.
  if (text.length === CANONICAL_LENGTH && text.endsWith('Z')) return text
  return epochToTime(seconds)
}

/** The stored form of a MicroTime: UTC, exactly six digits after the point, on input too. */
export function canonicalMicroTime(text: string): string {
  const { seconds, nanos } = parseTime(text, MICRO_LAYOUT)
  return epochToMicroTime(seconds, nanos)
}

export function timeToEpoch(text: string): Epoch {
  return parseTime(text, SECONDS_LAYOUT)
}

export function microTimeToEpoch(text: string): Epoch {
  return parseTime(text, MICRO_LAYOUT)
}

/** Whole seconds since 1970 as a stored time. */
export function epochToTime(seconds: number): string {
  return `${dateAndClock(seconds)}Z`
}

export function epochToMicroTime(seconds: number, nanos = 0): string {
  const micros = Math.floor(nanos / 1000)
  return `${dateAndClock(seconds)}.${padded(micros, 6)}Z`
}

function dateAndClock(seconds: number): string {
  const days = Math.floor(seconds / SECONDS_PER_DAY)
  const { year, month, day } = civilFromDays(days)
  const rest = seconds - days * SECONDS_PER_DAY
  const hour = Math.floor(rest / 3600)
  const minute = Math.floor(rest / 60) % 60
  const years = year < 0 ? `-${padded(-year, 4)}` : padded(year, 4)
  const date = `${years}-${padded(month, 2)}-${padded(day, 2)}`
  return `${date}T${padded(hour, 2)}:${padded(minute, 2)}:${padded(rest % 60, 2)}`
}

const padded = (value: number, width: number): string => String(value).padStart(width, '0')

/** One pass over the text, which knows what it could not read and what it wanted there. */
class Cursor {
  readonly text: string
  readonly layout: string
  position = 0

  constructor(text: string, layout: string) {
    this.text = text
    this.layout = layout
  }

  get rest(): string {
    return this.text.slice(this.position)
  }

  unreadable(element: string, from = this.position): TimeError {
    const subject = `parsing time ${goQuoted(this.text)} as ${goQuoted(this.layout)}`
    const rest = goQuoted(this.text.slice(from))
    return new TimeError(`${subject}: cannot parse ${rest} as ${goQuoted(element)}`)
  }

  wrong(problem: string): TimeError {
    return new TimeError(`parsing time ${goQuoted(this.text)}: ${problem}`)
  }

  skip(separator: string): void {
    if (this.text[this.position] !== separator) throw this.unreadable(separator)
    this.position++
  }

  isDigit(offset = 0): boolean {
    const code = this.text.charCodeAt(this.position + offset)
    return code >= 48 && code <= 57
  }

  /** `least` to `most` digits; fewer is unreadable. */
  digits(least: number, most: number, element: string): number {
    let count = 0
    while (count < most && this.isDigit(count)) count++
    if (count < least) throw this.unreadable(element)
    this.position += count
    return Number(this.text.slice(this.position - count, this.position))
  }
}

function parseTime(text: string, layout: string): Epoch {
  const cursor = new Cursor(text, layout)
  const year = cursor.digits(4, 4, '2006')
  cursor.skip('-')
  const month = ranged(cursor, cursor.digits(2, 2, '01'), 1, 12, 'month')
  cursor.skip('-')
  const day = cursor.digits(2, 2, '02')
  cursor.skip('T')
  const hour = ranged(cursor, cursor.digits(1, 2, '15'), 0, 23, 'hour')
  cursor.skip(':')
  const minute = ranged(cursor, cursor.digits(2, 2, '04'), 0, 59, 'minute')
  cursor.skip(':')
  const second = ranged(cursor, cursor.digits(2, 2, '05'), 0, 59, 'second')
  const nanos = layout === MICRO_LAYOUT ? exactMicros(cursor) : anyFraction(cursor)
  const offset = zoneOffset(cursor)
  if (cursor.position < text.length) {
    throw cursor.wrong(`extra text: ${goQuoted(cursor.rest)}`)
  }
  ranged(cursor, day, 1, daysInMonth(year, month), 'day')
  const seconds = daysFromCivil(year, month, day) * SECONDS_PER_DAY
  return { seconds: seconds + hour * 3600 + minute * 60 + second - offset, nanos }
}

function ranged(cursor: Cursor, value: number, min: number, max: number, unit: string): number {
  if (value < min || value > max) throw cursor.wrong(`${unit} out of range`)
  return value
}

function exactMicros(cursor: Cursor): number {
  const start = cursor.position
  const separator = cursor.text[start]
  if (separator !== '.' && separator !== ',') throw cursor.unreadable('.000000')
  for (let digit = 1; digit <= 6; digit++) {
    if (!cursor.isDigit(digit)) throw cursor.unreadable('.000000')
  }
  cursor.position += 7
  return Number(cursor.text.slice(start + 1, start + 7)) * 1000
}

/** A fraction is welcome though the layout names none; below a nanosecond it is cut off. */
function anyFraction(cursor: Cursor): number {
  const separator = cursor.text[cursor.position]
  if ((separator !== '.' && separator !== ',') || !cursor.isDigit(1)) return 0
  let end = cursor.position + 1
  while (cursor.isDigit(end - cursor.position)) end++
  const digits = cursor.text.slice(cursor.position + 1, end).slice(0, NANOS_DIGITS)
  cursor.position = end
  return Number(digits.padEnd(NANOS_DIGITS, '0'))
}

function zoneOffset(cursor: Cursor): number {
  const start = cursor.position
  if (cursor.text[start] === 'Z') {
    cursor.position++
    return 0
  }
  const zone = /^([+-])(\d\d):(\d\d)$/.exec(cursor.text.slice(start, start + 6))
  if (!zone) throw cursor.unreadable('Z07:00')
  const hours = ranged(cursor, Number(zone[2]), 0, 24, 'time zone offset hour')
  const minutes = ranged(cursor, Number(zone[3]), 0, 60, 'time zone offset minute')
  cursor.position += 6
  return (zone[1] === '-' ? -1 : 1) * (hours * 3600 + minutes * 60)
}

function daysInMonth(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
}

/** Days since 1970-01-01; years are counted from March so that the leap day comes last. */
function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

function civilFromDays(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const leapDays =
    Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096)
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365)
  const yearDays = 365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100)
  const dayOfYear = dayOfEra - yearDays
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return { year, month, day: dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1 }
}
