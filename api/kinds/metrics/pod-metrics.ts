/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import {
  always,
  duration,
  listOf,
  mapOf,
  quantity,
  type Stored,
  string,
  struct,
  time,
} from '../../schema.ts'

export const containerMetrics = struct('metrics.v1beta1.ContainerMetrics', '', {
  name: always(1, string, ''),
  usage: always(2, mapOf(quantity), ''),
})
export interface ContainerMetrics extends Stored<typeof containerMetrics> {}

export const PodMetrics = defineKind({
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  kind: 'PodMetrics',
  plural: 'pods',
  scope: 'Namespaced',
  verbs: ['get', 'list'],
  doc: '',
  fields: {
    timestamp: always(2, time, ''),
    window: always(3, duration, ''),
    containers: always(4, listOf(containerMetrics, { listType: 'atomic' }), ''),
  },
})
export interface PodMetrics extends Stored<typeof PodMetrics> {}
