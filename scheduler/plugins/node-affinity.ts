/** Nodes that a pod insists on, and those that it would rather have. */
import type { PodSpec } from '#api/parts/core/pod-spec.ts'
import {
  namedNodes,
  nodeSelectorTest,
  requiredNodeTest,
  termTest,
} from '#api/rules/node-selection.ts'
import { normalizeByMost, type Plugin, refusal } from '../plugin.ts'

/** As it stands in pods; for all pods of a profile beside their own. */
export type AddedAffinity = NonNullable<NonNullable<PodSpec['affinity']>['nodeAffinity']>

const NAME = 'NodeAffinity'
const elsewhere = refusal(NAME, "node(s) didn't match Pod's node affinity/selector", true)
const enforced = refusal(NAME, "node(s) didn't match scheduler-enforced node affinity", true)
const conflict = refusal(NAME, 'pod affinity terms conflict', true)

export function nodeAffinityWith(added: AddedAffinity = {}): Plugin {
  const { requiredDuringSchedulingIgnoredDuringExecution: addedTerms } = added
  const isAllowed = addedTerms && nodeSelectorTest(addedTerms)
  return {
    name: NAME,
    isLocal: true,
    hopes: ['node'],
    filter({ spec }) {
      const fits = requiredNodeTest(spec)
      if (!fits && !isAllowed) return undefined
      const { requiredDuringSchedulingIgnoredDuringExecution: required } =
        spec.affinity?.nodeAffinity ?? {}
      const names = namedNodes(required)
      if (names?.size === 0) return conflict
      return {
        ...(names && { only: { plugin: NAME, names } }),
        test({ node }) {
          if (isAllowed && !isAllowed(node)) return enforced
          return !fits || fits(node) ? undefined : elsewhere
        },
      }
    },
    scorer({ spec }) {
      const { preferredDuringSchedulingIgnoredDuringExecution: own = [] } =
        spec.affinity?.nodeAffinity ?? {}
      const preferred = [...(added.preferredDuringSchedulingIgnoredDuringExecution ?? []), ...own]
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
      const own = requiredNodeTest(spec)
      const fits = (one: typeof node): boolean =>
        (!isAllowed || isAllowed(one)) && (!own || own(one))
      return fits(node) && !(previous && fits(previous))
    },
  }
}

export const nodeAffinity = nodeAffinityWith()
