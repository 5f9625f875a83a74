/** Nodes that a pod insists on, and those that it would rather have. */
import { namedNodes, requiredNodeTest, termTest } from '#api/rules/node-selection.ts'
import { normalizeByMost, type Plugin, refusal } from '../plugin.ts'

const NAME = 'NodeAffinity'
const elsewhere = refusal(NAME, "node(s) didn't match Pod's node affinity/selector", true)
const conflict = refusal(NAME, 'pod affinity terms conflict', true)

export const nodeAffinity: Plugin = {
  name: NAME,
  filter({ spec }) {
    const fits = requiredNodeTest(spec)
    if (!fits) return undefined
    const { requiredDuringSchedulingIgnoredDuringExecution: required } =
      spec.affinity?.nodeAffinity ?? {}
    const only = namedNodes(required)
    if (only?.size === 0) return conflict
    return { ...(only && { only }), test: ({ node }) => (fits(node) ? undefined : elsewhere) }
  },
  scorer({ spec }) {
    const { preferredDuringSchedulingIgnoredDuringExecution: preferred = [] } =
      spec.affinity?.nodeAffinity ?? {}
    if (preferred.length === 0) return undefined
    const terms = preferred.map(({ weight, preference }) => ({
      weight,
      test: termTest(preference),
    }))
    return {
      score: ({ node }) =>
        terms.reduce((sum, { weight, test }) => sum + (test(node) ? weight : 0), 0),
      normalize: (scores) => normalizeByMost(scores, false),
    }
  },
  helps(event, { spec }) {
    if (event.type === 'self') return true
    if (event.type !== 'node') return false
    const { node, previous } = event
    const fits = requiredNodeTest(spec)
    return !fits || (fits(node) && !(previous && fits(previous)))
  },
}
