/** The changes of the recent past, in order: what watches catch up from and old reads look into. */
import { expired } from './store-error.ts'
import type { VersionChange } from './version.ts'

export interface HistoryLimits {
  /** How long a watch may be away, or a list be read page by page, if the other limits allow. */
  readonly ageMs: number
  readonly changes: number
  /** Bytes of values that only history keeps. */
  readonly bytes: number
}

export const defaultHistoryLimits: HistoryLimits = {
  ageMs: 5 * 60 * 1000,
  changes: 200_000,
  bytes: 128 * 1024 * 1024,
}

/** The emptied front of the array is given back once it is this long and half of the array. */
const FRONT_MAX = 1024

export class History {
  readonly #limits: HistoryLimits
  #changes: VersionChange[] = []
  #front = 0
  #bytes = 0
  #oldest = 0
  /** Everything up to here is to be dropped, however young. */
  #floor = 0
  readonly #pins = new Set<{ readonly revision: number }>()
  /** Revisions strictly between the two may have been seen and lost (see `LogSink.skip`). */
  readonly #gaps: { readonly from: number; readonly to: number }[] = []

  constructor(limits: HistoryLimits) {
    this.#limits = limits
  }

  /** All changes after this revision are here, and reads at it are possible. */
  get oldest(): number {
    return Math.max(this.#oldest, this.#floor)
  }

  get length(): number {
    return this.#changes.length - this.#front
  }

  get bytes(): number {
    return this.#bytes
  }

  startAt(revision: number): void {
    this.#oldest = revision
  }

  addGap(from: number, to: number): void {
    this.#gaps.push({ from, to })
  }

  push(change: VersionChange): void {
    this.#changes.push(change)
    this.#bytes += change.previous?.length ?? 0
  }

  /** Throws `Expired` unless reading at, and watching from, the revision misses nothing. */
  require(revision: number): void {
    if (revision < this.oldest) throw expired(revision, this.oldest)
    const gap = this.#gaps.find(({ from, to }) => revision > from && revision < to)
    if (gap) throw expired(revision, gap.to)
  }

  /** Up to `max` changes after the revision, and as many more as complete the last revision. */
  after(revision: number, max: number): readonly VersionChange[] {
    const start = this.#indexAfter(revision)
    let end = Math.min(start + max, this.#changes.length)
    while (end < this.#changes.length && end > start && this.#sameRevision(end - 1, end)) end++
    return this.#changes.slice(start, end)
  }

  pin(revision: number): Disposable {
    const pin = { revision }
    this.#pins.add(pin)
    return { [Symbol.dispose]: () => void this.#pins.delete(pin) }
  }

  /** Lets everything before the revision go, however young. */
  setFloor(revision: number): void {
    this.#floor = Math.max(this.#floor, revision)
  }

  /** Drops at most `max` changes that are beyond the limits; false when none is left to drop. */
  trim(now: number, max: number, drop: (change: VersionChange) => void): boolean {
    let unpinned = Number.POSITIVE_INFINITY
    for (const pin of this.#pins) unpinned = Math.min(unpinned, pin.revision)
    for (let count = 0; count < max; count++) {
      const change = this.#changes[this.#front]
      if (!change || change.revision > unpinned || !this.#isBeyondLimits(change, now)) return false
      this.#front++
      this.#bytes -= change.previous?.length ?? 0
      this.#oldest = change.revision
      drop(change)
      this.#giveBackFront()
    }
    return true
  }

  #isBeyondLimits(change: VersionChange, now: number): boolean {
    return (
      change.revision <= this.#floor ||
      this.length > this.#limits.changes ||
      this.#bytes > this.#limits.bytes ||
      now - change.time > this.#limits.ageMs
    )
  }

  #giveBackFront(): void {
    if (this.#front < FRONT_MAX || this.#front * 2 < this.#changes.length) return
    this.#changes = this.#changes.slice(this.#front)
    this.#front = 0
    while (this.#gaps[0] && this.#gaps[0].to <= this.#oldest) this.#gaps.shift()
  }

  #indexAfter(revision: number): number {
    let low = this.#front
    let high = this.#changes.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#changes[middle] as VersionChange).revision <= revision) low = middle + 1
      else high = middle
    }
    return low
  }

  #sameRevision(one: number, other: number): boolean {
    return this.#changes[one]?.revision === this.#changes[other]?.revision
  }
}
