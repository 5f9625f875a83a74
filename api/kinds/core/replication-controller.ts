/** ReplicationController: the forerunner of ReplicaSets, with selectors of plain labels. */
import { defineKind, scaleSubresource, statusSubresource } from '../../kind.ts'
import { formatLabels } from '../../label-selector.ts'
import { replicaColumns, replicasField, replicasScale } from '../../parts/apps/replicas.ts'
import { conditionsAt, observedGenerationAt } from '../../parts/apps/rollout.ts'
import { podTemplateSpec } from '../../parts/core/pod-template.ts'
import { conditionFields } from '../../parts/meta/condition-fields.ts'
import {
  defaultFromTemplate,
  validateReplicationControllerSpec,
  validateReplicationControllerStatus,
  warningsForReplicationController,
} from '../../rules/replication-controller.ts'
import { containerColumns } from '../../rules/template-columns.ts'
import {
  always,
  int32,
  mapOf,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
  wordOf,
} from '../../schema.ts'
import { ageColumn, column, nameColumn } from '../../table.ts'

export const replicationControllerSpec = struct(
  'core.v1.ReplicationControllerSpec',
  'What a ReplicationController should be.',
  {
    replicas: replicasField,
    minReadySeconds: omitEmpty(
      4,
      int32,
      'Seconds for which a new pod must be ready before it counts as available.',
      { publishedDefault: 0 },
    ),
    selector: omitEmpty(
      2,
      mapOf(string),
      'Labels of the pods that belong to it. Defaults to the labels of the template.',
      { atomic: true },
    ),
    template: optional(3, podTemplateSpec, 'What the pods are made from. They restart Always.'),
  },
  {
    validateWhole(spec, at, problems): void {
      validateReplicationControllerSpec(spec, at, problems)
    },
  },
)
export interface ReplicationControllerSpec extends Stored<typeof replicationControllerSpec> {}

export const replicationControllerCondition = struct(
  'core.v1.ReplicationControllerCondition',
  'One aspect of the state of a ReplicationController.',
  {
    type: always(1, wordOf('ReplicaFailure'), 'Which aspect this is, such as ReplicaFailure.'),
    ...conditionFields,
  },
)
export interface ReplicationControllerCondition
  extends Stored<typeof replicationControllerCondition> {}

export const replicationControllerStatus = struct(
  'core.v1.ReplicationControllerStatus',
  'What a ReplicationController is at the moment.',
  {
    replicas: always(1, int32, 'Pods that there are.'),
    fullyLabeledReplicas: omitEmpty(2, int32, 'Pods that have all the labels of the template.'),
    readyReplicas: omitEmpty(4, int32, 'Pods that are ready.'),
    availableReplicas: omitEmpty(5, int32, 'Pods that have been ready for long enough.'),
    observedGeneration: observedGenerationAt(3),
    conditions: conditionsAt(6, replicationControllerCondition),
  },
  {
    validateUpdate(next, _previous, at, problems): void {
      validateReplicationControllerStatus(next, at, problems)
    },
  },
)
export interface ReplicationControllerStatus extends Stored<typeof replicationControllerStatus> {}

interface Templated {
  readonly spec: ReplicationControllerSpec
}

export const ReplicationController = defineKind({
  group: '',
  version: 'v1',
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
  shortNames: ['rc'],
  categories: ['all'],
  scope: 'Namespaced',
  subresources: { ...scaleSubresource, ...statusSubresource },
  scale: replicasScale,
  generation: true,
  deletion: { orphansByDefault: true },
  selectable: { 'status.replicas': ({ status }) => `${status.replicas}` },
  doc: 'Keeps a number of equal pods running; ReplicaSets and Deployments do it better.',
  fields: {
    spec: omitEmpty(2, replicationControllerSpec, 'What the ReplicationController should be.'),
    status: omitEmpty(3, replicationControllerStatus, 'What it is, as last observed.'),
  },
  defaults(controller): void {
    defaultFromTemplate(controller)
  },
  columns: [
    nameColumn,
    ...replicaColumns,
    ageColumn,
    ...containerColumns(({ spec }: Templated) => spec.template),
    column(
      'Selector',
      'string',
      'Labels of the pods that belong to it.',
      ({ spec }) => formatLabels(spec.selector) || '<none>',
      { priority: 1 },
    ),
  ],
  warnings: warningsForReplicationController,
})
export interface ReplicationController extends Stored<typeof ReplicationController> {}
