/** When a cron schedule is due, in wall-clock time of a time zone, daylight saving included. */
import type { CalendarSchedule, CronSchedule } from './cron-schedule.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
/** A schedule such as "0 0 30 2 *" never comes; upstream gives up after five years, too. */
const horizonYears = 5

interface WallClock {
  readonly year: number
  /** From one. */
  readonly month: number
  readonly day: number
  readonly weekday: number
  readonly hour: number
  readonly minute: number
}

/**
 * The first time after `afterMs` (milliseconds since the epoch) at which the schedule is due, or
 * undefined when there is none. Times that daylight saving skips are skipped, and times that it
 * repeats come twice.
 */
export function nextCronTime(
  schedule: CronSchedule,
  afterMs: number,
  timeZone = 'UTC',
): number | undefined {
  if (schedule.type === 'interval') {
    return Math.floor(afterMs / 1000) * 1000 + schedule.seconds * 1000
  }
  const zone = zoneOf(schedule.timeZone ?? timeZone)
  let time = (Math.floor(afterMs / minuteMs) + 1) * minuteMs
  const lastYear = zone.wallClock(time).year + horizonYears
  for (;;) {
    const wall = zone.wallClock(time)
    if (wall.year > lastYear) return undefined
    if (!hasBit(schedule.months, wall.month)) time = zone.startOf(wall.year, wall.month + 1, 1)
    else if (!dayMatches(schedule, wall)) time = zone.startOf(wall.year, wall.month, wall.day + 1)
    else if (!hasBit(schedule.hours, wall.hour)) time += hourMs - wall.minute * minuteMs
    else {
      const minute = nextMinute(schedule.minutes, wall.minute)
      if (minute === wall.minute) return time
      time += ((minute ?? 60) - wall.minute) * minuteMs
    }
  }
}

/** The last time that was due after one moment and up to another. */
export function latestCronTime(
  schedule: CronSchedule,
  afterMs: number,
  untilMs: number,
  timeZone = 'UTC',
): number | undefined {
  if (schedule.type === 'interval') {
    // Counted from the first moment; counted from any other, they would all be other times.
    const [from, step] = [Math.floor(afterMs / 1000) * 1000, schedule.seconds * 1000]
    const times = Math.floor((untilMs - from) / step)
    return times > 0 ? from + times * step : undefined
  }
  const next = (time: number) => nextCronTime(schedule, time, timeZone) ?? Number.POSITIVE_INFINITY
  if (next(afterMs) > untilMs) return undefined
  // The next time is due exactly as long as the moment asked about is before the last one.
  let before = afterMs
  let notBefore = untilMs
  while (notBefore - before > 1) {
    const middle = Math.floor((before + notBefore) / 2)
    if (next(middle) <= untilMs) before = middle
    else notBefore = middle
  }
  return next(before)
}

/** How many times were due after one moment and up to another; counting stops at `max`. */
export function countCronTimes(
  schedule: CronSchedule,
  afterMs: number,
  untilMs: number,
  { timeZone = 'UTC', max }: { readonly timeZone?: string; readonly max: number },
): number {
  let count = 0
  let time = nextCronTime(schedule, afterMs, timeZone)
  while (time !== undefined && time <= untilMs && count < max) {
    count++
    time = nextCronTime(schedule, time, timeZone)
  }
  return count
}

/** A time in RFC 3339, as clocks show it in a time zone. */
export function zonedTime(time: number, timeZone = 'UTC'): string {
  const offset = zoneOf(timeZone).offsetMs(time)
  const shown = new Date(time + offset).toISOString().slice(0, 'yyyy-mm-ddThh:mm:ss'.length)
  if (offset === 0) return `${shown}Z`
  const minutes = Math.trunc(Math.abs(offset) / minuteMs)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${shown}${offset < 0 ? '-' : '+'}${two(Math.trunc(minutes / 60))}:${two(minutes % 60)}`
}

function hasBit(bits: number, at: number): boolean {
  return (bits & (1 << at)) !== 0
}

function dayMatches(schedule: CalendarSchedule, { day, weekday }: WallClock): boolean {
  const inMonth = hasBit(schedule.daysOfMonth, day)
  const inWeek = hasBit(schedule.daysOfWeek, weekday)
  return schedule.daysBothMatch ? inMonth && inWeek : inMonth || inWeek
}

function nextMinute(bits: bigint, from: number): number | undefined {
  for (let minute = from; minute < 60; minute++) {
    if ((bits >> BigInt(minute)) & 1n) return minute
  }
  return undefined
}

interface Zone {
  wallClock(time: number): WallClock
  /** How far its clocks are ahead of UTC at a moment of whole seconds. */
  offsetMs(time: number): number
  /** The first moment of a day; the day may lie outside the month, as in `Date.UTC`. */
  startOf(year: number, month: number, day: number): number
}

const zones = new Map<string, Zone>()
/** There are about 600 names, so the bound is never reached by honest use. */
const zonesMax = 1000

function zoneOf(name: string): Zone {
  let zone = zones.get(name)
  if (!zone) {
    zone = name === 'UTC' || name === 'Etc/UTC' ? utc : zoneWithRules(name)
    if (zones.size < zonesMax) zones.set(name, zone)
  }
  return zone
}

function wallClockUtc(time: number): WallClock {
  const date = new Date(time)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    weekday: date.getUTCDay(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
  }
}

const utc: Zone = {
  wallClock: wallClockUtc,
  offsetMs: () => 0,
  startOf: (year, month, day) => Date.UTC(year, month - 1, day),
}

function zoneWithRules(timeZone: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  /** The wall clock, as if it were UTC. */
  const shifted = (time: number): number => {
    const parts: Record<string, number> = {}
    for (const { type, value } of format.formatToParts(time)) parts[type] = Number(value)
    const { year, month, day, hour, minute, second } = parts
    return Date.UTC(year!, month! - 1, day, hour, minute, second)
  }
  return {
    wallClock: (time) => wallClockUtc(shifted(time)),
    offsetMs: (time) => shifted(time) - time,
    startOf(year, month, day) {
      const wanted = Date.UTC(year, month - 1, day)
      // With the offsets of the days around, the earlier candidate that is not still yesterday.
      const candidates = [wanted - dayMs, wanted + dayMs].map(
        (near) => wanted - (shifted(near) - near),
      )
      let time = Math.min(...candidates)
      if (shifted(time) < wanted) time = Math.max(...candidates)
      while (shifted(time) < wanted) time += minuteMs
      return time
    },
  }
}
