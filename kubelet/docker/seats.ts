/** Bounds how much goes on at once; whoever comes later waits, and what is urgent goes first. */

export class Seats {
  #free: number
  readonly #urgent: (() => void)[] = []
  readonly #waiting: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  async run<Value>(work: () => Promise<Value>, { isUrgent = false } = {}): Promise<Value> {
    const queue = isUrgent ? this.#urgent : this.#waiting
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => queue.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#urgent.shift() ?? this.#waiting.shift()
      // The seat is handed on as it is, so that nobody slips in between.
      if (next) next()
      else this.#free++
    }
  }
}
