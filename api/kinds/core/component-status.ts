/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import { always, listOf, omitEmpty, type Stored, string, struct, wordOf } from '../../schema.ts'

export const componentCondition = struct('core.v1.ComponentCondition', '', {
  type: always(1, wordOf('Healthy'), ''),
  status: always(2, wordOf('True', 'False', 'Unknown'), ''),
  message: omitEmpty(3, string, ''),
  error: omitEmpty(4, string, ''),
})
export interface ComponentCondition extends Stored<typeof componentCondition> {}

export const ComponentStatus = defineKind({
  group: '',
  version: 'v1',
  kind: 'ComponentStatus',
  plural: 'componentstatuses',
  shortNames: ['cs'],
  scope: 'Cluster',
  verbs: ['get', 'list'],
  doc: '',
  fields: {
    conditions: omitEmpty(
      2,
      listOf(componentCondition, { keys: ['type'], mergeKey: 'type', patch: 'merge' }),
      '',
    ),
  },
  // columns: Name, Status, Message, Error
})
export interface ComponentStatus extends Stored<typeof ComponentStatus> {}
