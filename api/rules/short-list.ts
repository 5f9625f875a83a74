/** Lists in table cells: the first few items, and how many more there are. */
const shownMax = 3

/** `a,b,c + 2 more...` */
export function shortList(items: readonly (string | number)[]): string {
  const shown = items.slice(0, shownMax).join(',')
  return items.length > shownMax ? `${shown} + ${items.length - shownMax} more...` : shown
}
