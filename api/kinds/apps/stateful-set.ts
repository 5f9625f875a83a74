/** FIXME: one sentence. */
import { defineKind, scaleSubresource, statusSubresource } from '../../kind.ts'
import { podTemplateSpec } from '../../parts/core/pod-template.ts'
import { labelSelector } from '../../parts/meta/label-selector.ts'
import {
  always,
  enumOf,
  int32,
  int64,
  intOrString,
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
import { PersistentVolumeClaim } from '../core/persistent-volume-claim.ts'

export const rollingUpdateStatefulSetStrategy = struct(
  'apps.v1.RollingUpdateStatefulSetStrategy',
  '',
  {
    partition: optional(1, int32, ''),
    maxUnavailable: optional(2, intOrString, ''), // gate: MaxUnavailableStatefulSet
  },
)
export interface RollingUpdateStatefulSetStrategy
  extends Stored<typeof rollingUpdateStatefulSetStrategy> {}

export const statefulSetUpdateStrategy = struct('apps.v1.StatefulSetUpdateStrategy', '', {
  type: omitEmpty(1, enumOf('RollingUpdate', 'OnDelete'), ''),
  rollingUpdate: optional(2, rollingUpdateStatefulSetStrategy, ''),
})
export interface StatefulSetUpdateStrategy extends Stored<typeof statefulSetUpdateStrategy> {}

export const statefulSetPersistentVolumeClaimRetentionPolicy = struct(
  'apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy',
  '',
  {
    whenDeleted: omitEmpty(1, wordOf('Retain', 'Delete'), ''),
    whenScaled: omitEmpty(2, wordOf('Retain', 'Delete'), ''),
  },
)
export interface StatefulSetPersistentVolumeClaimRetentionPolicy
  extends Stored<typeof statefulSetPersistentVolumeClaimRetentionPolicy> {}

export const statefulSetOrdinals = struct('apps.v1.StatefulSetOrdinals', '', {
  start: always(1, int32, '', { mayOmit: true }),
})
export interface StatefulSetOrdinals extends Stored<typeof statefulSetOrdinals> {}

export const statefulSetSpec = struct('apps.v1.StatefulSetSpec', '', {
  replicas: optional(1, int32, ''),
  selector: nullable(2, labelSelector, ''),
  template: always(3, podTemplateSpec, ''),
  volumeClaimTemplates: omitEmpty(
    4,
    listOf(PersistentVolumeClaim.schema, { listType: 'atomic' }),
    '',
  ),
  serviceName: always(5, string, '', { mayOmit: true }),
  podManagementPolicy: omitEmpty(6, enumOf('OrderedReady', 'Parallel'), ''),
  updateStrategy: omitEmpty(7, statefulSetUpdateStrategy, ''),
  revisionHistoryLimit: optional(8, int32, ''),
  minReadySeconds: omitEmpty(9, int32, ''),
  persistentVolumeClaimRetentionPolicy: optional(
    10,
    statefulSetPersistentVolumeClaimRetentionPolicy,
    '',
  ),
  ordinals: optional(11, statefulSetOrdinals, ''),
})
export interface StatefulSetSpec extends Stored<typeof statefulSetSpec> {}

export const statefulSetCondition = struct('apps.v1.StatefulSetCondition', '', {
  type: always(1, string, ''),
  status: always(2, wordOf('True', 'False', 'Unknown'), ''),
  lastTransitionTime: omitEmpty(3, time, ''),
  reason: omitEmpty(4, string, ''),
  message: omitEmpty(5, string, ''),
})
export interface StatefulSetCondition extends Stored<typeof statefulSetCondition> {}

export const statefulSetStatus = struct('apps.v1.StatefulSetStatus', '', {
  observedGeneration: omitEmpty(1, int64, ''),
  replicas: always(2, int32, ''),
  readyReplicas: omitEmpty(3, int32, ''),
  currentReplicas: omitEmpty(4, int32, ''),
  updatedReplicas: omitEmpty(5, int32, ''),
  currentRevision: omitEmpty(6, string, ''),
  updateRevision: omitEmpty(7, string, ''),
  collisionCount: optional(9, int32, ''),
  conditions: omitEmpty(
    10,
    listOf(statefulSetCondition, { keys: ['type'], mergeKey: 'type', patch: 'merge' }),
    '',
  ),
  availableReplicas: always(11, int32, '', { mayOmit: true }),
})
export interface StatefulSetStatus extends Stored<typeof statefulSetStatus> {}

export const StatefulSet = defineKind({
  group: 'apps',
  version: 'v1',
  kind: 'StatefulSet',
  plural: 'statefulsets',
  shortNames: ['sts'],
  categories: ['all'],
  scope: 'Namespaced',
  subresources: { ...scaleSubresource, ...statusSubresource },
  doc: '',
  fields: {
    spec: omitEmpty(2, statefulSetSpec, ''),
    status: omitEmpty(3, statefulSetStatus, ''),
  },
  // columns: Name, Ready, Age, Containers*, Images*
})
export interface StatefulSet extends Stored<typeof StatefulSet> {}
