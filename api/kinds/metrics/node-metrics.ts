/** NodeMetrics: what a node uses at the moment. */
import { defineKind } from '../../kind.ts'
import { always, duration, mapOf, quantity, type Stored, time } from '../../schema.ts'
import { column, nameColumn } from '../../table.ts'

export const NodeMetrics = defineKind({
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  kind: 'NodeMetrics',
  plural: 'nodes',
  scope: 'Cluster',
  verbs: ['get', 'list'],
  doc: 'What a node uses at the moment, for kubectl top.',
  fields: {
    timestamp: always(2, time, 'When the measurement ended.'),
    window: always(3, duration, 'How long the measurement took.'),
    usage: always(4, mapOf(quantity), 'What was used of each resource, cpu and memory.'),
  },
  columns: [
    nameColumn,
    column('cpu', 'string', 'Processor time.', ({ usage }) => usage.cpu ?? '', {
      format: 'quantity',
    }),
    column('memory', 'string', 'Memory in use.', ({ usage }) => usage.memory ?? '', {
      format: 'quantity',
    }),
    column('Window', 'string', 'How long was measured.', ({ window }) => window, {
      format: 'duration',
    }),
  ],
})
export interface NodeMetrics extends Stored<typeof NodeMetrics> {}
