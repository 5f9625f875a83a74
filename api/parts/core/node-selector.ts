/** Node selectors: queries over the labels and names of nodes. */
import { validateNodeSelector } from '../../rules/node-selector.ts'
import { always, enumOf, listOf, omitEmpty, type Stored, string, struct } from '../../schema.ts'

export const nodeSelectorRequirement = struct(
  'core.v1.NodeSelectorRequirement',
  'One condition on a label or field of nodes.',
  {
    key: always(1, string, 'The label, or metadata.name among fields.'),
    operator: always(
      2,
      enumOf('In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'),
      'How the value compares; Gt and Lt compare integers.',
    ),
    values: omitEmpty(
      3,
      listOf(string, { listType: 'atomic' }),
      'Values to compare with: none for Exists and DoesNotExist, one for Gt and Lt.',
    ),
  },
)
export interface NodeSelectorRequirement extends Stored<typeof nodeSelectorRequirement> {}

export const nodeSelectorTerm = struct(
  'core.v1.NodeSelectorTerm',
  'Conditions that a node must meet all of. Without any, no node does.',
  {
    matchExpressions: omitEmpty(
      1,
      listOf(nodeSelectorRequirement, { listType: 'atomic' }),
      'Conditions on labels.',
    ),
    matchFields: omitEmpty(
      2,
      listOf(nodeSelectorRequirement, { listType: 'atomic' }),
      'Conditions on fields; metadata.name is the only one.',
    ),
  },
  { atomic: true },
)
export interface NodeSelectorTerm extends Stored<typeof nodeSelectorTerm> {}

export const nodeSelector = struct(
  'core.v1.NodeSelector',
  'Selects nodes that meet at least one of its terms.',
  {
    nodeSelectorTerms: always(
      1,
      listOf(nodeSelectorTerm, { listType: 'atomic' }),
      'Terms of which one is enough.',
    ),
  },
  {
    atomic: true,
    validateWhole(selector, at, problems): void {
      validateNodeSelector(selector, at, problems)
    },
  },
)
export interface NodeSelector extends Stored<typeof nodeSelector> {}
