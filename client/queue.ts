/** Work to do, as keys that say which object to look at; what happened to it does not matter. */
import type { Clock, Timer } from '#daemon/clock.ts'
import type { QueueMetrics } from './queue-metrics.ts'

export interface QueueOptions {
  readonly clock: Clock
  readonly metrics?: QueueMetrics
  readonly retryInitialMs?: number
  readonly retryMaxMs?: number
}

/** As upstream: 5 ms, doubled with each failure, up to a quarter of an hour. */
const RETRY_INITIAL_MS = 5
const RETRY_MAX_MS = 1_000_000

interface Delayed {
  readonly dueAt: number
  readonly timer: Timer
}

/**
 * What it promises, each with a test of that name:
 *
 * - *de-duplicating*: a key that waits already is not added once more.
 * - *exclusive*: a key is in the hands of one worker at most; added meanwhile, it comes again.
 * - *fair*: keys come in the order in which they became due.
 * - *delaying*: a key that is added for later comes no earlier; of several times the first counts.
 * - *rate-limited*: each failure in a row doubles the wait of that key, and of no other.
 * - *draining*: once stopped it hands out nothing, and says when the last worker is done.
 */
export class WorkQueue {
  readonly #clock: Clock
  readonly #metrics: QueueMetrics | undefined
  readonly #retryInitialMs: number
  readonly #retryMaxMs: number
  /** In order; the value is when it was added. */
  readonly #ready = new Map<string, number>()
  /** In the hands of a worker; the value is since when. */
  readonly #working = new Map<string, number>()
  /** Added while being worked on. */
  readonly #again = new Set<string>()
  readonly #delayed = new Map<string, Delayed>()
  readonly #failures = new Map<string, number>()
  readonly #takers: ((key: string | undefined) => void)[] = []
  readonly #drained = Promise.withResolvers<void>()
  #isStopped = false

  constructor(options: QueueOptions) {
    this.#clock = options.clock
    this.#metrics = options.metrics
    this.#retryInitialMs = options.retryInitialMs ?? RETRY_INITIAL_MS
    this.#retryMaxMs = options.retryMaxMs ?? RETRY_MAX_MS
    this.#metrics?.watch(() => this.#longest())
  }

  /** Keys that wait for a worker now. */
  get length(): number {
    return this.#ready.size
  }

  /** Nothing waits for a worker, and none is at work; there may be keys for later. */
  get isIdle(): boolean {
    return this.#ready.size === 0 && this.#working.size === 0
  }

  /** Some key has failed and not succeeded since. */
  get isRetrying(): boolean {
    return this.#failures.size > 0
  }

  add(key: string): void {
    if (this.#isStopped || this.#ready.has(key) || this.#again.has(key)) return
    this.#metrics?.added()
    if (this.#working.has(key)) {
      this.#again.add(key)
      return
    }
    this.#ready.set(key, this.#clock.monotonic())
    this.#metrics?.depth(this.#ready.size)
    this.#serve()
  }

  addAfter(key: string, delayMs: number): void {
    if (this.#isStopped) return
    if (delayMs <= 0) {
      this.add(key)
      return
    }
    const dueAt = this.#clock.monotonic() + delayMs
    const known = this.#delayed.get(key)
    if (known && known.dueAt <= dueAt) return
    known?.timer.cancel()
    const arrive = (): void => {
      this.#delayed.delete(key)
      this.add(key)
    }
    this.#delayed.set(key, { dueAt, timer: this.#clock.setTimeout(arrive, delayMs) })
  }

  /** Adds a key whose work has failed, later each time. */
  retry(key: string): void {
    const failures = this.#failures.get(key) ?? 0
    this.#failures.set(key, failures + 1)
    this.#metrics?.retried()
    this.addAfter(key, Math.min(this.#retryInitialMs * 2 ** failures, this.#retryMaxMs))
  }

  /** Failures in a row. */
  failures(key: string): number {
    return this.#failures.get(key) ?? 0
  }

  /** The work has succeeded: the next failure is the first again. */
  forget(key: string): void {
    this.#failures.delete(key)
  }

  /** The next key, as soon as there is one; undefined when the queue has been stopped. */
  take(): Promise<string | undefined> {
    if (this.#isStopped) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      this.#takers.push(resolve)
      this.#serve()
    })
  }

  /** To be called for each key that was taken, however its work went. */
  done(key: string): void {
    const since = this.#working.get(key)
    if (since === undefined) return
    this.#working.delete(key)
    this.#metrics?.worked(this.#clock.monotonic() - since)
    if (this.#again.delete(key) && !this.#isStopped) {
      this.#ready.set(key, this.#clock.monotonic())
      this.#metrics?.depth(this.#ready.size)
      this.#serve()
    }
    this.#finish()
  }

  /** Resolves when all that was taken is done. */
  stop(): Promise<void> {
    this.#isStopped = true
    for (const { timer } of this.#delayed.values()) timer.cancel()
    this.#delayed.clear()
    this.#ready.clear()
    this.#again.clear()
    for (const take of this.#takers.splice(0)) take(undefined)
    this.#finish()
    return this.#drained.promise
  }

  #serve(): void {
    for (const [key, addedAt] of this.#ready) {
      const take = this.#takers.shift()
      if (!take) return
      const now = this.#clock.monotonic()
      this.#ready.delete(key)
      this.#working.set(key, now)
      this.#metrics?.depth(this.#ready.size)
      this.#metrics?.waited(now - addedAt)
      take(key)
    }
  }

  #finish(): void {
    if (this.#isStopped && this.#working.size === 0) this.#drained.resolve()
  }

  #longest(): { readonly longestMs: number; readonly totalMs: number } {
    const now = this.#clock.monotonic()
    let [longestMs, totalMs] = [0, 0]
    for (const since of this.#working.values()) {
      longestMs = Math.max(longestMs, now - since)
      totalMs += now - since
    }
    return { longestMs, totalMs }
  }
}
