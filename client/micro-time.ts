/** The wall clock as the API writes it where microseconds count. */
import { epochToMicroTime } from '#api/time.ts'
import type { Clock } from '#daemon/clock.ts'

export function microTime(clock: Clock): string {
  const now = clock.now()
  const seconds = Math.floor(now / 1000)
  return epochToMicroTime(seconds, Math.floor((now - seconds * 1000) * 1e6))
}
