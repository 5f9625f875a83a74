/** Repeats one probe while its container runs, and says when enough answers agree. */
import type { Probe } from '#api/parts/core/probe.ts'
import type { Clock, Timer } from '#daemon/clock.ts'
import type { Outcome } from './outcome.ts'

export interface ProbeLoopParts {
  readonly probe: Probe
  readonly clock: Clock
  /** When the container has started, by the wall clock. */
  readonly startedAtMs: number
  ask(signal: AbortSignal): Promise<Outcome>
  /** Hears each answer that is not good. */
  onProblem(outcome: Outcome): void
  /** As many answers as the threshold wants agree; told each time that this is newly so. */
  onVerdict(isGood: boolean): void
}

/** An error says less about the container than a bad answer does: it is asked again at once. */
const ATTEMPTS_MAX = 3

export class ProbeLoop implements Disposable {
  readonly #parts: ProbeLoopParts
  readonly #stopping = new AbortController()
  #timer: Timer | undefined
  #streak = 0
  #wasGood: boolean | undefined
  #verdict: boolean | undefined

  constructor(parts: ProbeLoopParts) {
    this.#parts = parts
    const { probe, clock, startedAtMs } = parts
    const firstAtMs = startedAtMs + (probe.initialDelaySeconds ?? 0) * 1000
    this.#schedule(firstAtMs - clock.now())
  }

  [Symbol.dispose](): void {
    this.#timer?.cancel()
    this.#stopping.abort(new DOMException('the probe is over', 'AbortError'))
  }

  #schedule(delayMs: number): void {
    const { clock } = this.#parts
    this.#timer = clock.setTimeout(() => void this.#round(), delayMs)
  }

  async #round(): Promise<void> {
    const { clock, probe } = this.#parts
    const { signal } = this.#stopping
    const begunAt = clock.monotonic()
    const outcome = await this.#asked(signal)
    if (signal.aborted) return
    this.#take(outcome)
    if (signal.aborted) return
    const periodMs = (probe.periodSeconds || 10) * 1000
    this.#schedule(periodMs - (clock.monotonic() - begunAt))
  }

  async #asked(signal: AbortSignal): Promise<Outcome> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#parts.ask(signal)
      } catch (error) {
        if (attempt < ATTEMPTS_MAX && !signal.aborted) continue
        return { result: 'unknown', output: (error as Error).message }
      }
    }
  }

  #take(outcome: Outcome): void {
    const { probe, onProblem, onVerdict } = this.#parts
    const isGood = outcome.result === 'success' || outcome.result === 'warning'
    if (outcome.result !== 'success') onProblem(outcome)
    this.#streak = isGood === this.#wasGood ? this.#streak + 1 : 1
    this.#wasGood = isGood
    const threshold = isGood ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3)
    if (this.#streak < threshold || this.#verdict === isGood) return
    this.#verdict = isGood
    onVerdict(isGood)
  }
}
