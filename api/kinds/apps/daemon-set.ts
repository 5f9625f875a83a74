/** DaemonSet: one pod on every node that suits it. */
import { defineKind, statusSubresource } from '../../kind.ts'
import { formatLabels } from '../../label-selector.ts'
import { minReadySecondsAt } from '../../parts/apps/replicas.ts'
import {
  collisionCountAt,
  conditionsAt,
  defaultLimits,
  observedGenerationAt,
  revisionHistoryLimitAt,
} from '../../parts/apps/rollout.ts'
import { podTemplateSpec } from '../../parts/core/pod-template.ts'
import { conditionFields } from '../../parts/meta/condition-fields.ts'
import { labelSelector } from '../../parts/meta/label-selector.ts'
import {
  announceTemplateGeneration,
  carryTemplateGeneration,
  startTemplateGeneration,
  validateDaemonSetSpec,
  validateDaemonSetStatus,
} from '../../rules/daemon-set.ts'
import { selectorColumn, templateColumns } from '../../rules/template-columns.ts'
import {
  always,
  int32,
  intOrString,
  nullable,
  omitEmpty,
  optional,
  publishedEnum,
  type Stored,
  string,
  struct,
} from '../../schema.ts'
import { ageColumn, column, nameColumn } from '../../table.ts'

export const rollingUpdateDaemonSet = struct(
  'apps.v1.RollingUpdateDaemonSet',
  'How many nodes may lack a pod, or have two, during a rolling update. One of both is zero.',
  {
    maxUnavailable: optional(
      1,
      intOrString,
      'Nodes whose pod may be missing, as a number or percentage, rounded up. Defaults to 1.',
      { default: 1 },
    ),
    maxSurge: optional(
      2,
      intOrString,
      'Nodes that may have an old and a new pod at once, as a number or percentage. Defaults to 0.',
      { default: 0 },
    ),
  },
)
export interface RollingUpdateDaemonSet extends Stored<typeof rollingUpdateDaemonSet> {}

export const daemonSetUpdateStrategy = struct(
  'apps.v1.DaemonSetUpdateStrategy',
  'How pods of an old template give way to those of a new one.',
  {
    type: omitEmpty(
      1,
      publishedEnum('RollingUpdate', 'OnDelete'),
      'RollingUpdate (the default) replaces some at a time, OnDelete only pods that are deleted.',
      { default: 'RollingUpdate' },
    ),
    rollingUpdate: optional(2, rollingUpdateDaemonSet, 'Limits of a RollingUpdate.'),
  },
  {
    defaults: defaultLimits,
  },
)
export interface DaemonSetUpdateStrategy extends Stored<typeof daemonSetUpdateStrategy> {}

export const daemonSetSpec = struct(
  'apps.v1.DaemonSetSpec',
  'What a DaemonSet should be.',
  {
    selector: nullable(
      1,
      labelSelector,
      'Selects the pods that belong to the DaemonSet. Must match the template; never changes.',
      { immutable: true },
    ),
    template: always(
      2,
      podTemplateSpec,
      'What the pods are made from. Its node selector says which nodes get one.',
    ),
    updateStrategy: omitEmpty(3, daemonSetUpdateStrategy, 'How old pods give way to new ones.'),
    minReadySeconds: minReadySecondsAt(4),
    revisionHistoryLimit: revisionHistoryLimitAt(6),
  },
  {
    validateWhole(spec, at, problems) {
      validateDaemonSetSpec(spec, at, problems)
    },
  },
)
export interface DaemonSetSpec extends Stored<typeof daemonSetSpec> {}

export const daemonSetCondition = struct(
  'apps.v1.DaemonSetCondition',
  'One aspect of the state of a DaemonSet.',
  {
    type: always(1, string, 'Which aspect this is.'),
    ...conditionFields,
  },
)
export interface DaemonSetCondition extends Stored<typeof daemonSetCondition> {}

export const daemonSetStatus = struct(
  'apps.v1.DaemonSetStatus',
  'What a DaemonSet is at the moment. All numbers but the generation count nodes.',
  {
    currentNumberScheduled: always(1, int32, 'Nodes that should have a pod and have one.'),
    numberMisscheduled: always(2, int32, 'Nodes that have a pod and should not.'),
    desiredNumberScheduled: always(3, int32, 'Nodes that should have a pod.'),
    numberReady: always(4, int32, 'Nodes that should have a pod and have one that is ready.'),
    observedGeneration: observedGenerationAt(5),
    updatedNumberScheduled: omitEmpty(6, int32, 'Nodes that have a pod of the current template.'),
    numberAvailable: omitEmpty(7, int32, 'Nodes whose pod has been ready for long enough.'),
    numberUnavailable: omitEmpty(8, int32, 'Nodes that should have an available pod but do not.'),
    collisionCount: collisionCountAt(9),
    conditions: conditionsAt(10, daemonSetCondition),
  },
  {
    validateUpdate(next, previous, at, problems) {
      validateDaemonSetStatus(next, previous, at, problems)
    },
  },
)
export interface DaemonSetStatus extends Stored<typeof daemonSetStatus> {}

export const DaemonSet = defineKind({
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  plural: 'daemonsets',
  shortNames: ['ds'],
  categories: ['all'],
  scope: 'Namespaced',
  subresources: { ...statusSubresource },
  generation: true,
  doc: 'Keeps one pod on every node that suits it, as agents for logs or networks need.',
  fields: {
    spec: omitEmpty(2, daemonSetSpec, 'What the DaemonSet should be.'),
    status: omitEmpty(3, daemonSetStatus, 'What it is, as last observed.'),
  },
  defaults: ({ metadata }) => announceTemplateGeneration(metadata),
  prepareCreate: (daemonSet) => startTemplateGeneration(daemonSet),
  prepareUpdate: (next, previous) => carryTemplateGeneration(next, previous),
  columns: [
    nameColumn,
    column(
      'Desired',
      'integer',
      'Nodes that should have a pod.',
      ({ status }) => status.desiredNumberScheduled,
    ),
    column(
      'Current',
      'integer',
      'Nodes that should have a pod and have one.',
      ({ status }) => status.currentNumberScheduled,
    ),
    column('Ready', 'integer', 'Nodes whose pod is ready.', ({ status }) => status.numberReady),
    column(
      'Up-to-date',
      'integer',
      'Nodes that have a pod of the current template.',
      ({ status }) => status.updatedNumberScheduled ?? 0,
    ),
    column(
      'Available',
      'integer',
      'Nodes whose pod has been ready for long enough.',
      ({ status }) => status.numberAvailable ?? 0,
    ),
    column(
      'Node Selector',
      'string',
      'Labels of the nodes that get a pod.',
      ({ spec }) => formatLabels(spec.template.spec.nodeSelector) || '<none>',
    ),
    ageColumn,
    ...templateColumns,
    selectorColumn,
  ],
})
export interface DaemonSet extends Stored<typeof DaemonSet> {}
