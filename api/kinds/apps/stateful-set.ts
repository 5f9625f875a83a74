/** StatefulSet: pods with names, and with claims, that stay theirs. */
import { defineKind, scaleSubresource, statusSubresource } from '../../kind.ts'
import { dnsLabelName } from '../../names.ts'
import {
  minReadySecondsAt,
  readyOfWantedColumn,
  replicasField,
  replicasScale,
} from '../../parts/apps/replicas.ts'
import {
  collisionCountAt,
  conditionsAt,
  observedGenerationAt,
  revisionHistoryLimitAt,
} from '../../parts/apps/rollout.ts'
import { podTemplateSpec } from '../../parts/core/pod-template.ts'
import { conditionFields } from '../../parts/meta/condition-fields.ts'
import { labelSelector } from '../../parts/meta/label-selector.ts'
import {
  validateStatefulSetSpec,
  validateStatefulSetSpecUpdate,
  validateStatefulSetStatus,
} from '../../rules/stateful-set.ts'
import { templateColumns } from '../../rules/template-columns.ts'
import {
  always,
  int32,
  intOrString,
  listOf,
  nullable,
  omitEmpty,
  optional,
  publishedEnum,
  type Stored,
  string,
  struct,
  wordOf,
} from '../../schema.ts'
import { ageColumn, nameColumn } from '../../table.ts'
import { PersistentVolumeClaim } from '../core/persistent-volume-claim.ts'

export const rollingUpdateStatefulSetStrategy = struct(
  'apps.v1.RollingUpdateStatefulSetStrategy',
  'Which pods a rolling update replaces, and how many at a time.',
  {
    partition: optional(
      1,
      int32,
      'Pods with a lower number than this stay as they are. Defaults to 0, which replaces all.',
    ),
    maxUnavailable: optional(
      2,
      intOrString,
      'Pods that may be missing at once, as a number or percentage, rounded down. At least 1.',
    ),
  },
)
export interface RollingUpdateStatefulSetStrategy
  extends Stored<typeof rollingUpdateStatefulSetStrategy> {}

export const statefulSetUpdateStrategy = struct(
  'apps.v1.StatefulSetUpdateStrategy',
  'How pods of an old template give way to those of a new one.',
  {
    type: omitEmpty(
      1,
      publishedEnum('RollingUpdate', 'OnDelete'),
      'RollingUpdate (the default) starts at the highest number, OnDelete waits for deletions.',
      { default: 'RollingUpdate' },
    ),
    rollingUpdate: optional(2, rollingUpdateStatefulSetStrategy, 'Limits of a RollingUpdate.'),
  },
  {
    defaults(strategy) {
      if (strategy.type !== 'RollingUpdate') return
      strategy.rollingUpdate ??= {}
      strategy.rollingUpdate.partition ??= 0
    },
  },
)
export interface StatefulSetUpdateStrategy extends Stored<typeof statefulSetUpdateStrategy> {}

export const statefulSetPersistentVolumeClaimRetentionPolicy = struct(
  'apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy',
  'What happens to the claims of pods that are no longer wanted.',
  {
    whenDeleted: omitEmpty(
      1,
      wordOf('Retain', 'Delete'),
      'What happens to all claims when the StatefulSet is deleted. Defaults to Retain.',
      { default: 'Retain' },
    ),
    whenScaled: omitEmpty(
      2,
      wordOf('Retain', 'Delete'),
      'What happens to the claims of pods that scaling down removes. Defaults to Retain.',
      { default: 'Retain' },
    ),
  },
)
export interface StatefulSetPersistentVolumeClaimRetentionPolicy
  extends Stored<typeof statefulSetPersistentVolumeClaimRetentionPolicy> {}

export const statefulSetOrdinals = struct(
  'apps.v1.StatefulSetOrdinals',
  'How the pods are numbered.',
  {
    start: always(1, int32, 'Number of the first pod. Defaults to 0.', { mayOmit: true }),
  },
)
export interface StatefulSetOrdinals extends Stored<typeof statefulSetOrdinals> {}

export const statefulSetSpec = struct(
  'apps.v1.StatefulSetSpec',
  'What a StatefulSet should be.',
  {
    replicas: replicasField,
    selector: nullable(
      2,
      labelSelector,
      'Selects the pods that belong to the StatefulSet. Must match the template; never changes.',
    ),
    template: always(3, podTemplateSpec, 'What the pods are made from. They restart Always.'),
    volumeClaimTemplates: omitEmpty(
      4,
      listOf(PersistentVolumeClaim.schema, { listType: 'atomic' }),
      'Claims that every pod gets for itself, mounted under their names. Never change.',
    ),
    serviceName: always(
      5,
      string,
      'The headless Service that gives each pod a DNS name. It must exist; never changes.',
      { mayOmit: true },
    ),
    podManagementPolicy: omitEmpty(
      6,
      publishedEnum('OrderedReady', 'Parallel'),
      'OrderedReady (the default) starts one pod after the other, Parallel all at once.',
      { default: 'OrderedReady' },
    ),
    updateStrategy: omitEmpty(7, statefulSetUpdateStrategy, 'How old pods give way to new ones.'),
    revisionHistoryLimit: revisionHistoryLimitAt(8),
    minReadySeconds: minReadySecondsAt(9),
    persistentVolumeClaimRetentionPolicy: optional(
      10,
      statefulSetPersistentVolumeClaimRetentionPolicy,
      'What happens to claims of pods that are no longer wanted. They are kept by default.',
      { default: { whenDeleted: 'Retain', whenScaled: 'Retain' } },
    ),
    ordinals: optional(11, statefulSetOrdinals, 'How the pods are numbered. From 0 when unset.'),
  },
  {
    defaults({ volumeClaimTemplates }) {
      for (const claim of volumeClaimTemplates ?? []) {
        claim.kind = 'PersistentVolumeClaim'
        claim.apiVersion = 'v1'
      }
    },
    validateWhole(spec, at, problems) {
      validateStatefulSetSpec(spec, at, problems)
    },
    validateUpdate(next, previous, at, problems) {
      validateStatefulSetSpecUpdate(next, previous, at, problems)
    },
  },
)
export interface StatefulSetSpec extends Stored<typeof statefulSetSpec> {}

export const statefulSetCondition = struct(
  'apps.v1.StatefulSetCondition',
  'One aspect of the state of a StatefulSet.',
  {
    type: always(1, string, 'Which aspect this is.'),
    ...conditionFields,
  },
)
export interface StatefulSetCondition extends Stored<typeof statefulSetCondition> {}

export const statefulSetStatus = struct(
  'apps.v1.StatefulSetStatus',
  'What a StatefulSet is at the moment.',
  {
    observedGeneration: observedGenerationAt(1),
    replicas: always(2, int32, 'Pods that have been created.'),
    readyReplicas: omitEmpty(3, int32, 'Pods that are ready.'),
    currentReplicas: omitEmpty(4, int32, 'Pods of the revision that is being replaced.'),
    updatedReplicas: omitEmpty(5, int32, 'Pods of the newest revision.'),
    currentRevision: omitEmpty(6, string, 'Revision of the pods that are yet to be replaced.'),
    updateRevision: omitEmpty(7, string, 'The newest revision.'),
    collisionCount: collisionCountAt(9),
    conditions: conditionsAt(10, statefulSetCondition),
    availableReplicas: always(11, int32, 'Pods that have been ready for long enough.', {
      mayOmit: true,
    }),
  },
  {
    validateUpdate(next, previous, at, problems) {
      validateStatefulSetStatus(next, previous, at, problems)
    },
  },
)
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
  scale: replicasScale,
  nameRule: dnsLabelName,
  generation: true,
  doc: 'Keeps numbered pods, each with a name and claims of its own that outlive the pod.',
  fields: {
    spec: omitEmpty(2, statefulSetSpec, 'What the StatefulSet should be.'),
    status: omitEmpty(3, statefulSetStatus, 'What it is, as last observed.'),
  },
  columns: [nameColumn, readyOfWantedColumn, ageColumn, ...templateColumns],
})
export interface StatefulSet extends Stored<typeof StatefulSet> {}
