/** Finds what a person meant when a word is not known. */

/** Comparing costs the product of both lengths; nobody means a flag with a longer word. */
const COMPARED_LENGTH_MAX = 64

/** The nearest of the known words, if at most one letter in three is wrong. */
export function suggestion(word: string, known: Iterable<string>): string | undefined {
  if (word.length > COMPARED_LENGTH_MAX) return undefined
  let best: string | undefined
  let bestDistance = Math.floor(word.length / 3) + 1
  for (const candidate of known) {
    const distance = editDistance(word, candidate)
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best
}

/** Letters to insert, delete or replace to turn one word into the other. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const replaced = at(previous, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1)
      current.push(Math.min(replaced, at(previous, column) + 1, at(current, column - 1) + 1))
    }
    previous = current
  }
  return at(previous, b.length)
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY
}
