/** Timers in the order in which they are due: a heap whose entries know their place. */

export interface TimerEntry {
  readonly dueAt: number
  /** Decides between timers of the same moment: the one started first comes first. */
  readonly order: number
  readonly action: () => void
  /** Place in the heap; -1 once it has left. */
  place: number
}

/** Adding, taking and removing cost the logarithm of the size: a simulation holds thousands. */
export class TimerQueue {
  readonly #heap: TimerEntry[] = []

  get size(): number {
    return this.#heap.length
  }

  get first(): TimerEntry | undefined {
    return this.#heap[0]
  }

  add(entry: TimerEntry): void {
    this.#put(entry, this.#heap.length)
    this.#rise(entry)
  }

  /** Does nothing when the entry has left already. */
  remove(entry: TimerEntry): void {
    const { place } = entry
    if (place === -1) return
    entry.place = -1
    const moved = this.#heap.pop()
    if (moved === undefined || moved === entry) return
    this.#put(moved, place)
    this.#rise(moved)
    this.#sink(moved)
  }

  #rise(entry: TimerEntry): void {
    while (entry.place > 0) {
      const parent = this.#heap[(entry.place - 1) >> 1]
      if (parent === undefined || !isBefore(entry, parent)) return
      this.#swap(entry, parent)
    }
  }

  #sink(entry: TimerEntry): void {
    for (;;) {
      const left = this.#heap[2 * entry.place + 1]
      const right = this.#heap[2 * entry.place + 2]
      const child = left && right && isBefore(right, left) ? right : left
      if (child === undefined || !isBefore(child, entry)) return
      this.#swap(entry, child)
    }
  }

  #swap(one: TimerEntry, other: TimerEntry): void {
    const { place } = one
    this.#put(one, other.place)
    this.#put(other, place)
  }

  #put(entry: TimerEntry, place: number): void {
    this.#heap[place] = entry
    entry.place = place
  }
}

function isBefore(one: TimerEntry, other: TimerEntry): boolean {
  return one.dueAt < other.dueAt || (one.dueAt === other.dueAt && one.order < other.order)
}
