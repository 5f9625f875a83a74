/** One watch among many in a socket: what has arrived for it, and how much more it can take. */
import type { StatusError } from '#api/status.ts'
import { eventFrom, type RawEvent } from './watch-transport.ts'

/** As the server assumes it unless told otherwise. */
const WINDOW_BYTES = 1024 * 1024
/** Asked for in steps, as each costs a message. */
const GRANT_BYTES_MIN = WINDOW_BYTES / 2

export class MultiplexedStream {
  readonly #grant: (bytes: number) => void
  #events: RawEvent[] = []
  #bytes = 0
  #taken = 0
  #failure: { readonly error: unknown } | undefined
  #wake: (() => void) | undefined
  isClosed = false

  constructor(grant: (bytes: number) => void) {
    this.#grant = grant
  }

  push(frame: Buffer): void {
    if (this.#failure) return
    this.#bytes += frame.length
    try {
      this.#events.push(eventFrom(frame.toString()))
    } catch (error) {
      this.#failure = { error }
    }
    this.#wake?.()
  }

  /** The server has ended it; what came before is still handed out. */
  close(status: StatusError | undefined): void {
    this.isClosed = true
    if (status) this.#failure ??= { error: status }
    this.#wake?.()
  }

  fail(error: unknown): void {
    this.#failure ??= { error }
    this.#wake?.()
  }

  /** What one reader has not taken yet is all that is kept: the server waits for the window. */
  async *batches(): AsyncIterable<readonly RawEvent[]> {
    for (;;) {
      if (this.#events.length > 0) {
        const events = this.#events
        this.#taken += this.#bytes
        this.#events = []
        this.#bytes = 0
        yield events
        this.#grantTaken()
      } else if (this.#failure) throw this.#failure.error
      else if (this.isClosed) return
      else await this.#more()
    }
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  #grantTaken(): void {
    if (this.#taken < GRANT_BYTES_MIN || this.isClosed) return
    this.#grant(this.#taken)
    this.#taken = 0
  }
}
