/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import { optional, type Stored } from '../../schema.ts'
import { DeleteOptions } from '../meta/delete-options.ts'

export const Eviction = defineKind({
  group: 'policy',
  version: 'v1',
  kind: 'Eviction',
  doc: '',
  fields: {
    deleteOptions: optional(2, DeleteOptions.schema, ''),
  },
})
export interface Eviction extends Stored<typeof Eviction> {}
