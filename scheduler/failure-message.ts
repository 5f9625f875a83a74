/** Why a pod is pending, in upstream's words, which people and programs search for. */
import type { Refusal } from './plugin.ts'

export const NO_NODES = 'no nodes available to schedule pods'

/**
 * `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint(s).`, and after it
 * what was tried in vain to change that.
 */
export function failureMessage(
  nodes: number,
  verdicts: ReadonlyMap<string, Refusal>,
  ofAll?: Refusal,
  rescue?: string,
): string {
  const why = ofAll ? ofAll.reasons.join(', ') : histogram(verdicts)
  return `0/${nodes} nodes are available: ${why}.${rescue ? ` ${rescue}` : ''}`
}

/** Sorted as text, so that the same state reads the same each time. */
function histogram(verdicts: ReadonlyMap<string, Refusal>): string {
  const counts = new Map<string, number>()
  for (const { reasons } of verdicts.values()) {
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  }
  const lines = [...counts].map(([reason, count]) => `${count} ${reason}`)
  return lines.sort().join(', ')
}
