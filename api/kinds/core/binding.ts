/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import { objectReference } from '../../parts/core/references.ts'
import { always, type Stored } from '../../schema.ts'

export const Binding = defineKind({
  group: '',
  version: 'v1',
  kind: 'Binding',
  plural: 'bindings',
  scope: 'Namespaced',
  verbs: ['create'],
  doc: '',
  fields: {
    target: always(2, objectReference, ''),
  },
})
export interface Binding extends Stored<typeof Binding> {}
