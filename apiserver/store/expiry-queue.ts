/** Which keys are due to delete themselves: a heap ordered by time, corrected when read. */

export interface Due {
  readonly key: string
  /** The revision that asked for it; a later write of the key makes this one void. */
  readonly revision: number
  /** Seconds since 1970. */
  readonly expiresAt: number
}

export class ExpiryQueue {
  readonly #heap: Due[] = []

  get size(): number {
    return this.#heap.length
  }

  /** The second at which the next key is due. */
  get next(): number | undefined {
    return this.#heap[0]?.expiresAt
  }

  /** Keeps a copy, since what is passed may be a whole entry. */
  add({ key, revision, expiresAt }: Due): void {
    const due = { key, revision, expiresAt }
    const heap = this.#heap
    let at = heap.push(due) - 1
    while (at > 0) {
      const parent = (at - 1) >>> 1
      const above = heap[parent] as Due
      if (above.expiresAt <= due.expiresAt) break
      heap[at] = above
      at = parent
    }
    heap[at] = due
  }

  /** Takes up to `max` entries that are due at the second given. */
  take(second: number, max: number): Due[] {
    const taken: Due[] = []
    while (taken.length < max) {
      const first = this.#heap[0]
      if (!first || first.expiresAt > second) break
      taken.push(first)
      this.#removeFirst()
    }
    return taken
  }

  #removeFirst(): void {
    const heap = this.#heap
    const last = heap.pop() as Due
    if (heap.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      const right = heap[child + 1]
      if (right && right.expiresAt < (heap[child] as Due).expiresAt) child++
      const smaller = heap[child] as Due
      if (smaller.expiresAt >= last.expiresAt) break
      heap[at] = smaller
      at = child
    }
    heap[at] = last
  }
}
