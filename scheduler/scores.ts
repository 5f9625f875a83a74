/** How good nodes are, and which is best. */
import type { Random } from '#daemon/random.ts'
import type { NodeInfo } from './node-info.ts'
import type { ClusterView, NodeScorer } from './plugin.ts'
import type { WeightedPlugin } from './plugins.ts'
import type { PodInfo } from './pod-info.ts'
import type { LocalTable } from './shared-work.ts'

/** Of equally good ones a random one. */
export function bestOf(
  nodes: readonly NodeInfo[],
  totals: readonly number[],
  random: Random,
): NodeInfo {
  let most = -Infinity
  let count = 0
  for (let at = 0; at < totals.length; at++) {
    const total = totals[at]!
    if (total < most) continue
    count = total === most ? count + 1 : 1
    most = total
  }
  let chosen = random.below(count)
  const at = totals.findIndex((total) => total === most && chosen-- === 0)
  return nodes[at]!
}

/** What tells the nodes from each other: a score that all of them have may be left out. */
export function totalScores(
  pod: PodInfo,
  nodes: readonly NodeInfo[],
  table: LocalTable,
  others: readonly WeightedPlugin[],
  view: ClusterView,
): readonly number[] {
  const totals = table.totals(nodes)
  for (const { scorer, weight } of others) {
    const prepared = scorer?.(pod, view, nodes)
    if (!prepared) continue
    const scores = scoresFrom(prepared, nodes)
    for (let at = 0; at < totals.length; at++) totals[at]! += scores[at]! * weight
  }
  return totals
}

export function scoresFrom({ score, normalize }: NodeScorer, nodes: readonly NodeInfo[]): number[] {
  const scores = nodes.map(score)
  normalize?.(scores, nodes)
  return scores
}
