/** The order of a list that was merged from two. */

type Json = Record<string, unknown>
/** The field that identifies items; none for scalars, which identify themselves. */
type Key = string | undefined

function identityOf(item: unknown, key: Key): unknown {
  return key ? (item as Json | null)?.[key] : item
}

export const deduplicated = (items: readonly unknown[]): unknown[] => [...new Set(items)]

/** Those items that another list has as well, and the rest. */
export function partitioned(
  items: readonly unknown[],
  by: readonly unknown[],
  key: Key,
): readonly [listed: unknown[], rest: unknown[]] {
  const listed = new Set(by.map((item) => identityOf(item, key)))
  const groups: [unknown[], unknown[]] = [[], []]
  for (const item of items) groups[listed.has(identityOf(item, key)) ? 0 : 1].push(item)
  return groups
}

/**
 * Changed items in the order of the patch, untouched ones in that of the server. Where both lists
 * are known to the server, its order tells which comes first; else changed items do.
 */
export function ordered(
  changed: readonly unknown[],
  untouched: readonly unknown[],
  patchOrder: readonly unknown[],
  serverOrder: readonly unknown[],
  key: Key,
): unknown[] {
  const server = placesOf(serverOrder, key)
  const left = sortedBy(untouched, server, key)
  const right = sortedBy(changed, placesOf(patchOrder, key), key)
  const result: unknown[] = []
  let [l, r] = [0, 0]
  while (l < left.length && r < right.length) {
    const [a, b] = [server.get(identityOf(left[l], key)), server.get(identityOf(right[r], key))]
    const isLeftFirst = a !== undefined && b !== undefined && a < b
    result.push(isLeftFirst ? left[l++] : right[r++])
  }
  return [...result, ...left.slice(l), ...right.slice(r)]
}

/** The first place of each. */
function placesOf(items: readonly unknown[], key: Key): Map<unknown, number> {
  const places = new Map<unknown, number>()
  for (const [at, item] of items.entries()) {
    const identity = identityOf(item, key)
    if (!places.has(identity)) places.set(identity, at)
  }
  return places
}

function sortedBy(
  items: readonly unknown[],
  places: ReadonlyMap<unknown, number>,
  key: Key,
): unknown[] {
  const placeOf = (item: unknown): number => places.get(identityOf(item, key)) ?? 0
  return items.toSorted((a, b) => placeOf(a) - placeOf(b))
}
