/** What the suite is given to test, and the few things its parts share. */
import { test as base, expect } from 'vitest'
import type { ManualClock } from '#daemon/clock.ts'
import type { HistoryLimits } from '../history.ts'
import type { Change, Draft, Entry, Store, Watch, WatchOptions, WatchReceiver } from '../store.ts'
import type { StoreError, StoreErrorCode } from '../store-error.ts'

/** One set of data, which can be opened, closed and opened again. */
export interface StoreSubject extends AsyncDisposable {
  readonly clock: ManualClock
  open(history?: Partial<HistoryLimits>): Promise<Store>
}

export type StoreSubjectFactory = () => Promise<StoreSubject>

/** A test that is given a fresh subject and an open store on it, and cleans up after itself. */
export function storeTest(
  factory: StoreSubjectFactory,
  name: string,
  body: (store: Store, subject: StoreSubject) => Promise<void>,
): void {
  base(name, async () => {
    await using subject = await factory()
    await using store = await subject.open()
    await body(store, subject)
  })
}

export function draft(key: string, text: string, more: Partial<Draft> = {}): Draft {
  return { key, value: Buffer.from(text), ...more }
}

export function textOf(entry: Entry | undefined): string | undefined {
  return entry?.value.toString()
}

export async function expectRefusal(work: Promise<unknown>, code: StoreErrorCode): Promise<void> {
  await expect(work).rejects.toMatchObject({ name: 'StoreError', code })
}

/** One line that says everything about a change. */
export function lineOf({ type, key, revision, entry, previous }: Change): string {
  return `${revision} ${type} ${key} ${textOf(previous) ?? '-'}>${textOf(entry) ?? '-'}`
}

/** A watch that writes down what it is told, and waits until it has been told enough. */
export class Recorder implements WatchReceiver {
  readonly changes: Change[] = []
  readonly watch: Watch
  ended: StoreError | undefined
  /** Answers "pause" behind this many changes. */
  pauseAt = Number.POSITIVE_INFINITY
  #wake: (() => void) | undefined

  constructor(store: Store, options: WatchOptions) {
    this.watch = store.watch(options, this)
  }

  get lines(): string[] {
    return this.changes.map(lineOf)
  }

  change(change: Change): boolean {
    this.changes.push(change)
    this.#wake?.()
    return this.changes.length < this.pauseAt
  }

  end(error: StoreError): void {
    this.ended = error
    this.#wake?.()
  }

  /** Waits until the watch has delivered everything up to the revision, or has ended. */
  async reach(revision: number): Promise<void> {
    while (!this.ended && this.watch.revision < revision) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        setImmediate(resolve)
      })
    }
  }
}
