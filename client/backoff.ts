/** Waiting times that grow while something keeps failing, spread out so that clients part ways. */
import type { Clock } from '#daemon/clock.ts'
import type { Random } from '#daemon/random.ts'

export interface BackoffOptions {
  readonly initialMs: number
  readonly maxMs: number
  /** Up to this share is added to each time. */
  readonly jitter: number
  /** After so long without a failure the next one is the first again. */
  readonly resetAfterMs: number
}

const FACTOR = 2

export class Backoff {
  readonly #options: BackoffOptions
  readonly #clock: Clock
  readonly #random: Random
  #nextMs: number
  #lastAt = -Infinity

  constructor(options: BackoffOptions, clock: Clock, random: Random) {
    this.#options = options
    this.#clock = clock
    this.#random = random
    this.#nextMs = options.initialMs
  }

  reset(): void {
    this.#nextMs = this.#options.initialMs
  }

  /** Waits out the next time; rejects as soon as the signal is aborted. */
  async wait(signal: AbortSignal): Promise<void> {
    await this.#clock.sleep(this.nextDelayMs(), signal)
  }

  nextDelayMs(): number {
    const { maxMs, jitter, resetAfterMs } = this.#options
    const now = this.#clock.monotonic()
    if (now - this.#lastAt > resetAfterMs) this.reset()
    this.#lastAt = now
    const delayMs = this.#random.jitter(this.#nextMs, jitter)
    this.#nextMs = Math.min(this.#nextMs * FACTOR, maxMs)
    return delayMs
  }
}
