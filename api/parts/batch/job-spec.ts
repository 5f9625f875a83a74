/** FIXME: one sentence. */

import {
  always,
  boolean,
  enumOf,
  int32,
  int64,
  listOf,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
  wordOf,
} from '../../schema.ts'
import { podTemplateSpec } from '../core/pod-template.ts'
import { labelSelector } from '../meta/label-selector.ts'

export const podFailurePolicyOnExitCodesRequirement = struct(
  'batch.v1.PodFailurePolicyOnExitCodesRequirement',
  '',
  {
    containerName: optional(1, string, ''),
    operator: always(2, enumOf('In', 'NotIn'), ''),
    values: always(3, listOf(int32, { listType: 'set' }), ''),
  },
)
export interface PodFailurePolicyOnExitCodesRequirement
  extends Stored<typeof podFailurePolicyOnExitCodesRequirement> {}

export const podFailurePolicyOnPodConditionsPattern = struct(
  'batch.v1.PodFailurePolicyOnPodConditionsPattern',
  '',
  {
    type: always(
      1,
      wordOf(
        'ContainersReady',
        'Initialized',
        'Ready',
        'PodScheduled',
        'DisruptionTarget',
        'PodReadyToStartContainers',
        'PodResizePending',
        'PodResizeInProgress',
        'AllContainersRestarting',
      ),
      '',
    ),
    status: always(2, wordOf('True', 'False', 'Unknown'), '', { mayOmit: true }),
  },
)
export interface PodFailurePolicyOnPodConditionsPattern
  extends Stored<typeof podFailurePolicyOnPodConditionsPattern> {}

export const podFailurePolicyRule = struct('batch.v1.PodFailurePolicyRule', '', {
  action: always(1, enumOf('FailJob', 'FailIndex', 'Ignore', 'Count'), ''),
  onExitCodes: optional(2, podFailurePolicyOnExitCodesRequirement, ''),
  onPodConditions: omitEmpty(
    3,
    listOf(podFailurePolicyOnPodConditionsPattern, { listType: 'atomic' }),
    '',
  ),
})
export interface PodFailurePolicyRule extends Stored<typeof podFailurePolicyRule> {}

export const podFailurePolicy = struct('batch.v1.PodFailurePolicy', '', {
  rules: always(1, listOf(podFailurePolicyRule, { listType: 'atomic' }), ''),
})
export interface PodFailurePolicy extends Stored<typeof podFailurePolicy> {}

export const successPolicyRule = struct('batch.v1.SuccessPolicyRule', '', {
  succeededIndexes: optional(1, string, ''),
  succeededCount: optional(2, int32, ''),
})
export interface SuccessPolicyRule extends Stored<typeof successPolicyRule> {}

export const successPolicy = struct('batch.v1.SuccessPolicy', '', {
  rules: always(1, listOf(successPolicyRule, { listType: 'atomic' }), ''),
})
export interface SuccessPolicy extends Stored<typeof successPolicy> {}

export const jobSpec = struct('batch.v1.JobSpec', '', {
  parallelism: optional(1, int32, ''),
  completions: optional(2, int32, ''),
  activeDeadlineSeconds: optional(3, int64, ''),
  podFailurePolicy: optional(11, podFailurePolicy, ''),
  successPolicy: optional(16, successPolicy, ''),
  backoffLimit: optional(7, int32, ''),
  backoffLimitPerIndex: optional(12, int32, ''),
  maxFailedIndexes: optional(13, int32, ''),
  selector: optional(4, labelSelector, ''),
  manualSelector: optional(5, boolean, ''),
  template: always(6, podTemplateSpec, ''),
  ttlSecondsAfterFinished: optional(8, int32, ''),
  completionMode: optional(9, enumOf('NonIndexed', 'Indexed'), ''),
  suspend: optional(10, boolean, ''),
  podReplacementPolicy: optional(14, enumOf('TerminatingOrFailed', 'Failed'), ''),
  managedBy: optional(15, string, ''),
})
export interface JobSpec extends Stored<typeof jobSpec> {}
