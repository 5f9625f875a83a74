/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import { always, duration, mapOf, quantity, type Stored, time } from '../../schema.ts'

export const NodeMetrics = defineKind({
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  kind: 'NodeMetrics',
  plural: 'nodes',
  scope: 'Cluster',
  verbs: ['get', 'list'],
  doc: '',
  fields: {
    timestamp: always(2, time, ''),
    window: always(3, duration, ''),
    usage: always(4, mapOf(quantity), ''),
  },
})
export interface NodeMetrics extends Stored<typeof NodeMetrics> {}
