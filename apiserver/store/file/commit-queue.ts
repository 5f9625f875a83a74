/** Decides which writes go into the next flush: expectations hold, and their keys are free. */
import { checkExpectation, type LogOperation, type LogSink, type LogStep } from '../log.ts'
import type { Change } from '../store.ts'
import { StoreError } from '../store-error.ts'
import { recordSizeMax } from './record.ts'

/** Bytes that may wait for the disk; more than a hundred of the largest requests. */
const QUEUE_BYTES_MAX = 512 * 1024 * 1024
/** One record holds one transaction. */
const TRANSACTION_BYTES_MAX = 16 * 1024 * 1024

export interface PendingWrite {
  readonly steps: readonly LogStep[]
  readonly operations: readonly LogOperation[]
  readonly relaxed: boolean
  readonly bytes: number
  readonly resolve: (changes: readonly Change[]) => void
  readonly reject: (error: unknown) => void
}

/**
 * A key that is being written is busy until that write is settled. A further write of it waits and
 * is then compared with the outcome, so that whoever hears "conflict" can already read what won.
 */
export class CommitQueue {
  readonly #sink: LogSink
  readonly #busy = new Set<string>()
  #ready: PendingWrite[] = []
  #waiting: PendingWrite[] = []
  #bytes = 0

  constructor(sink: LogSink) {
    this.#sink = sink
  }

  get isEmpty(): boolean {
    return this.#ready.length === 0
  }

  add(steps: readonly LogStep[], relaxed: boolean): Promise<readonly Change[]> {
    const operations = steps.filter((step) => step.type !== 'check')
    const bytes = recordSizeMax(operations)
    if (bytes > TRANSACTION_BYTES_MAX) {
      const message = `write: ${bytes} bytes, wanted at most ${TRANSACTION_BYTES_MAX}`
      return Promise.reject(new StoreError('Invalid', message))
    }
    if (this.#bytes + bytes > QUEUE_BYTES_MAX) {
      const message = `write: ${this.#bytes} bytes wait already, wanted at most ${QUEUE_BYTES_MAX}`
      return Promise.reject(new StoreError('Busy', message))
    }
    return new Promise((resolve, reject) => {
      this.#bytes += bytes
      this.#admit({ steps, operations, relaxed, bytes, resolve, reject })
    })
  }

  /** Takes writes in order, as many as fit into the bytes given, but at least one. */
  take(bytesMax: number): PendingWrite[] {
    let bytes = 0
    let count = 0
    for (const { bytes: more } of this.#ready) {
      if (count > 0 && bytes + more > bytesMax) break
      bytes += more
      count++
    }
    return this.#ready.splice(0, count)
  }

  /** The writes taken are committed: their keys are free for those that wait. */
  settle(taken: readonly PendingWrite[]): void {
    for (const { steps, bytes } of taken) {
      this.#bytes -= bytes
      for (const { key } of steps) this.#busy.delete(key)
    }
    if (this.#waiting.length === 0) return
    const waiting = this.#waiting
    this.#waiting = []
    for (const write of waiting) this.#admit(write)
  }

  /** Refuses everything, taken or not. */
  rejectAll(taken: readonly PendingWrite[], error: StoreError): void {
    const all = [...taken, ...this.#ready, ...this.#waiting]
    this.#ready = []
    this.#waiting = []
    this.#busy.clear()
    this.#bytes = 0
    for (const { reject } of all) reject(error)
  }

  #admit(write: PendingWrite): void {
    if (write.steps.some(({ key }) => this.#busy.has(key))) {
      this.#waiting.push(write)
      return
    }
    try {
      for (const step of write.steps) checkExpectation(step, this.#sink.get(step.key))
    } catch (error) {
      this.#bytes -= write.bytes
      write.reject(error)
      return
    }
    if (write.operations.length === 0) {
      this.#bytes -= write.bytes
      write.resolve([])
      return
    }
    for (const { key } of write.steps) this.#busy.add(key)
    this.#ready.push(write)
  }
}
