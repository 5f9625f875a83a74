/** Time as a value that is passed in, so that a test can hold it still and move it by hand. */
import { performance } from 'node:perf_hooks'
import { TimerQueue } from './timer-queue.ts'

/** A running timer. Cancelling one that has fired, or was cancelled before, does nothing. */
export interface Timer extends Disposable {
  cancel(): void
}

export interface TimerOptions {
  /** A background timer does not keep the process alive. */
  background?: boolean
}

export interface Clock {
  /** Wall-clock milliseconds since 1970; it may jump when somebody sets the clock. */
  now(): number
  /** Milliseconds since some fixed point; it never goes back, so durations are measured with it. */
  monotonic(): number
  /** Calls `action` once, `delayMs` from now and never earlier, be it months. */
  setTimeout(action: () => void, delayMs: number, options?: TimerOptions): Timer
  /** Waits; rejects with the signal's reason as soon as the signal is aborted. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>
}

/** Node turns any longer delay into 1 ms, so a longer wait is cut into pieces of this length. */
const NODE_TIMER_MAX_MS = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: startSystemTimer,
  sleep: (delayMs, signal) => sleepOn(systemClock, delayMs, signal),
}

function startSystemTimer(action: () => void, delayMs: number, options: TimerOptions = {}): Timer {
  const wholeMs = checkedDelay(delayMs)
  const dueAt = performance.now() + wholeMs
  let handle: NodeJS.Timeout | undefined
  const arm = (leftMs: number): void => {
    handle = setTimeout(fireWhenDue, Math.min(Math.ceil(leftMs), NODE_TIMER_MAX_MS))
    if (options.background) handle.unref()
  }
  // Node counts in whole milliseconds of a coarse clock, so its timers may come early.
  const fireWhenDue = (): void => {
    const leftMs = dueAt - performance.now()
    if (leftMs > 0) arm(leftMs)
    else action()
  }
  arm(wholeMs)
  return timerThat(() => clearTimeout(handle))
}

/** Turns of the event loop that settle() looks on for before it calls the work done. */
const QUIET_TURNS = 3
/** Turns after which settle() gives up: something re-arms timers without end. */
const SETTLE_TURNS_MAX = 10_000
/** Timers after which jump() gives up: one that starts itself anew at once would never end. */
const JUMP_TIMERS_MAX = 100_000

/** A clock for tests: it stands still until advance() or jump() moves it. */
export class ManualClock implements Clock {
  #now: number
  #monotonic = 0
  #started = 0
  readonly #pending = new TimerQueue()

  /** Starts at a round date, so that times in failures are easy to read. */
  constructor(nowMs: number = Date.UTC(2030, 0, 1)) {
    this.#now = nowMs
  }

  now(): number {
    return this.#now
  }

  monotonic(): number {
    return this.#monotonic
  }

  /** How many timers wait to fire; zero at the end of a test says that nothing leaked. */
  get pendingTimers(): number {
    return this.#pending.size
  }

  /** Milliseconds until the next timer fires; undefined when none waits. */
  get nextTimerMs(): number | undefined {
    const next = this.#pending.first
    return next && next.dueAt - this.#monotonic
  }

  setTimeout(action: () => void, delayMs: number): Timer {
    const dueAt = this.#monotonic + checkedDelay(delayMs)
    const timer = { dueAt, order: this.#started++, action, place: -1 }
    this.#pending.add(timer)
    return timerThat(() => this.#pending.remove(timer))
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delayMs, signal)
  }

  /** Moves time on; what each timer set going settles before the next one fires. */
  async advance(byMs: number): Promise<void> {
    const target = this.#monotonic + checkedDelay(byMs)
    await this.settle()
    while (this.#fireNext(target)) await this.settle()
    this.#moveTo(target)
  }

  /** Moves time on and fires what is due, all within this call: no promise runs in between. */
  jump(byMs: number): void {
    const target = this.#monotonic + checkedDelay(byMs)
    for (let fired = 0; this.#fireNext(target); fired++) {
      if (fired === JUMP_TIMERS_MAX) {
        throw new Error(`jump: timers still fire after ${fired} of them, wanted an end`)
      }
    }
    this.#moveTo(target)
  }

  /** Sets the wall clock forwards or back without time passing, as NTP or an operator would. */
  shiftWallClock(byMs: number): void {
    this.#now += byMs
  }

  /**
   * Lets promises, ticks and immediates run until they have started no timer for a few turns.
   * It cannot see sockets or files: who waits for those needs a promise of their own.
   */
  async settle(): Promise<void> {
    let quietTurns = 0
    for (let turn = 0; quietTurns < QUIET_TURNS; turn++) {
      if (turn === SETTLE_TURNS_MAX) {
        throw new Error(`settle: timers are still being started after ${turn} turns, wanted an end`)
      }
      const before = this.#started
      await new Promise((resolve) => setImmediate(resolve))
      quietTurns = this.#started === before ? quietTurns + 1 : 0
    }
  }

  #fireNext(target: number): boolean {
    const next = this.#pending.first
    if (!next || next.dueAt > target) return false
    this.#pending.remove(next)
    this.#moveTo(next.dueAt)
    next.action()
    return true
  }

  #moveTo(monotonic: number): void {
    this.#now += monotonic - this.#monotonic
    this.#monotonic = monotonic
  }
}

function sleepOn(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const onAbort = (): void => {
      timer.cancel()
      reject(signal?.reason)
    }
    const timer = clock.setTimeout(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }, delayMs)
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

function timerThat(cancel: () => void): Timer {
  return { cancel, [Symbol.dispose]: cancel }
}

/** Negative delays are due at once, as with Node; NaN would never be due and is a caller's bug. */
function checkedDelay(delayMs: number): number {
  if (Number.isNaN(delayMs)) throw new RangeError('timer: delay is NaN, wanted milliseconds')
  return Math.max(delayMs, 0)
}
