/** What a command is doing, step by step: lines for people, JSON for programs. */
import type { Clock } from '#daemon/clock.ts'
import type { Sink } from '#daemon/host.ts'

export interface ProgressOptions {
  readonly clock: Clock
  readonly output: Sink
  readonly isJson: boolean
}

export class Progress {
  readonly #options: ProgressOptions

  constructor(options: ProgressOptions) {
    this.#options = options
  }

  get isJson(): boolean {
    return this.#options.isJson
  }

  /** Says how long it took; what fails is said by whoever catches it. */
  async step<Value>(name: string, work: () => Promise<Value>): Promise<Value> {
    const { clock } = this.#options
    const begunAt = clock.monotonic()
    const value = await work()
    const tookMs = Math.round(clock.monotonic() - begunAt)
    this.#write({ type: 'step', name, tookMs }, `  ✓ ${name} (${(tookMs / 1000).toFixed(1)} s)`)
    return value
  }

  /** For people alone: what to do next. */
  advise(text: string): void {
    if (!this.#options.isJson) this.#options.output.write(`${text}\n`)
  }

  /** What a command was asked for: the same facts as a text and as data. */
  report(data: object, text: string): void {
    this.#write(data, text)
  }

  #write(data: object, text: string): void {
    const { output, isJson } = this.#options
    output.write(`${isJson ? JSON.stringify(data) : text}\n`)
  }
}
