/** ReplicaSet: a number of equal pods, of one template for good. */
import { defineKind, scaleSubresource, statusSubresource } from '../../kind.ts'
import {
  minReadySecondsAt,
  replicaColumns,
  replicasField,
  replicasScale,
} from '../../parts/apps/replicas.ts'
import { conditionsAt, observedGenerationAt } from '../../parts/apps/rollout.ts'
import { podTemplateSpec } from '../../parts/core/pod-template.ts'
import { conditionFields } from '../../parts/meta/condition-fields.ts'
import { labelSelector } from '../../parts/meta/label-selector.ts'
import { validateReplicaSetSpec, validateReplicaSetStatus } from '../../rules/replica-set.ts'
import { selectorColumn, templateColumns } from '../../rules/template-columns.ts'
import {
  always,
  int32,
  nullable,
  omitEmpty,
  optional,
  type Stored,
  struct,
  wordOf,
} from '../../schema.ts'
import { ageColumn, nameColumn } from '../../table.ts'

export const replicaSetSpec = struct(
  'apps.v1.ReplicaSetSpec',
  'What a ReplicaSet should be.',
  {
    replicas: replicasField,
    minReadySeconds: minReadySecondsAt(4),
    selector: nullable(
      2,
      labelSelector,
      'Selects the pods that belong to the ReplicaSet. Must match the template; never changes.',
      { immutable: true },
    ),
    template: omitEmpty(3, podTemplateSpec, 'What the pods are made from. They restart Always.'),
  },
  {
    validateWhole(spec, at, problems) {
      validateReplicaSetSpec(spec, at, problems)
    },
  },
)
export interface ReplicaSetSpec extends Stored<typeof replicaSetSpec> {}

export const replicaSetCondition = struct(
  'apps.v1.ReplicaSetCondition',
  'One aspect of the state of a ReplicaSet.',
  {
    type: always(1, wordOf('ReplicaFailure'), 'Which aspect this is, such as ReplicaFailure.'),
    ...conditionFields,
  },
)
export interface ReplicaSetCondition extends Stored<typeof replicaSetCondition> {}

export const replicaSetStatus = struct(
  'apps.v1.ReplicaSetStatus',
  'What a ReplicaSet is at the moment.',
  {
    replicas: always(1, int32, 'Pods that are not being deleted.'),
    fullyLabeledReplicas: omitEmpty(2, int32, 'Pods that have all the labels of the template.'),
    readyReplicas: omitEmpty(4, int32, 'Pods that are ready.'),
    availableReplicas: omitEmpty(5, int32, 'Pods that have been ready for long enough.'),
    terminatingReplicas: optional(7, int32, 'Pods that are being deleted but still there.'),
    observedGeneration: observedGenerationAt(3),
    conditions: conditionsAt(6, replicaSetCondition),
  },
  {
    validateUpdate(next, _previous, at, problems) {
      validateReplicaSetStatus(next, at, problems)
    },
  },
)
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
  scale: replicasScale,
  generation: true,
  selectable: { 'status.replicas': ({ status }) => String(status.replicas) },
  doc: 'Keeps a number of equal pods running. Mostly made by a Deployment, one for each template.',
  fields: {
    spec: omitEmpty(2, replicaSetSpec, 'What the ReplicaSet should be.'),
    status: omitEmpty(3, replicaSetStatus, 'What it is, as last observed.'),
  },
  columns: [nameColumn, ...replicaColumns, ageColumn, ...templateColumns, selectorColumn],
})
export interface ReplicaSet extends Stored<typeof ReplicaSet> {}
