/** FIXME: one sentence. */
import { always, enumOf, listOf, omitEmpty, type Stored, string, struct } from '../../schema.ts'

export const nodeSelectorRequirement = struct('core.v1.NodeSelectorRequirement', '', {
  key: always(1, string, ''),
  operator: always(2, enumOf('In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'), ''),
  values: omitEmpty(3, listOf(string, { listType: 'atomic' }), ''),
})
export interface NodeSelectorRequirement extends Stored<typeof nodeSelectorRequirement> {}

export const nodeSelectorTerm = struct(
  'core.v1.NodeSelectorTerm',
  '',
  {
    matchExpressions: omitEmpty(1, listOf(nodeSelectorRequirement, { listType: 'atomic' }), ''),
    matchFields: omitEmpty(2, listOf(nodeSelectorRequirement, { listType: 'atomic' }), ''),
  },
  { atomic: true },
)
export interface NodeSelectorTerm extends Stored<typeof nodeSelectorTerm> {}

export const nodeSelector = struct(
  'core.v1.NodeSelector',
  '',
  {
    nodeSelectorTerms: always(1, listOf(nodeSelectorTerm, { listType: 'atomic' }), ''),
  },
  { atomic: true },
)
export interface NodeSelector extends Stored<typeof nodeSelector> {}
