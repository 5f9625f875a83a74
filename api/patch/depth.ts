/** How deep a value is, found without recursion: patches can nest what nobody could send. */

export function isDeeperThan(value: unknown, max: number): boolean {
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    const below: unknown[] = []
    for (const each of level) {
      if (typeof each !== 'object' || each === null) continue
      if (depth === max) return true
      for (const child of Object.values(each)) if (typeof child === 'object') below.push(child)
    }
    level = below
  }
  return false
}
