/** What a Job should do: shared by Jobs and the templates of CronJobs. */
import {
  always,
  boolean,
  int32,
  int64,
  listOf,
  omitEmpty,
  optional,
  publishedEnum,
  type Stored,
  string,
  struct,
  wordOf,
} from '../../schema.ts'
import { podTemplateSpec } from '../core/pod-template.ts'
import { labelSelector } from '../meta/label-selector.ts'

export const podFailurePolicyOnExitCodesRequirement = struct(
  'batch.v1.PodFailurePolicyOnExitCodesRequirement',
  'Which exit codes of a failed container a rule is about.',
  {
    containerName: optional(1, string, 'The container that is looked at. Any of them when unset.'),
    operator: always(
      2,
      publishedEnum('In', 'NotIn'),
      'Whether the exit code must be one of the values (In) or none of them (NotIn).',
    ),
    values: always(
      3,
      listOf(int32, { listType: 'set' }),
      'Exit codes in increasing order, 255 at most. In does not take 0.',
    ),
  },
)
export interface PodFailurePolicyOnExitCodesRequirement
  extends Stored<typeof podFailurePolicyOnExitCodesRequirement> {}

export const podFailurePolicyOnPodConditionsPattern = struct(
  'batch.v1.PodFailurePolicyOnPodConditionsPattern',
  'A condition that a failed pod must have for a rule to apply.',
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
      'Type of the condition, such as DisruptionTarget.',
    ),
    status: always(
      2,
      wordOf('True', 'False', 'Unknown'),
      'Status that the condition must have. Defaults to True.',
      { default: 'True', mayOmit: true },
    ),
  },
)
export interface PodFailurePolicyOnPodConditionsPattern
  extends Stored<typeof podFailurePolicyOnPodConditionsPattern> {}

export const podFailurePolicyRule = struct(
  'batch.v1.PodFailurePolicyRule',
  'What to do about a pod that failed in a certain way: by exit code or by condition.',
  {
    action: always(
      1,
      publishedEnum('FailJob', 'FailIndex', 'Ignore', 'Count'),
      'FailJob ends the Job, FailIndex its index, Ignore starts a new pod free of charge, Count counts.',
    ),
    onExitCodes: optional(
      2,
      podFailurePolicyOnExitCodesRequirement,
      'Applies the rule by the exit codes of containers.',
    ),
    onPodConditions: omitEmpty(
      3,
      listOf(podFailurePolicyOnPodConditionsPattern, { listType: 'atomic' }),
      'Applies the rule when the pod has one of these conditions. 20 at most.',
    ),
  },
)
export interface PodFailurePolicyRule extends Stored<typeof podFailurePolicyRule> {}

export const podFailurePolicy = struct(
  'batch.v1.PodFailurePolicy',
  'What to do about pods that fail. Failures that no rule is about count against backoffLimit.',
  {
    rules: always(
      1,
      listOf(podFailurePolicyRule, { listType: 'atomic' }),
      'Rules in order; the first one that applies decides. 20 at most.',
    ),
  },
)
export interface PodFailurePolicy extends Stored<typeof podFailurePolicy> {}

export const successPolicyRule = struct(
  'batch.v1.SuccessPolicyRule',
  'Which indexes must succeed, how many of them, or both.',
  {
    succeededIndexes: optional(
      1,
      string,
      'The indexes that count, such as 1,3-5,7. All of them when unset.',
    ),
    succeededCount: optional(
      2,
      int32,
      'How many of the indexes must succeed. All of them when unset.',
    ),
  },
)
export interface SuccessPolicyRule extends Stored<typeof successPolicyRule> {}

export const successPolicy = struct(
  'batch.v1.SuccessPolicy',
  'When an Indexed Job has succeeded before all of its indexes have.',
  {
    rules: always(
      1,
      listOf(successPolicyRule, { listType: 'atomic' }),
      'The Job has succeeded as soon as one rule is met. 20 at most.',
    ),
  },
)
export interface SuccessPolicy extends Stored<typeof successPolicy> {}

export const jobSpec = struct('batch.v1.JobSpec', 'What a Job should do.', {
  parallelism: optional(1, int32, 'How many pods may run at once. Defaults to 1.'),
  completions: optional(
    2,
    int32,
    'How many pods must succeed. When unset, one success ends a Job whose pods share a queue.',
  ),
  activeDeadlineSeconds: optional(
    3,
    int64,
    'Seconds after its start when an unfinished Job is stopped and fails. No limit when unset.',
  ),
  podFailurePolicy: optional(
    11,
    podFailurePolicy,
    'What to do about pods that fail. Needs a restartPolicy of Never.',
  ),
  successPolicy: optional(
    16,
    successPolicy,
    'When the Job has succeeded early. Only for completionMode Indexed.',
  ),
  backoffLimit: optional(
    7,
    int32,
    'How many pods may fail before the Job does. Defaults to 6, or to no limit per index.',
  ),
  backoffLimitPerIndex: optional(
    12,
    int32,
    'How many pods of one index may fail before the index does. Only for Indexed; never changes.',
  ),
  maxFailedIndexes: optional(
    13,
    int32,
    'How many indexes may fail before the Job is stopped. No limit when unset.',
  ),
  selector: optional(
    4,
    labelSelector,
    'Selects the pods of the Job. Made by the server unless manualSelector is set.',
  ),
  manualSelector: optional(
    5,
    boolean,
    'Whether the caller brings selector and labels, and cares that no other pods match them.',
  ),
  template: always(
    6,
    podTemplateSpec,
    'What the pods are made from. They restart OnFailure or Never.',
  ),
  ttlSecondsAfterFinished: optional(
    8,
    int32,
    'Seconds after its end when the Job is deleted with its pods. It is kept when unset.',
  ),
  completionMode: optional(
    9,
    publishedEnum('NonIndexed', 'Indexed'),
    'NonIndexed (the default) counts successes, Indexed needs one for each number from 0 on.',
  ),
  suspend: optional(
    10,
    boolean,
    'Whether the Job should have no pods for now. Its start time is reset when it goes on.',
  ),
  podReplacementPolicy: optional(
    14,
    publishedEnum('TerminatingOrFailed', 'Failed'),
    'When a pod is replaced: as soon as it terminates (the default), or only once it has failed.',
  ),
  managedBy: optional(
    15,
    string,
    'Controller that runs the Job, as a path such as example.com/name. The built-in one when unset.',
  ),
})
export interface JobSpec extends Stored<typeof jobSpec> {}
