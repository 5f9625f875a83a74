/** Durations as flags write them (10s, 1h30m, 250ms), in milliseconds. */

const UNIT_MS: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
}

/** Undefined when the text is no duration; like Go, only 0 may stand without a unit. */
export function parseDurationMs(text: string): number | undefined {
  const [, sign = '', rest = ''] = /^([+-]?)(.*)$/s.exec(text) ?? []
  if (rest === '0') return 0
  const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y
  let totalMs = 0
  while (part.lastIndex < rest.length) {
    const [, number, unit] = part.exec(rest) ?? []
    if (number === undefined || unit === undefined) return undefined
    totalMs += Number(number) * (UNIT_MS[unit] ?? Number.NaN)
  }
  if (rest === '') return undefined
  return sign === '-' ? -totalMs : totalMs
}

/** The way Go prints a duration: 1h30m0s, 10s, 250ms, 0s. */
export function formatDurationMs(durationMs: number): string {
  const sign = durationMs < 0 ? '-' : ''
  const leftMs = Math.abs(durationMs)
  if (leftMs === 0) return '0s'
  if (leftMs < 1) return `${sign}${round(leftMs * 1_000)}µs`
  if (leftMs < 1_000) return `${sign}${round(leftMs)}ms`
  const hours = Math.floor(leftMs / 3_600_000)
  const minutes = Math.floor((leftMs % 3_600_000) / 60_000)
  const seconds = round((leftMs % 60_000) / 1_000)
  const shownHours = hours > 0 ? `${hours}h` : ''
  const shownMinutes = hours > 0 || minutes > 0 ? `${minutes}m` : ''
  return `${sign}${shownHours}${shownMinutes}${seconds}s`
}

/** Floating-point dust below a nanosecond's thousandth is not worth showing. */
function round(value: number): number {
  return Math.round(value * 1e6) / 1e6
}
