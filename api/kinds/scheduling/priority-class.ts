/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import {
  always,
  boolean,
  enumOf,
  int32,
  omitEmpty,
  optional,
  type Stored,
  string,
} from '../../schema.ts'

export const PriorityClass = defineKind({
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  shortNames: ['pc'],
  scope: 'Cluster',
  generation: true,
  doc: '',
  fields: {
    value: always(2, int32, '', { mayOmit: true }),
    globalDefault: omitEmpty(3, boolean, ''),
    description: omitEmpty(4, string, ''),
    preemptionPolicy: optional(5, enumOf('PreemptLowerPriority', 'Never'), ''),
  },
  // columns: Name, Value, Global-Default, Age, PreemptionPolicy
})
export interface PriorityClass extends Stored<typeof PriorityClass> {}
