/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import { toleration } from '../../parts/core/pod-spec.ts'
import {
  listOf,
  mapOf,
  omitEmpty,
  optional,
  quantity,
  required,
  type Stored,
  string,
  struct,
} from '../../schema.ts'

export const overhead = struct('node.v1.Overhead', '', {
  podFixed: omitEmpty(1, mapOf(quantity), ''),
})
export interface Overhead extends Stored<typeof overhead> {}

export const scheduling = struct('node.v1.Scheduling', '', {
  nodeSelector: omitEmpty(1, mapOf(string), '', { atomic: true }),
  tolerations: omitEmpty(2, listOf(toleration, { listType: 'atomic' }), ''),
})
export interface Scheduling extends Stored<typeof scheduling> {}

export const RuntimeClass = defineKind({
  group: 'node.k8s.io',
  version: 'v1',
  kind: 'RuntimeClass',
  plural: 'runtimeclasses',
  scope: 'Cluster',
  conditionalUpdates: true,
  doc: '',
  fields: {
    handler: required(2, string, ''),
    overhead: optional(3, overhead, ''),
    scheduling: optional(4, scheduling, ''),
  },
  // columns: Name, Handler, Age
})
export interface RuntimeClass extends Stored<typeof RuntimeClass> {}
