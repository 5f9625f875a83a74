/** ComponentStatus: the health of a part of the control plane, worked out when it is asked for. */
import { defineKind } from '../../kind.ts'
import { always, listOf, omitEmpty, type Stored, string, struct, wordOf } from '../../schema.ts'
import { column, nameColumn } from '../../table.ts'

export const componentCondition = struct(
  'core.v1.ComponentCondition',
  'One aspect of the health of a component.',
  {
    type: always(1, wordOf('Healthy'), 'Which aspect; Healthy is the only one.'),
    status: always(2, wordOf('True', 'False', 'Unknown'), 'Whether it applies.'),
    message: omitEmpty(3, string, 'What the component said about its health.'),
    error: omitEmpty(4, string, 'What went wrong when it was asked.'),
  },
)
export interface ComponentCondition extends Stored<typeof componentCondition> {}

export const ComponentStatus = defineKind({
  group: '',
  version: 'v1',
  kind: 'ComponentStatus',
  plural: 'componentstatuses',
  shortNames: ['cs'],
  scope: 'Cluster',
  verbs: ['get', 'list'],
  doc: 'The health of a part of the control plane. Deprecated: ask its health endpoint instead.',
  deprecation: 'v1 ComponentStatus is deprecated in v1.19+',
  fields: {
    conditions: omitEmpty(
      2,
      listOf(componentCondition, { keys: ['type'], mergeKey: 'type', patch: 'merge' }),
      'The aspects of its health.',
    ),
  },
  columns: [
    nameColumn,
    column('Status', 'string', 'Healthy, Unhealthy or Unknown.', statusCell),
    column('Message', 'string', 'What the component said.', messageCell),
    column('Error', 'string', 'What went wrong asking it.', errorCell),
  ],
})
export interface ComponentStatus extends Stored<typeof ComponentStatus> {}

interface WithConditions {
  readonly conditions?: readonly ComponentCondition[]
}

function healthOf({ conditions }: WithConditions): ComponentCondition | undefined {
  return conditions?.find(({ type }) => type === 'Healthy')
}

function statusCell(object: WithConditions): string {
  const health = healthOf(object)
  if (!health || health.status === 'Unknown') return 'Unknown'
  return health.status === 'True' ? 'Healthy' : 'Unhealthy'
}

function messageCell(object: WithConditions): string {
  return healthOf(object)?.message ?? ''
}

function errorCell(object: WithConditions): string {
  return healthOf(object)?.error ?? ''
}
