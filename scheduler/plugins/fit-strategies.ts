/** Which nodes are better for a pod that fits: emptier ones, fuller ones, or as a curve has it. */
import { SCORE_MAX } from '../plugin.ts'
import type { Share } from './resource-shares.ts'

/** A point of a curve, both between 0 and 100. */
export interface CurvePoint {
  readonly utilization: number
  readonly score: number
}

export interface FitStrategy {
  /** Of one resource that the node has. */
  readonly score: (share: Share) => number
  /** Of all scores and their weights. */
  readonly combine: (scores: readonly WeightedScore[]) => number
}

export interface WeightedScore {
  readonly score: number
  readonly weight: number
}

export const leastAllocated: FitStrategy = {
  score: ({ wanted, all }) => (wanted > all ? 0 : Math.floor(((all - wanted) * SCORE_MAX) / all)),
  combine: (scores) => Math.floor(average(scores)),
}

export const mostAllocated: FitStrategy = {
  score: ({ wanted, all }) => Math.floor((Math.min(wanted, all) * SCORE_MAX) / all),
  combine: (scores) => Math.floor(average(scores)),
}

export function requestedToCapacityRatio(curve: readonly CurvePoint[]): FitStrategy {
  return {
    score({ wanted, all }) {
      const utilization = wanted > all ? 100 : Math.floor((wanted * 100) / all)
      return onCurve(curve, utilization)
    },
    // As upstream: what scores nothing does not count at all.
    combine: (scores) => Math.round(average(scores.filter(({ score }) => score > 0))),
  }
}

function onCurve(curve: readonly CurvePoint[], utilization: number): number {
  const next = curve.findIndex((point) => utilization <= point.utilization)
  if (next < 0) return curve.at(-1)?.score ?? 0
  const to = curve[next]!
  const from = curve[next - 1]
  if (!from) return to.score
  const rise = (to.score - from.score) * (utilization - from.utilization)
  return from.score + Math.trunc(rise / (to.utilization - from.utilization))
}

function average(scores: readonly WeightedScore[]): number {
  let [sum, weights] = [0, 0]
  for (const { score, weight } of scores) {
    sum += score * weight
    weights += weight
  }
  return weights === 0 ? 0 : sum / weights
}
