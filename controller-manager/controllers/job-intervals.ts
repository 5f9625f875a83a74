/** Sets of indexes of an Indexed Job, kept as intervals, since most indexes come in rows. */

/** First and last index, both included. */
type Interval = readonly [first: number, last: number]

/** In increasing order, with gaps between them. */
export type Intervals = readonly Interval[]

/**
 * What a status says, such as `1,3-5,7`. A Job may have fewer completions than before: indexes
 * beyond them do not count any more, and neither does what cannot be read.
 */
export function intervalsOf(text: string | undefined, completions: number): Intervals {
  const read = (text ?? '').split(',').flatMap((part): Interval[] => {
    const found = /^([0-9]+)(?:-([0-9]+))?$/.exec(part)
    if (!found) return []
    const first = Number(found[1])
    const last = Math.min(Number(found[2] ?? first), completions - 1)
    return first <= last ? [[first, last]] : []
  })
  return joined(read)
}

export const withIndexes = (intervals: Intervals, indexes: Iterable<number>): Intervals =>
  joined([...intervals, ...[...indexes].map((index): Interval => [index, index])])

export const union = (one: Intervals, other: Intervals): Intervals => joined([...one, ...other])

function joined(intervals: readonly Interval[]): Intervals {
  const result: [number, number][] = []
  for (const [first, last] of intervals.toSorted(([a], [b]) => a - b)) {
    const before = result.at(-1)
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last)
    else result.push([first, last])
  }
  return result
}

export const countOf = (intervals: Intervals): number =>
  intervals.reduce((sum, [first, last]) => sum + last - first + 1, 0)

export function hasIndex(intervals: Intervals, index: number): boolean {
  let [low, high] = [0, intervals.length - 1]
  while (low <= high) {
    const middle = (low + high) >> 1
    const [first, last] = intervals[middle]!
    if (index < first) high = middle - 1
    else if (index > last) low = middle + 1
    else return true
  }
  return false
}

/** How many indexes both have. */
export function countShared(one: Intervals, other: Intervals): number {
  let [left, right, count] = [0, 0, 0]
  while (left < one.length && right < other.length) {
    const [first, last] = one[left]!
    const [otherFirst, otherLast] = other[right]!
    count += Math.max(0, Math.min(last, otherLast) - Math.max(first, otherFirst) + 1)
    if (last < otherLast) left++
    else right++
  }
  return count
}

/** The lowest indexes that are not in the set, as many as wanted, all below `completions`. */
export function firstMissing(intervals: Intervals, count: number, completions: number): number[] {
  const found: number[] = []
  let candidate = 0
  for (const [first, last] of [...intervals, [completions, completions] as Interval]) {
    while (candidate < Math.min(first, completions) && found.length < count) {
      found.push(candidate++)
    }
    candidate = last + 1
  }
  return found
}

/** As upstream writes it: a hyphen stands for three or more in a row. */
export const textOf = (intervals: Intervals): string =>
  intervals.map(([first, last]) => rowText(first, last)).join()

function rowText(first: number, last: number): string {
  if (first === last) return String(first)
  return `${first}${last === first + 1 ? ',' : '-'}${last}`
}
