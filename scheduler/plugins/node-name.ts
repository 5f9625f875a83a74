/** A pod that names its node fits no other. */
import { type Plugin, refusal } from '../plugin.ts'

const NAME = 'NodeName'
const otherNode = refusal(NAME, "node(s) didn't match the requested node name", true)

export const nodeName: Plugin = {
  name: NAME,
  isLocal: true,
  hopes: ['node'],
  filter({ spec }) {
    const wanted = spec.nodeName
    if (!wanted) return undefined
    return { test: ({ name }) => (name === wanted ? undefined : otherNode) }
  },
  helps: (event, { spec }) =>
    event.type === 'node' && !event.previous && event.node.metadata.name === spec.nodeName,
}
