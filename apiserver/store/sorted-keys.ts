/** An ordered map from keys to values: sorted chunks, quick for prefixes, pages and appends. */

/** Big enough to keep the outer list short at a million keys, small enough to shift cheaply. */
const CHUNK_KEYS_MAX = 512

interface Chunk<Value> {
  readonly keys: string[]
  readonly values: Value[]
  /** How many of the values are present ones. */
  live: number
}

/** Keys are ordered by UTF-16 code unit, which for ASCII is the order of bytes. */
export class SortedKeys<Value> {
  readonly #chunks: Chunk<Value>[] = []
  readonly #isLive: (value: Value) => boolean
  #live = 0

  /** `isLive` tells present values from those that only mark a deleted key; it must be constant. */
  constructor(isLive: (value: Value) => boolean) {
    this.#isLive = isLive
  }

  /** How many present values there are. */
  get live(): number {
    return this.#live
  }

  get(key: string): Value | undefined {
    const chunk = this.#chunks[this.#chunkOf(key)]
    if (!chunk) return undefined
    const place = lowerBound(chunk.keys, key)
    return chunk.keys[place] === key ? chunk.values[place] : undefined
  }

  set(key: string, value: Value): void {
    const at = this.#chunkOf(key)
    const chunk = this.#chunks[at]
    if (!chunk) {
      this.#chunks.push({ keys: [key], values: [value], live: 0 })
      this.#count(this.#chunks[0] as Chunk<Value>, value, 1)
      return
    }
    this.#count(chunk, value, 1)
    const place = lowerBound(chunk.keys, key)
    if (chunk.keys[place] === key) {
      this.#count(chunk, chunk.values[place] as Value, -1)
      chunk.values[place] = value
      return
    }
    insert(chunk, place, key, value)
    if (chunk.keys.length > CHUNK_KEYS_MAX) this.#split(at, chunk)
  }

  delete(key: string): void {
    const at = this.#chunkOf(key)
    const chunk = this.#chunks[at]
    if (!chunk) return
    const place = lowerBound(chunk.keys, key)
    if (chunk.keys[place] !== key) return
    this.#count(chunk, chunk.values[place] as Value, -1)
    chunk.keys.splice(place, 1)
    chunk.values.splice(place, 1)
    if (chunk.keys.length === 0) this.#chunks.splice(at, 1)
  }

  /** Visits values from the first key not below `from`, in order, until `visit` returns false. */
  scan(from: string, visit: (key: string, value: Value) => boolean): void {
    let at = this.#chunkOf(from)
    let chunk = this.#chunks[at]
    let place = chunk ? lowerBound(chunk.keys, from) : 0
    while (chunk) {
      const { keys, values } = chunk
      for (; place < keys.length; place++) {
        if (!visit(keys[place] as string, values[place] as Value)) return
      }
      chunk = this.#chunks[++at]
      place = 0
    }
  }

  /** How many present values have a key from `from` up to, but not including, `to`. */
  countLive(from: string, to: string): number {
    let count = 0
    for (let at = this.#chunkOf(from); at < this.#chunks.length; at++) {
      const { keys, values, live } = this.#chunks[at] as Chunk<Value>
      if ((keys[0] as string) >= to) break
      if ((keys[0] as string) >= from && (keys.at(-1) as string) < to) {
        count += live
        continue
      }
      const end = lowerBound(keys, to)
      for (let place = lowerBound(keys, from); place < end; place++) {
        if (this.#isLive(values[place] as Value)) count++
      }
    }
    return count
  }

  /** The chunk that holds `key`, or would: the last one that does not start behind it. */
  #chunkOf(key: string): number {
    let low = 0
    let high = this.#chunks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const first = (this.#chunks[middle] as Chunk<Value>).keys[0] as string
      if (first <= key) low = middle + 1
      else high = middle
    }
    return Math.max(low - 1, 0)
  }

  #count(chunk: Chunk<Value>, value: Value, by: 1 | -1): void {
    if (!this.#isLive(value)) return
    chunk.live += by
    this.#live += by
  }

  #split(at: number, chunk: Chunk<Value>): void {
    // Keys that arrive in order (a replay) leave full chunks behind instead of halves.
    const isLast = at === this.#chunks.length - 1
    const keep = isLast ? CHUNK_KEYS_MAX : CHUNK_KEYS_MAX / 2
    const keys = chunk.keys.splice(keep)
    const values = chunk.values.splice(keep)
    const live = values.filter(this.#isLive).length
    chunk.live -= live
    this.#chunks.splice(at + 1, 0, { keys, values, live })
  }
}

function insert<Value>(chunk: Chunk<Value>, place: number, key: string, value: Value): void {
  if (place === chunk.keys.length) {
    chunk.keys.push(key)
    chunk.values.push(value)
    return
  }
  chunk.keys.splice(place, 0, key)
  chunk.values.splice(place, 0, value)
}

function lowerBound(keys: readonly string[], key: string): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((keys[middle] as string) < key) low = middle + 1
    else high = middle
  }
  return low
}
