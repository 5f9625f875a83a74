/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import {
  always,
  listOf,
  mapOf,
  omitEmpty,
  quantity,
  type Stored,
  struct,
  wordOf,
} from '../../schema.ts'

export const limitRangeItem = struct('core.v1.LimitRangeItem', '', {
  type: always(1, wordOf('Pod', 'Container', 'PersistentVolumeClaim'), ''),
  max: omitEmpty(2, mapOf(quantity), ''),
  min: omitEmpty(3, mapOf(quantity), ''),
  default: omitEmpty(4, mapOf(quantity), ''),
  defaultRequest: omitEmpty(5, mapOf(quantity), ''),
  maxLimitRequestRatio: omitEmpty(6, mapOf(quantity), ''),
})
export interface LimitRangeItem extends Stored<typeof limitRangeItem> {}

export const limitRangeSpec = struct('core.v1.LimitRangeSpec', '', {
  limits: always(1, listOf(limitRangeItem, { listType: 'atomic' }), ''),
})
export interface LimitRangeSpec extends Stored<typeof limitRangeSpec> {}

export const LimitRange = defineKind({
  group: '',
  version: 'v1',
  kind: 'LimitRange',
  plural: 'limitranges',
  shortNames: ['limits'],
  scope: 'Namespaced',
  doc: '',
  fields: {
    spec: omitEmpty(2, limitRangeSpec, ''),
  },
  // columns: Name, Created At
})
export interface LimitRange extends Stored<typeof LimitRange> {}
