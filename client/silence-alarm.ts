/** Says when nothing was heard for a time, without a timer for each thing that is heard. */
import type { Clock, Timer } from '#daemon/clock.ts'

export class SilenceAlarm implements Disposable {
  readonly #clock: Clock
  readonly #silenceMs: number
  readonly #alarm: () => void
  #wasHeard = false
  #timer: Timer

  constructor(clock: Clock, silenceMs: number, alarm: () => void) {
    this.#clock = clock
    this.#silenceMs = silenceMs
    this.#alarm = alarm
    this.#timer = this.#next()
  }

  heard(): void {
    this.#wasHeard = true
  }

  [Symbol.dispose](): void {
    this.#timer.cancel()
  }

  /** The alarm comes after one silence at least, and before two. */
  #next(): Timer {
    return this.#clock.setTimeout(() => this.#look(), this.#silenceMs, { background: true })
  }

  #look(): void {
    if (!this.#wasHeard) this.#alarm()
    else {
      this.#wasHeard = false
      this.#timer = this.#next()
    }
  }
}
