/** FIXME: one sentence. */
import { defineKind, scaleSubresource, statusSubresource } from '../../kind.ts'
import { podTemplateSpec } from '../../parts/core/pod-template.ts'
import { labelSelector } from '../../parts/meta/label-selector.ts'
import {
  always,
  int32,
  int64,
  listOf,
  nullable,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
  time,
  wordOf,
} from '../../schema.ts'

export const replicaSetSpec = struct('apps.v1.ReplicaSetSpec', '', {
  replicas: optional(1, int32, ''),
  minReadySeconds: omitEmpty(4, int32, ''),
  selector: nullable(2, labelSelector, ''),
  template: omitEmpty(3, podTemplateSpec, ''),
})
export interface ReplicaSetSpec extends Stored<typeof replicaSetSpec> {}

export const replicaSetCondition = struct('apps.v1.ReplicaSetCondition', '', {
  type: always(1, wordOf('ReplicaFailure'), ''),
  status: always(2, wordOf('True', 'False', 'Unknown'), ''),
  lastTransitionTime: omitEmpty(3, time, ''),
  reason: omitEmpty(4, string, ''),
  message: omitEmpty(5, string, ''),
})
export interface ReplicaSetCondition extends Stored<typeof replicaSetCondition> {}

export const replicaSetStatus = struct('apps.v1.ReplicaSetStatus', '', {
  replicas: always(1, int32, ''),
  fullyLabeledReplicas: omitEmpty(2, int32, ''),
  readyReplicas: omitEmpty(4, int32, ''),
  availableReplicas: omitEmpty(5, int32, ''),
  terminatingReplicas: optional(7, int32, ''),
  observedGeneration: omitEmpty(3, int64, ''),
  conditions: omitEmpty(
    6,
    listOf(replicaSetCondition, { keys: ['type'], mergeKey: 'type', patch: 'merge' }),
    '',
  ),
})
export interface ReplicaSetStatus extends Stored<typeof replicaSetStatus> {}

export const ReplicaSet = defineKind({
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  shortNames: ['rs'],
  categories: ['all'],
  scope: 'Namespaced',
  subresources: { ...scaleSubresource, ...statusSubresource },
  doc: '',
  fields: {
    spec: omitEmpty(2, replicaSetSpec, ''),
    status: omitEmpty(3, replicaSetStatus, ''),
  },
  // columns: Name, Desired, Current, Ready, Age, Containers*, Images*, Selector*
})
export interface ReplicaSet extends Stored<typeof ReplicaSet> {}
