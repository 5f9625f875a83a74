/** Moves a manual clock along with work that also waits for real sockets. */
import type { ManualClock } from '#daemon/clock.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Real sockets answer when they please: turns of the event loop pass until it is so. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turn()
}

/** Until as many timers wait. */
export function timers(clock: ManualClock, count = 1): Promise<void> {
  return until(() => clock.pendingTimers >= count)
}

/** Longer than any wait for another attempt, and shorter than alarms about silence. */
const WAIT_MAX_MS = 70_000

/** Fires each timer that is near as soon as there is one, until the work is done. */
export async function driven<T>(
  clock: ManualClock,
  work: Promise<T>,
  waitMaxMs: number = WAIT_MAX_MS,
): Promise<T> {
  let isDone = false
  const done = (): void => {
    isDone = true
  }
  work.then(done, done)
  while (!isDone) {
    const { nextTimerMs } = clock
    if (nextTimerMs !== undefined && nextTimerMs <= waitMaxMs) clock.jump(nextTimerMs)
    await turn()
  }
  return work
}
