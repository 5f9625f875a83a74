/**
 * Cron schedules as CronJobs write them: five fields, the usual words such as `@daily`, and
 * `@every 1h30m`. Syntax and error messages are those of upstream's cron library.
 */
import { parseDuration } from '../duration.ts'

/** Which minutes, hours, ... match: one bit for each value. */
export interface CalendarSchedule {
  readonly type: 'calendar'
  readonly minutes: bigint
  readonly hours: number
  readonly daysOfMonth: number
  readonly months: number
  readonly daysOfWeek: number
  /** With a `*` in either day field both must match; otherwise one is enough. */
  readonly daysBothMatch: boolean
  readonly timeZone?: string
}

export interface IntervalSchedule {
  readonly type: 'interval'
  readonly seconds: number
}

export type CronSchedule = CalendarSchedule | IntervalSchedule

export class CronError extends Error {
  override readonly name = 'CronError'
}

interface Bounds {
  readonly min: number
  readonly max: number
  readonly names?: readonly string[]
}

const monthNames = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')
const dayNames = 'sun mon tue wed thu fri sat'.split(' ')
const minuteBounds: Bounds = { min: 0, max: 59 }
const hourBounds: Bounds = { min: 0, max: 23 }
const dayOfMonthBounds: Bounds = { min: 1, max: 31 }
const monthBounds: Bounds = { min: 1, max: 12, names: monthNames }
const dayOfWeekBounds: Bounds = { min: 0, max: 6, names: dayNames }

const descriptors: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

/** Reads a schedule; throws a CronError in upstream's words. */
export function parseCronSchedule(text: string): CronSchedule {
  if (text === '') throw new CronError('empty spec string')
  const zoned = /^(?:CRON_)?TZ=(\S*)\s+(.*)$/s.exec(text)
  if (!zoned) return parseUnzoned(text.trim())
  const timeZone = zoned[1] || 'UTC'
  if (!isTimeZone(timeZone)) {
    throw new CronError(`provided bad location ${timeZone}: unknown time zone ${timeZone}`)
  }
  const schedule = parseUnzoned(zoned[2]!.trim())
  return schedule.type === 'calendar' ? { ...schedule, timeZone } : schedule
}

/** Names that were found to be known: asking the runtime takes a tenth of a millisecond. */
const knownZones = new Set<string>()
/** More than there are names, so the bound is there only in case of doubt. */
const knownZonesMax = 1000

/** Whether a name of the IANA time zone database is known, in its own spelling. */
export function isTimeZone(name: string): boolean {
  if (knownZones.has(name)) return true
  // The runtime takes offsets such as +01:00 too, which are no names.
  if (!/^[A-Za-z]/.test(name)) return false
  const known = canonicalZone(name)
  if (known === undefined) return false
  if (known !== name && known.toLowerCase() === name.toLowerCase()) return false
  if (knownZones.size < knownZonesMax) knownZones.add(name)
  return true
}

function canonicalZone(name: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function parseUnzoned(text: string): CronSchedule {
  if (text.startsWith('@')) return parseDescriptor(text)
  const fields = text.split(/\s+/).filter((field) => field !== '')
  if (fields.length !== 5) {
    throw new CronError(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`)
  }
  const [minute, hour, dayOfMonth, month, dayOfWeek] = fields as [
    string,
    string,
    string,
    string,
    string,
  ]
  const minutes = parseField(minute, minuteBounds)
  const hours = parseField(hour, hourBounds)
  const days = parseField(dayOfMonth, dayOfMonthBounds)
  const months = parseField(month, monthBounds)
  const weekdays = parseField(dayOfWeek, dayOfWeekBounds)
  return {
    type: 'calendar',
    minutes: minutes.bits,
    hours: Number(hours.bits),
    daysOfMonth: Number(days.bits),
    months: Number(months.bits),
    daysOfWeek: Number(weekdays.bits),
    daysBothMatch: days.isStar || weekdays.isStar,
  }
}

function parseDescriptor(text: string): CronSchedule {
  const fields = Object.hasOwn(descriptors, text) ? descriptors[text] : undefined
  if (fields) return parseUnzoned(fields)
  const every = '@every '
  if (!text.startsWith(every)) throw new CronError(`unrecognized descriptor: ${text}`)
  return { type: 'interval', seconds: intervalSeconds(text, text.slice(every.length)) }
}

function intervalSeconds(descriptor: string, duration: string): number {
  let nanos: bigint
  try {
    nanos = parseDuration(duration)
  } catch (error) {
    throw new CronError(`failed to parse duration ${descriptor}: ${(error as Error).message}`)
  }
  return Math.max(1, Number(nanos / 1_000_000_000n))
}

interface Field {
  readonly bits: bigint
  /** A `*` without a step, which means something for the two day fields. */
  readonly isStar: boolean
}

function parseField(text: string, bounds: Bounds): Field {
  let bits = 0n
  let isStar = false
  for (const part of text.split(',')) {
    if (part === '') continue
    const range = parseRange(part, bounds)
    for (let value = range.start; value <= range.end; value += range.step) {
      bits |= 1n << BigInt(value)
    }
    isStar ||= range.isStar
  }
  return { bits, isStar }
}

function parseRange(text: string, bounds: Bounds) {
  const [limits, stepText, ...more] = text.split('/') as [string, ...string[]]
  const [low, high, ...rest] = limits.split('-') as [string, ...string[]]
  const isStar = low === '*' || low === '?'
  let start = bounds.min
  let end = bounds.max
  if (!isStar) {
    start = parseValue(low, bounds.names)
    end = high === undefined ? start : parseValue(high, bounds.names)
    if (rest.length) throw new CronError(`too many hyphens: ${text}`)
  }
  let step = 1
  if (stepText !== undefined) {
    if (more.length) throw new CronError(`too many slashes: ${text}`)
    step = parseNumber(stepText)
    // "5/15" means from 5 on, not just 5.
    if (high === undefined) end = bounds.max
  }
  if (start < bounds.min) {
    throw new CronError(`beginning of range (${start}) below minimum (${bounds.min}): ${text}`)
  }
  if (end > bounds.max) {
    throw new CronError(`end of range (${end}) above maximum (${bounds.max}): ${text}`)
  }
  if (start > end) {
    throw new CronError(`beginning of range (${start}) beyond end of range (${end}): ${text}`)
  }
  if (step === 0) throw new CronError(`step of range should be a positive number: ${text}`)
  return { start, end, step, isStar: isStar && step === 1 }
}

function parseValue(text: string, names: readonly string[] | undefined): number {
  const at = names?.indexOf(text.toLowerCase()) ?? -1
  // Months are counted from one, days of the week from zero.
  if (at >= 0) return names === monthNames ? at + 1 : at
  return parseNumber(text)
}

function parseNumber(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) {
    const cause = `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`
    throw new CronError(`failed to parse int from ${text}: ${cause}`)
  }
  const value = Number(text)
  if (!Number.isSafeInteger(value)) {
    const cause = `strconv.Atoi: parsing ${JSON.stringify(text)}: value out of range`
    throw new CronError(`failed to parse int from ${text}: ${cause}`)
  }
  if (value < 0) throw new CronError(`negative number (${value}) not allowed: ${text}`)
  return value
}
