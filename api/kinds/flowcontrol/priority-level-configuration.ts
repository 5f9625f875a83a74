/** FIXME: one sentence. */
import { defineKind, statusSubresource } from '../../kind.ts'
import {
  always,
  int32,
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

export const queuingConfiguration = struct('flowcontrol.v1.QueuingConfiguration', '', {
  queues: always(1, int32, '', { mayOmit: true }),
  handSize: always(2, int32, '', { mayOmit: true }),
  queueLengthLimit: always(3, int32, '', { mayOmit: true }),
})
export interface QueuingConfiguration extends Stored<typeof queuingConfiguration> {}

export const limitResponse = struct('flowcontrol.v1.LimitResponse', '', {
  type: always(1, wordOf('Queue', 'Reject'), ''),
  queuing: optional(2, queuingConfiguration, ''),
})
export interface LimitResponse extends Stored<typeof limitResponse> {}

export const limitedPriorityLevelConfiguration = struct(
  'flowcontrol.v1.LimitedPriorityLevelConfiguration',
  '',
  {
    nominalConcurrencyShares: nullable(1, int32, '', { mayOmit: true }),
    limitResponse: omitEmpty(2, limitResponse, ''),
    lendablePercent: optional(3, int32, ''),
    borrowingLimitPercent: optional(4, int32, ''),
  },
)
export interface LimitedPriorityLevelConfiguration
  extends Stored<typeof limitedPriorityLevelConfiguration> {}

export const exemptPriorityLevelConfiguration = struct(
  'flowcontrol.v1.ExemptPriorityLevelConfiguration',
  '',
  {
    nominalConcurrencyShares: optional(1, int32, ''),
    lendablePercent: optional(2, int32, ''),
  },
)
export interface ExemptPriorityLevelConfiguration
  extends Stored<typeof exemptPriorityLevelConfiguration> {}

export const priorityLevelConfigurationSpec = struct(
  'flowcontrol.v1.PriorityLevelConfigurationSpec',
  '',
  {
    type: always(1, wordOf('Exempt', 'Limited'), ''),
    limited: optional(2, limitedPriorityLevelConfiguration, ''),
    exempt: optional(3, exemptPriorityLevelConfiguration, ''),
  },
)
export interface PriorityLevelConfigurationSpec
  extends Stored<typeof priorityLevelConfigurationSpec> {}

export const priorityLevelConfigurationCondition = struct(
  'flowcontrol.v1.PriorityLevelConfigurationCondition',
  '',
  {
    type: omitEmpty(1, string, ''),
    status: omitEmpty(2, wordOf('True', 'False', 'Unknown'), ''),
    lastTransitionTime: omitEmpty(3, time, ''),
    reason: omitEmpty(4, string, ''),
    message: omitEmpty(5, string, ''),
  },
)
export interface PriorityLevelConfigurationCondition
  extends Stored<typeof priorityLevelConfigurationCondition> {}

export const priorityLevelConfigurationStatus = struct(
  'flowcontrol.v1.PriorityLevelConfigurationStatus',
  '',
  {
    conditions: omitEmpty(
      1,
      listOf(priorityLevelConfigurationCondition, {
        keys: ['type'],
        mergeKey: 'type',
        patch: 'merge',
      }),
      '',
    ),
  },
)
export interface PriorityLevelConfigurationStatus
  extends Stored<typeof priorityLevelConfigurationStatus> {}

export const PriorityLevelConfiguration = defineKind({
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'PriorityLevelConfiguration',
  plural: 'prioritylevelconfigurations',
  scope: 'Cluster',
  subresources: { ...statusSubresource },
  doc: '',
  fields: {
    spec: omitEmpty(2, priorityLevelConfigurationSpec, ''),
    status: omitEmpty(3, priorityLevelConfigurationStatus, ''),
  },
  // columns: Name, Type, NominalConcurrencyShares, Queues, HandSize, QueueLengthLimit, Age
})
export interface PriorityLevelConfiguration extends Stored<typeof PriorityLevelConfiguration> {}
