/** FIXME: one sentence. */
import { defineKind, scaleSubresource, statusSubresource } from '../../kind.ts'
import { podTemplateSpec } from '../../parts/core/pod-template.ts'
import {
  always,
  int32,
  int64,
  listOf,
  mapOf,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
  time,
  wordOf,
} from '../../schema.ts'

export const replicationControllerSpec = struct('core.v1.ReplicationControllerSpec', '', {
  replicas: optional(1, int32, '', { default: 1 }),
  minReadySeconds: omitEmpty(4, int32, '', { default: 0 }),
  selector: omitEmpty(2, mapOf(string), '', { atomic: true }),
  template: optional(3, podTemplateSpec, ''),
})
export interface ReplicationControllerSpec extends Stored<typeof replicationControllerSpec> {}

export const replicationControllerCondition = struct('core.v1.ReplicationControllerCondition', '', {
  type: always(1, wordOf('ReplicaFailure'), ''),
  status: always(2, wordOf('True', 'False', 'Unknown'), ''),
  lastTransitionTime: omitEmpty(3, time, ''),
  reason: omitEmpty(4, string, ''),
  message: omitEmpty(5, string, ''),
})
export interface ReplicationControllerCondition
  extends Stored<typeof replicationControllerCondition> {}

export const replicationControllerStatus = struct('core.v1.ReplicationControllerStatus', '', {
  replicas: always(1, int32, ''),
  fullyLabeledReplicas: omitEmpty(2, int32, ''),
  readyReplicas: omitEmpty(4, int32, ''),
  availableReplicas: omitEmpty(5, int32, ''),
  observedGeneration: omitEmpty(3, int64, ''),
  conditions: omitEmpty(
    6,
    listOf(replicationControllerCondition, { keys: ['type'], mergeKey: 'type', patch: 'merge' }),
    '',
  ),
})
export interface ReplicationControllerStatus extends Stored<typeof replicationControllerStatus> {}

export const ReplicationController = defineKind({
  group: '',
  version: 'v1',
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
  shortNames: ['rc'],
  categories: ['all'],
  scope: 'Namespaced',
  subresources: { ...scaleSubresource, ...statusSubresource },
  generation: true,
  deletion: { orphansByDefault: true },
  doc: '',
  fields: {
    spec: omitEmpty(2, replicationControllerSpec, ''),
    status: omitEmpty(3, replicationControllerStatus, ''),
  },
  // columns: Name, Desired, Current, Ready, Age, Containers*, Images*, Selector*
})
export interface ReplicationController extends Stored<typeof ReplicationController> {}
