/** FIXME: one sentence. */
import { defineMessage } from '../../kind.ts'
import { listMeta } from '../../parts/meta/list-meta.ts'
import {
  always,
  any,
  int32,
  listOf,
  object,
  omitEmpty,
  type Stored,
  string,
  struct,
  wordOf,
} from '../../schema.ts'

export const tableColumnDefinition = struct('meta.v1.TableColumnDefinition', '', {
  name: always(0, string, ''),
  type: always(0, string, ''),
  format: always(0, string, ''),
  description: always(0, string, ''),
  priority: always(0, int32, ''),
})
export interface TableColumnDefinition extends Stored<typeof tableColumnDefinition> {}

export const tableRowCondition = struct('meta.v1.TableRowCondition', '', {
  type: always(0, wordOf('Completed'), ''),
  status: always(0, wordOf('True', 'False', 'Unknown'), ''),
  reason: omitEmpty(0, string, ''),
  message: omitEmpty(0, string, ''),
})
export interface TableRowCondition extends Stored<typeof tableRowCondition> {}

export const tableRow = struct('meta.v1.TableRow', '', {
  cells: always(0, listOf(any, { listType: 'atomic' }), ''),
  conditions: omitEmpty(0, listOf(tableRowCondition, { listType: 'atomic' }), ''),
  object: omitEmpty(0, object, ''),
})
export interface TableRow extends Stored<typeof tableRow> {}

export const Table = defineMessage({
  group: 'meta.k8s.io',
  version: 'v1',
  kind: 'Table',
  name: 'meta.v1.Table',
  doc: '',
  fields: {
    metadata: omitEmpty(0, listMeta, ''),
    columnDefinitions: always(0, listOf(tableColumnDefinition, { listType: 'atomic' }), ''),
    rows: always(0, listOf(tableRow, { listType: 'atomic' }), ''),
  },
})
export interface Table extends Stored<typeof Table> {}
