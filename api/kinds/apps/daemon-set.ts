/** FIXME: one sentence. */
import { defineKind, statusSubresource } from '../../kind.ts'
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

export const rollingUpdateDaemonSet = struct('apps.v1.RollingUpdateDaemonSet', '', {
  maxUnavailable: optional(1, intOrString, ''),
  maxSurge: optional(2, intOrString, ''),
})
export interface RollingUpdateDaemonSet extends Stored<typeof rollingUpdateDaemonSet> {}

export const daemonSetUpdateStrategy = struct('apps.v1.DaemonSetUpdateStrategy', '', {
  type: omitEmpty(1, enumOf('RollingUpdate', 'OnDelete'), ''),
  rollingUpdate: optional(2, rollingUpdateDaemonSet, ''),
})
export interface DaemonSetUpdateStrategy extends Stored<typeof daemonSetUpdateStrategy> {}

export const daemonSetSpec = struct('apps.v1.DaemonSetSpec', '', {
  selector: nullable(1, labelSelector, ''),
  template: always(2, podTemplateSpec, ''),
  updateStrategy: omitEmpty(3, daemonSetUpdateStrategy, ''),
  minReadySeconds: omitEmpty(4, int32, ''),
  revisionHistoryLimit: optional(6, int32, ''),
})
export interface DaemonSetSpec extends Stored<typeof daemonSetSpec> {}

export const daemonSetCondition = struct('apps.v1.DaemonSetCondition', '', {
  type: always(1, string, ''),
  status: always(2, wordOf('True', 'False', 'Unknown'), ''),
  lastTransitionTime: omitEmpty(3, time, ''),
  reason: omitEmpty(4, string, ''),
  message: omitEmpty(5, string, ''),
})
export interface DaemonSetCondition extends Stored<typeof daemonSetCondition> {}

export const daemonSetStatus = struct('apps.v1.DaemonSetStatus', '', {
  currentNumberScheduled: always(1, int32, ''),
  numberMisscheduled: always(2, int32, ''),
  desiredNumberScheduled: always(3, int32, ''),
  numberReady: always(4, int32, ''),
  observedGeneration: omitEmpty(5, int64, ''),
  updatedNumberScheduled: omitEmpty(6, int32, ''),
  numberAvailable: omitEmpty(7, int32, ''),
  numberUnavailable: omitEmpty(8, int32, ''),
  collisionCount: optional(9, int32, ''),
  conditions: omitEmpty(
    10,
    listOf(daemonSetCondition, { keys: ['type'], mergeKey: 'type', patch: 'merge' }),
    '',
  ),
})
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
  doc: '',
  fields: {
    spec: omitEmpty(2, daemonSetSpec, ''),
    status: omitEmpty(3, daemonSetStatus, ''),
  },
  // columns: Name, Desired, Current, Ready, Up-to-date, Available, Node Selector, Age, Containers*, Images*, Selector*
})
export interface DaemonSet extends Stored<typeof DaemonSet> {}
