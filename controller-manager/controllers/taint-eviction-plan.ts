/** How long a pod may stay on a node that has taints. Pure. */
import type { Taint } from '#api/kinds/core/node.ts'
import type { Toleration } from '#api/parts/core/pod-scheduling.ts'
import { toleratesTaint } from '#api/rules/taint-toleration.ts'

/** Milliseconds for which all taints are tolerated: 0 is not at all. */
export function toleratedMs(
  taints: readonly Taint[],
  tolerations: readonly Toleration[] | undefined,
): number {
  const used = new Set<Toleration>()
  for (const taint of taints) {
    const matching = tolerations?.filter((each) => toleratesTaint(each, taint)) ?? []
    if (matching.length === 0) return 0
    // As upstream: the first that covers the taint is the one that counts.
    used.add(matching[0]!)
  }
  const limits = [...used].flatMap(({ tolerationSeconds }) => tolerationSeconds ?? [])
  return limits.length === 0 ? Number.POSITIVE_INFINITY : Math.max(Math.min(...limits), 0) * 1000
}
