/** Two lists of tolerations as one, without those that others cover. */
import { isDeepStrictEqual } from 'node:util'
import type { Toleration } from '../parts/core/pod-scheduling.ts'

/** Of equal ones the first is kept. */
export function mergeTolerations(
  first: readonly Toleration[],
  second: readonly Toleration[],
): Toleration[] {
  const all = [...first, ...second]
  const merged: Toleration[] = []
  for (const [position, each] of all.entries()) {
    if (merged.some((other) => covers(other, each))) continue
    const isCoveredLater = all
      .slice(position + 1)
      .some((other) => !isDeepStrictEqual(other, each) && covers(other, each))
    if (!isCoveredLater) merged.push(each)
  }
  return merged
}

/** Whether every taint that `narrow` tolerates, for as long, is tolerated by `wide` too. */
export function covers(wide: Toleration, narrow: Toleration): boolean {
  if (isDeepStrictEqual(wide, narrow)) return true
  const { key = '', operator = 'Equal', effect = '', value = '' } = wide
  const isForAnyKey = key === '' && operator === 'Exists'
  if (key !== (narrow.key ?? '') && !isForAnyKey) return false
  if (effect !== '' && effect !== narrow.effect) return false
  if (effect === 'NoExecute' && isShorter(wide.tolerationSeconds, narrow.tolerationSeconds)) {
    return false
  }
  if (operator === 'Exists') return true
  return operator === 'Equal' && narrow.operator === 'Equal' && (narrow.value ?? '') === value
}

/** Without a number it is for ever. */
function isShorter(seconds: number | undefined, than: number | undefined): boolean {
  if (seconds === undefined) return false
  return than === undefined || than > seconds
}
