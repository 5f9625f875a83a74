/** Changes for whoever listens, in order; a listener hears of what happens after it began. */
import type { RuntimeChange } from '../runtime.ts'

interface Listener {
  readonly waiting: RuntimeChange[]
  wake: () => void
}

export class ChangeList {
  readonly #listeners = new Set<Listener>()
  #isClosed = false

  add(change: RuntimeChange): void {
    for (const listener of this.#listeners) {
      listener.waiting.push(change)
      listener.wake()
    }
  }

  close(): void {
    this.#isClosed = true
    for (const { wake } of this.#listeners) wake()
  }

  /** Listens from the call on, not from the first step. */
  from(signal: AbortSignal): AsyncIterable<RuntimeChange> {
    const listener: Listener = { waiting: [], wake: () => undefined }
    this.#listeners.add(listener)
    signal.addEventListener('abort', () => listener.wake(), { once: true })
    return this.#read(listener, signal)
  }

  async *#read(listener: Listener, signal: AbortSignal): AsyncGenerator<RuntimeChange> {
    try {
      while (!signal.aborted && !this.#isClosed) {
        const { waiting } = listener
        if (waiting.length > 0) yield* waiting.splice(0)
        else {
          const { promise, resolve } = Promise.withResolvers<void>()
          listener.wake = resolve
          await promise
        }
      }
    } finally {
      this.#listeners.delete(listener)
    }
  }
}
