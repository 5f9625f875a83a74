/** FIXME: one sentence. */
import { defineKind, scaleSubresource, statusSubresource } from '../../kind.ts'
import { podTemplateSpec } from '../../parts/core/pod-template.ts'
import { labelSelector } from '../../parts/meta/label-selector.ts'
import {
  always,
  boolean,
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

export const rollingUpdateDeployment = struct('apps.v1.RollingUpdateDeployment', '', {
  maxUnavailable: optional(1, intOrString, ''),
  maxSurge: optional(2, intOrString, ''),
})
export interface RollingUpdateDeployment extends Stored<typeof rollingUpdateDeployment> {}

export const deploymentStrategy = struct('apps.v1.DeploymentStrategy', '', {
  type: omitEmpty(1, enumOf('Recreate', 'RollingUpdate'), ''),
  rollingUpdate: optional(2, rollingUpdateDeployment, ''),
})
export interface DeploymentStrategy extends Stored<typeof deploymentStrategy> {}

export const deploymentSpec = struct('apps.v1.DeploymentSpec', '', {
  replicas: optional(1, int32, ''),
  selector: nullable(2, labelSelector, ''),
  template: always(3, podTemplateSpec, ''),
  strategy: omitEmpty(4, deploymentStrategy, '', { patch: 'retainKeys' }),
  minReadySeconds: omitEmpty(5, int32, ''),
  revisionHistoryLimit: optional(6, int32, ''),
  paused: omitEmpty(7, boolean, ''),
  progressDeadlineSeconds: optional(9, int32, ''),
})
export interface DeploymentSpec extends Stored<typeof deploymentSpec> {}

export const deploymentCondition = struct('apps.v1.DeploymentCondition', '', {
  type: always(1, wordOf('Available', 'Progressing', 'ReplicaFailure'), ''),
  status: always(2, wordOf('True', 'False', 'Unknown'), ''),
  lastUpdateTime: omitEmpty(6, time, ''),
  lastTransitionTime: omitEmpty(7, time, ''),
  reason: omitEmpty(4, string, ''),
  message: omitEmpty(5, string, ''),
})
export interface DeploymentCondition extends Stored<typeof deploymentCondition> {}

export const deploymentStatus = struct('apps.v1.DeploymentStatus', '', {
  observedGeneration: omitEmpty(1, int64, ''),
  replicas: omitEmpty(2, int32, ''),
  updatedReplicas: omitEmpty(3, int32, ''),
  readyReplicas: omitEmpty(7, int32, ''),
  availableReplicas: omitEmpty(4, int32, ''),
  unavailableReplicas: omitEmpty(5, int32, ''),
  terminatingReplicas: optional(9, int32, ''),
  conditions: omitEmpty(
    6,
    listOf(deploymentCondition, { keys: ['type'], mergeKey: 'type', patch: 'merge' }),
    '',
  ),
  collisionCount: optional(8, int32, ''),
})
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
  doc: '',
  fields: {
    spec: omitEmpty(2, deploymentSpec, ''),
    status: omitEmpty(3, deploymentStatus, ''),
  },
  // columns: Name, Ready, Up-to-date, Available, Age, Containers*, Images*, Selector*
})
export interface Deployment extends Stored<typeof Deployment> {}
