/** Maps are kept in the order of their keys, so that equal objects are equal bytes. */
export const sortedMap = (map: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)))
