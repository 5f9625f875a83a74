/** Work that is done again whenever somebody asks: never twice at once, and until it succeeds. */
import { Backoff } from '#client/backoff.ts'
import type { Clock } from '#daemon/clock.ts'
import type { Random } from '#daemon/random.ts'

export interface WorkerParts {
  readonly clock: Clock
  readonly random: Random
  readonly work: () => Promise<void>
  /** Told of each failure; the work is then tried again by itself. */
  readonly failed: (error: Error) => void
  /** At least so long from the end of one run to the start of the next. */
  readonly pauseMs?: number
}

const RETRY = { initialMs: 100, maxMs: 30_000, jitter: 0.2, resetAfterMs: 120_000 }

export class Worker implements AsyncDisposable {
  readonly #parts: WorkerParts
  readonly #stopping = new AbortController()
  readonly #backoff: Backoff
  #isWanted = false
  #running: Promise<void> | undefined

  constructor(parts: WorkerParts) {
    this.#parts = parts
    this.#backoff = new Backoff(RETRY, parts.clock, parts.random)
  }

  /** Whoever asks while it runs gets a run that starts after. */
  wake(): void {
    if (this.#stopping.signal.aborted) return
    this.#isWanted = true
    this.#running ??= this.#run()
  }

  /** Resolves when everything that was asked for has been done. */
  async settled(): Promise<void> {
    await this.#running
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new DOMException('the worker is stopping', 'AbortError'))
    await this.#running
  }

  async #run(): Promise<void> {
    const { clock, work, failed, pauseMs = 0 } = this.#parts
    const { signal } = this.#stopping
    // Changes that come together, as those of one message do, are one piece of work.
    await Promise.resolve()
    while (this.#isWanted && !signal.aborted) {
      this.#isWanted = false
      try {
        await work()
        this.#backoff.reset()
        if (pauseMs > 0) await clock.sleep(pauseMs, signal)
      } catch (error) {
        if (signal.aborted) break
        failed(error as Error)
        this.#isWanted = true
        await this.#backoff.wait(signal).catch(() => undefined)
      }
    }
    this.#running = undefined
  }
}
