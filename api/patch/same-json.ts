/** Equality of JSON values, whatever the order of the keys. */

export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) return Array.isArray(b) && sameLists(a, b)
  return !Array.isArray(b) && sameMaps(a as Json, b as Json)
}

type Json = Record<string, unknown>

function sameLists(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, at) => sameJson(item, b[at]))
}

function sameMaps(a: Json, b: Json): boolean {
  let count = 0
  for (const key in a) {
    if (!Object.hasOwn(b, key) || !sameJson(a[key], b[key])) return false
    count++
  }
  for (const _ in b) count--
  return count === 0
}
