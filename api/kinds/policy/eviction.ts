/** Eviction: a request to delete a pod, unless a disruption budget says no. */
import { defineKind } from '../../kind.ts'
import { optional, type Stored } from '../../schema.ts'
import { DeleteOptions } from '../meta/delete-options.ts'

export const Eviction = defineKind({
  group: 'policy',
  version: 'v1',
  kind: 'Eviction',
  doc: 'Asks to delete a pod as far as its disruption budgets allow. Posted to pods/eviction.',
  fields: {
    deleteOptions: optional(2, DeleteOptions.schema, 'How to delete the pod.'),
  },
})
export interface Eviction extends Stored<typeof Eviction> {}
