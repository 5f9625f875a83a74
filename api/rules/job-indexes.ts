/** Sets of indexes of an Indexed Job, written as `1,3-5,7`. */

/** How a set of indexes is written wrongly, in upstream's words. */
export class IndexesError extends Error {
  override readonly name = 'IndexesError'
}

/** First and last index, both included. */
type Interval = readonly [first: number, last: number]

/** How many indexes a text names, all of them below `completions` and in increasing order. */
export function countIndexes(text: string, completions: number): number {
  return parseIndexes(text, completions).reduce((sum, [first, last]) => sum + last - first + 1, 0)
}

export function parseIndexes(text: string, completions: number): readonly Interval[] {
  if (text === '') return []
  const intervals: Interval[] = []
  for (const part of text.split(',')) {
    const interval = parseInterval(part, completions)
    const previous = intervals.at(-1)?.[1]
    if (previous !== undefined && previous >= interval[0]) {
      throw new IndexesError(`non-increasing order, previous: ${previous}, current: ${interval[0]}`)
    }
    intervals.push(interval)
  }
  return intervals
}

/** An index that two texts have in common; parts that do not parse are passed by. */
export function sharedIndex(one: string, other: string, completions: number): number | undefined {
  const [left, right] = [one, other].map((text) => validIntervals(text, completions)) as [
    Interval[],
    Interval[],
  ]
  let [l, r] = [0, 0]
  while (l < left.length && r < right.length) {
    const [leftFirst, leftLast] = left[l]!
    const [rightFirst, rightLast] = right[r]!
    if (leftFirst <= rightLast && rightFirst <= leftLast) return Math.max(leftFirst, rightFirst)
    if (leftFirst <= rightFirst) l++
    else r++
  }
  return undefined
}

function validIntervals(text: string, completions: number): Interval[] {
  if (text === '') return []
  return text.split(',').flatMap((part) => {
    try {
      return [parseInterval(part, completions)]
    } catch (error) {
      if (error instanceof IndexesError) return []
      throw error
    }
  })
}

function parseInterval(text: string, completions: number): Interval {
  const parts = text.split('-')
  if (parts.length > 2) {
    const shown = JSON.stringify(text)
    throw new IndexesError(
      `the fragment ${shown} violates the requirement that an index interval can have at most two parts separated by '-'`,
    )
  }
  const [first, last = first] = parts.map((part) => parseIndex(part, completions)) as [
    number,
    number?,
  ]
  if (parts.length === 2 && first >= last) {
    throw new IndexesError(`non-increasing order, previous: ${first}, current: ${last}`)
  }
  return [first, last]
}

function parseIndex(text: string, completions: number): number {
  if (!/^[+-]?[0-9]+$/.test(text)) {
    throw new IndexesError(`cannot convert string to integer for index: ${JSON.stringify(text)}`)
  }
  const index = Number(text)
  if (index >= completions) throw new IndexesError(`too large index: ${JSON.stringify(text)}`)
  return index
}
