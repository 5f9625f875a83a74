/** Selectors in object form: which labels, or which fields, an object must have. */
import {
  always,
  listOf,
  mapOf,
  omitEmpty,
  type Stored,
  string,
  struct,
  wordOf,
} from '../../schema.ts'

const operator = wordOf('In', 'NotIn', 'Exists', 'DoesNotExist')
const operatorDoc = 'How the key relates to the values: In, NotIn, Exists or DoesNotExist.'
const valuesDoc = 'Values for In and NotIn, which need some; Exists and DoesNotExist take none.'

export const labelSelectorRequirement = struct(
  'meta.v1.LabelSelectorRequirement',
  'A rule that the labels of an object must meet.',
  {
    key: always(1, string, 'The label key that the rule is about.'),
    operator: always(2, operator, operatorDoc),
    values: omitEmpty(3, listOf(string, { listType: 'atomic' }), valuesDoc),
  },
)
export interface LabelSelectorRequirement extends Stored<typeof labelSelectorRequirement> {}

export const labelSelector = struct(
  'meta.v1.LabelSelector',
  'Selects objects by their labels. All rules must hold; an empty selector selects everything.',
  {
    matchLabels: omitEmpty(
      1,
      mapOf(string),
      'Labels that must be there with exactly these values.',
    ),
    matchExpressions: omitEmpty(
      2,
      listOf(labelSelectorRequirement, { listType: 'atomic' }),
      'Further rules that the labels must meet.',
    ),
  },
  { atomic: true },
)
export interface LabelSelector extends Stored<typeof labelSelector> {}

export const fieldSelectorRequirement = struct(
  'meta.v1.FieldSelectorRequirement',
  'A rule that a field of an object must meet.',
  {
    key: always(1, string, 'The field that the rule is about, such as spec.nodeName.'),
    operator: always(2, operator, operatorDoc),
    values: omitEmpty(3, listOf(string, { listType: 'atomic' }), valuesDoc),
  },
)
export interface FieldSelectorRequirement extends Stored<typeof fieldSelectorRequirement> {}
