/** Taints keep pods off that do not tolerate them; softer ones make a node less attractive. */
import type { Taint } from '#api/kinds/core/node.ts'
import { toleratesTaint, untoleratedTaint } from '#api/rules/taint-toleration.ts'
import { normalizeByMost, type Plugin, refusal } from '../plugin.ts'

const NAME = 'TaintToleration'
const tainted = refusal(NAME, 'node(s) had untolerated taint(s)', true)
const none: readonly Taint[] = []

export const taintToleration: Plugin = {
  name: NAME,
  isLocal: true,
  hopes: ['node'],
  filter: ({ spec: { tolerations } }) => ({
    test: ({ node }) => (untoleratedTaint(node.spec.taints, tolerations) ? tainted : undefined),
  }),
  scorer({ spec }) {
    const tolerations = (spec.tolerations ?? []).filter(
      ({ effect }) => !effect || effect === 'PreferNoSchedule',
    )
    const isDisliked = (taint: Taint): boolean =>
      taint.effect === 'PreferNoSchedule' &&
      !tolerations.some((each) => toleratesTaint(each, taint))
    return {
      score: ({ node }) => (node.spec.taints ?? none).filter(isDisliked).length,
      normalize: (scores) => normalizeByMost(scores, true),
    }
  },
  helps(event, { spec: { tolerations } }) {
    if (event.type === 'self') return true
    if (event.type !== 'node') return false
    const { node, previous } = event
    if (untoleratedTaint(node.spec.taints, tolerations)) return false
    return !previous || untoleratedTaint(previous.spec.taints, tolerations) !== undefined
  },
}
