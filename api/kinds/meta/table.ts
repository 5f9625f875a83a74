/** Table: objects as rows of cells, for clients that print them. */
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

export const tableColumnDefinition = struct(
  'meta.v1.TableColumnDefinition',
  'What a column of a table shows.',
  {
    name: always(0, string, 'Heading of the column.'),
    type: always(0, string, 'Type of the cells: string, integer, number, boolean or date.'),
    format: always(
      0,
      string,
      'Finer form of the type; name marks the column that names the object.',
    ),
    description: always(0, string, 'What the column shows, in words for people.'),
    priority: always(
      0,
      int32,
      'Zero is always shown; greater numbers give way where space is short.',
    ),
  },
)
export interface TableColumnDefinition extends Stored<typeof tableColumnDefinition> {}

export const tableRowCondition = struct('meta.v1.TableRowCondition', 'A remark about a row.', {
  type: always(
    0,
    wordOf('Completed'),
    'What the remark is about; Completed marks an object that has run to its end.',
  ),
  status: always(
    0,
    wordOf('True', 'False', 'Unknown'),
    'Whether it holds: True, False or Unknown.',
  ),
  reason: omitEmpty(0, string, 'Why, as one CamelCase word.'),
  message: omitEmpty(0, string, 'Why, in words for people.'),
})
export interface TableRowCondition extends Stored<typeof tableRowCondition> {}

export const tableRow = struct('meta.v1.TableRow', 'One object of a table.', {
  cells: always(0, listOf(any, { listType: 'atomic' }), 'One value for each column.'),
  conditions: omitEmpty(
    0,
    listOf(tableRowCondition, { listType: 'atomic' }),
    'Remarks about the object that may change how the row is shown.',
  ),
  object: omitEmpty(
    0,
    object,
    'The object, as far as the request asked for it: none of it, its metadata or all.',
  ),
})
export interface TableRow extends Stored<typeof tableRow> {}

export const Table = defineMessage({
  group: 'meta.k8s.io',
  version: 'v1',
  kind: 'Table',
  name: 'meta.v1.Table',
  doc: 'Objects as rows of cells.',
  fields: {
    metadata: omitEmpty(0, listMeta, 'What a list says about itself.'),
    columnDefinitions: always(
      0,
      listOf(tableColumnDefinition, { listType: 'atomic' }),
      'The columns, in the order of the cells.',
    ),
    rows: always(0, listOf(tableRow, { listType: 'atomic' }), 'The rows, one for each object.'),
  },
})
export interface Table extends Stored<typeof Table> {}
