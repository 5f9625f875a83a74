/** FIXME: one sentence. */
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

export const labelSelectorRequirement = struct('meta.v1.LabelSelectorRequirement', '', {
  key: always(1, string, ''),
  operator: always(2, wordOf('In', 'NotIn', 'Exists', 'DoesNotExist'), ''),
  values: omitEmpty(3, listOf(string, { listType: 'atomic' }), ''),
})
export interface LabelSelectorRequirement extends Stored<typeof labelSelectorRequirement> {}

export const labelSelector = struct(
  'meta.v1.LabelSelector',
  '',
  {
    matchLabels: omitEmpty(1, mapOf(string), ''),
    matchExpressions: omitEmpty(2, listOf(labelSelectorRequirement, { listType: 'atomic' }), ''),
  },
  { atomic: true },
)
export interface LabelSelector extends Stored<typeof labelSelector> {}

export const fieldSelectorRequirement = struct('meta.v1.FieldSelectorRequirement', '', {
  key: always(1, string, ''),
  operator: always(2, wordOf('In', 'NotIn', 'Exists', 'DoesNotExist'), ''),
  values: omitEmpty(3, listOf(string, { listType: 'atomic' }), ''),
})
export interface FieldSelectorRequirement extends Stored<typeof fieldSelectorRequirement> {}
