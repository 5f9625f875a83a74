/** What a ClusterRole with an aggregation rule gathers from the others. */
import { isDeepStrictEqual } from 'node:util'
import type { ClusterRole } from '../kinds/rbac/cluster-role.ts'
import { matchesLabels, selectorFromObject } from '../label-selector.ts'
import type { PolicyRule } from '../parts/rbac/rules.ts'

/** `others` in the order of their names; the role itself may be among them. */
export function aggregatedRules(
  { metadata, aggregationRule }: ClusterRole,
  others: readonly ClusterRole[],
): PolicyRule[] {
  const rules: PolicyRule[] = []
  for (const object of aggregationRule?.clusterRoleSelectors ?? []) {
    const selector = selectorFromObject(object as never)
    for (const other of others) {
      if (other.metadata.name === metadata.name) continue
      if (!matchesLabels(selector, other.metadata.labels)) continue
      for (const rule of other.rules ?? []) {
        if (!rules.some((each) => isDeepStrictEqual(each, rule))) rules.push(rule)
      }
    }
  }
  return rules
}
