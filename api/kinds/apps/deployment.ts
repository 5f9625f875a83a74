/** Deployment: pods of the newest template, replaced step by step when the template changes. */
import { defineKind, scaleSubresource, statusSubresource } from '../../kind.ts'
import {
  minReadySecondsAt,
  readyOfWantedColumn,
  replicasField,
  replicasScale,
} from '../../parts/apps/replicas.ts'
import {
  collisionCountAt,
  conditionsAt,
  defaultLimits,
  observedGenerationAt,
  revisionHistoryLimitAt,
} from '../../parts/apps/rollout.ts'
import { podTemplateSpec } from '../../parts/core/pod-template.ts'
import { labelSelector } from '../../parts/meta/label-selector.ts'
import { validateDeploymentSpec, validateDeploymentStatus } from '../../rules/deployment.ts'
import { selectorColumn, templateColumns } from '../../rules/template-columns.ts'
import {
  always,
  boolean,
  int32,
  intOrString,
  nullable,
  omitEmpty,
  optional,
  publishedEnum,
  type Stored,
  string,
  struct,
  time,
  wordOf,
} from '../../schema.ts'
import { ageColumn, column, nameColumn } from '../../table.ts'

export const rollingUpdateDeployment = struct(
  'apps.v1.RollingUpdateDeployment',
  'How far the number of pods may differ from the wanted one during a rolling update.',
  {
    maxUnavailable: optional(
      1,
      intOrString,
      'Pods that may be missing, as a number or percentage, rounded down. Defaults to 25%.',
      { default: '25%' },
    ),
    maxSurge: optional(
      2,
      intOrString,
      'Pods that there may be too many, as a number or percentage, rounded up. Defaults to 25%.',
      { default: '25%' },
    ),
  },
)
export interface RollingUpdateDeployment extends Stored<typeof rollingUpdateDeployment> {}

export const deploymentStrategy = struct(
  'apps.v1.DeploymentStrategy',
  'How pods of an old template give way to those of a new one.',
  {
    type: omitEmpty(
      1,
      publishedEnum('Recreate', 'RollingUpdate'),
      'RollingUpdate (the default) replaces some at a time, Recreate stops all old ones first.',
      { default: 'RollingUpdate' },
    ),
    rollingUpdate: optional(2, rollingUpdateDeployment, 'Limits of a RollingUpdate.'),
  },
  {
    defaults: defaultLimits,
  },
)
export interface DeploymentStrategy extends Stored<typeof deploymentStrategy> {}

export const deploymentSpec = struct(
  'apps.v1.DeploymentSpec',
  'What a Deployment should be.',
  {
    replicas: replicasField,
    selector: nullable(
      2,
      labelSelector,
      'Selects the pods that belong to the Deployment. Must match the template; never changes.',
      { immutable: true },
    ),
    template: always(3, podTemplateSpec, 'What the pods are made from. They restart Always.'),
    strategy: omitEmpty(4, deploymentStrategy, 'How old pods give way to new ones.', {
      patch: 'retainKeys',
    }),
    minReadySeconds: minReadySecondsAt(5),
    revisionHistoryLimit: revisionHistoryLimitAt(6, 'ReplicaSets'),
    paused: omitEmpty(7, boolean, 'Whether changes of the template wait before they roll out.'),
    progressDeadlineSeconds: optional(
      9,
      int32,
      'Seconds without progress after which a rollout is reported as failed. Defaults to 600.',
      { default: 600 },
    ),
  },
  {
    validateWhole(spec, at, problems) {
      validateDeploymentSpec(spec, at, problems)
    },
  },
)
export interface DeploymentSpec extends Stored<typeof deploymentSpec> {}

export const deploymentCondition = struct(
  'apps.v1.DeploymentCondition',
  'One aspect of the state of a Deployment.',
  {
    type: always(
      1,
      wordOf('Available', 'Progressing', 'ReplicaFailure'),
      'Which aspect this is: Available, Progressing or ReplicaFailure.',
    ),
    status: always(2, wordOf('True', 'False', 'Unknown'), 'Whether it holds.'),
    lastUpdateTime: omitEmpty(6, time, 'When anything about the condition last changed.'),
    lastTransitionTime: omitEmpty(7, time, 'When the status last changed.'),
    reason: omitEmpty(4, string, 'Why the status is what it is, as one CamelCase word.'),
    message: omitEmpty(5, string, 'Why the status is what it is, for people.'),
  },
)
export interface DeploymentCondition extends Stored<typeof deploymentCondition> {}

export const deploymentStatus = struct(
  'apps.v1.DeploymentStatus',
  'What a Deployment is at the moment.',
  {
    observedGeneration: observedGenerationAt(1),
    replicas: omitEmpty(2, int32, 'Pods that are not being deleted, of any template.'),
    updatedReplicas: omitEmpty(3, int32, 'Pods of the current template.'),
    readyReplicas: omitEmpty(7, int32, 'Pods that are ready.'),
    availableReplicas: omitEmpty(4, int32, 'Pods that have been ready for long enough.'),
    unavailableReplicas: omitEmpty(5, int32, 'Pods that are still missing or not yet available.'),
    terminatingReplicas: optional(9, int32, 'Pods that are being deleted but still there.'),
    conditions: conditionsAt(6, deploymentCondition),
    collisionCount: collisionCountAt(8, 'ReplicaSet'),
  },
  {
    validateUpdate(next, previous, at, problems) {
      validateDeploymentStatus(next, previous, at, problems)
    },
  },
)
export interface DeploymentStatus extends Stored<typeof deploymentStatus> {}

export const Deployment = defineKind({
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  shortNames: ['deploy'],
  categories: ['all'],
  scope: 'Namespaced',
  subresources: { ...scaleSubresource, ...statusSubresource },
  scale: replicasScale,
  generation: 'annotations',
  doc: 'Keeps a number of equal pods running and replaces them step by step when they change.',
  fields: {
    spec: omitEmpty(2, deploymentSpec, 'What the Deployment should be.'),
    status: omitEmpty(3, deploymentStatus, 'What it is, as last observed.'),
  },
  columns: [
    nameColumn,
    readyOfWantedColumn,
    column(
      'Up-to-date',
      'string',
      'Pods of the current template.',
      ({ status }) => status.updatedReplicas ?? 0,
    ),
    column(
      'Available',
      'string',
      'Pods that have been ready for long enough.',
      ({ status }) => status.availableReplicas ?? 0,
    ),
    ageColumn,
    ...templateColumns,
    selectorColumn,
  ],
})
export interface Deployment extends Stored<typeof Deployment> {}
