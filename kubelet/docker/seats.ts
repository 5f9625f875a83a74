/** Bounds how much goes on at once; whoever comes later waits for its turn. */

export class Seats {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  async run<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      // The seat is handed on as it is, so that nobody slips in between.
      if (next) next()
      else this.#free++
    }
  }
}
