/** Resource lists: amounts by resource name, kept to a thousandth. */
import { roundedUpToMilli } from '../quantity.ts'

/** Rounds up in place what is finer; suffixes below `m` are the only way to say it. */
export function roundResources(list: Record<string, string> | null | undefined): void {
  if (!list) return
  for (const name in list) {
    const amount = list[name]!
    const suffix = amount.charCodeAt(amount.length - 1)
    if (suffix === NANO || suffix === MICRO || amount.includes('e')) {
      list[name] = roundedUpToMilli(amount)
    }
  }
}

const NANO = 'n'.charCodeAt(0)
const MICRO = 'u'.charCodeAt(0)
