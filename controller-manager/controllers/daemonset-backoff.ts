/** How long failed pods of a DaemonSet are left alone, so that it does not fight with a kubelet. */
import type { Clock } from '#daemon/clock.ts'

/** As upstream. */
const DELAY_INITIAL_MS = 1000
const DELAY_MAX_MS = 15 * 60_000
/** After so long without a failure the next one is the first again. */
const FORGET_AFTER_MS = 2 * DELAY_MAX_MS

interface Failure {
  readonly at: number
  readonly delayMs: number
}

/** Each failure holds its key back for longer. A restart forgets them, which does no harm. */
export class FailureBackoff {
  readonly #failures = new Map<string, Failure>()

  /** How long to wait yet; zero when it is time. */
  remainingMs(key: string, clock: Clock): number {
    const failure = this.#failures.get(key)
    return failure ? Math.max(0, failure.at + failure.delayMs - clock.monotonic()) : 0
  }

  /** The failure is being dealt with: the next one has to wait. */
  note(key: string, clock: Clock): void {
    const at = clock.monotonic()
    for (const [each, failure] of this.#failures) {
      if (at - failure.at > FORGET_AFTER_MS) this.#failures.delete(each)
    }
    const before = this.#failures.get(key)
    const delayMs = before ? Math.min(before.delayMs * 2, DELAY_MAX_MS) : DELAY_INITIAL_MS
    this.#failures.set(key, { at, delayMs })
  }
}
