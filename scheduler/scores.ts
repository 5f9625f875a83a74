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
  for (const total of totals) if (total > most) most = total
  const best: NodeInfo[] = []
  for (const [at, total] of totals.entries()) if (total === most) best.push(nodes[at]!)
  return best[random.below(best.length)]!
}

export function totalScores(
  pod: PodInfo,
  nodes: readonly NodeInfo[],
  table: LocalTable,
  others: readonly WeightedPlugin[],
  view: ClusterView,
): number[] {
  const totals = new Array<number>(nodes.length).fill(0)
  for (const [which, { normalize, weight }] of table.scorers.entries()) {
    const scores = new Array<number>(nodes.length)
    for (let at = 0; at < scores.length; at++) scores[at] = table.scoreOf(nodes[at]!, which)
    normalize?.(scores, nodes)
    addWeighted(totals, scores, weight)
  }
  for (const { scorer, weight } of others) {
    const prepared = scorer?.(pod, view, nodes)
    if (prepared) addWeighted(totals, scoresFrom(prepared, nodes), weight)
  }
  return totals
}

export function scoresFrom({ score, normalize }: NodeScorer, nodes: readonly NodeInfo[]): number[] {
  const scores = nodes.map(score)
  normalize?.(scores, nodes)
  return scores
}

function addWeighted(totals: number[], scores: readonly number[], weight: number): void {
  for (let at = 0; at < totals.length; at++) totals[at]! += scores[at]! * weight
}
