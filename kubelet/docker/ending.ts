/** Ends containers on an Engine, and never waits for an end that does not come. */
import type { Clock } from '#daemon/clock.ts'
import { type Engine, isGone } from '#engine/engine.ts'
import { hasStatus } from '#engine/engine-error.ts'

/** A process that was killed ends within milliseconds, unless the kernel waits for a disk. */
const KILLED_TIMEOUT_MS = 60_000

/** Tells it to end, and kills it once the grace is over; without a grace it is killed at once. */
export async function endContainer(
  { engine, clock }: { readonly engine: Engine; readonly clock: Clock },
  id: string,
  asked?: { readonly signal: string; readonly graceMs: number },
): Promise<void> {
  const waiting = new AbortController()
  // Waiting begins first, so that an end in between is not missed.
  const ended = engine.waitContainer(id, waiting.signal).then(
    () => true,
    (error) => {
      if (isGone(error)) return true
      throw error
    },
  )
  // An Engine that goes away while it is told to kill is no reason to crash: the kill says so.
  ended.catch(() => undefined)
  try {
    if (asked) {
      await kill(engine, id, asked.signal)
      if (await within(clock, ended, asked.graceMs)) return
    }
    await kill(engine, id, 'SIGKILL')
    if (await within(clock, ended, KILLED_TIMEOUT_MS)) return
    throw new Error(`container ${id}: it still runs ${KILLED_TIMEOUT_MS} ms after it was killed`)
  } finally {
    waiting.abort()
    await ended.catch(() => undefined)
  }
}

/** One that has ended by itself in the meantime is as good as killed. */
async function kill(engine: Engine, id: string, signal: string): Promise<void> {
  try {
    await engine.killContainer(id, signal)
  } catch (error) {
    if (!hasStatus(error, 404, 409)) throw error
  }
}

/** Whether the work has ended in time; what it throws is thrown. */
async function within(clock: Clock, work: Promise<boolean>, timeMs: number): Promise<boolean> {
  const over = Promise.withResolvers<false>()
  using _timer = clock.setTimeout(() => over.resolve(false), timeMs)
  return await Promise.race([work, over.promise])
}
