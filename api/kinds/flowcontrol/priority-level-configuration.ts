/** PriorityLevelConfiguration: how much of the API server a class of requests may use. */
import { defineKind, statusSubresource } from '../../kind.ts'
import { conditionFields, truth } from '../../parts/meta/condition-fields.ts'
import { validateFlowConditions } from '../../rules/flow-schema.ts'
import { validatePriorityLevelSpec } from '../../rules/priority-level.ts'
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
  wordOf,
} from '../../schema.ts'
import { ageColumn, column, nameColumn } from '../../table.ts'

export const queuingConfiguration = struct(
  'flowcontrol.v1.QueuingConfiguration',
  'How requests wait for their turn.',
  {
    queues: always(1, int32, 'How many queues there are. Defaults to 64.', { mayOmit: true }),
    handSize: always(
      2,
      int32,
      'How many queues a flow is dealt, the shortest of which it uses. Defaults to 8.',
      { mayOmit: true },
    ),
    queueLengthLimit: always(
      3,
      int32,
      'How many requests a queue holds; more are rejected. Defaults to 50.',
      { mayOmit: true },
    ),
  },
  {
    defaults(queuing) {
      queuing.queues ||= 64
      queuing.handSize ||= 8
      queuing.queueLengthLimit ||= 50
    },
  },
)
export interface QueuingConfiguration extends Stored<typeof queuingConfiguration> {}

export const limitResponse = struct(
  'flowcontrol.v1.LimitResponse',
  'What happens to requests that cannot run at once.',
  {
    type: always(1, wordOf('Queue', 'Reject'), 'Queue lets them wait, Reject turns them away.'),
    queuing: optional(2, queuingConfiguration, 'The queues, when type is Queue.'),
  },
  { union: { discriminator: 'type' } },
)
export interface LimitResponse extends Stored<typeof limitResponse> {}

export const limitedPriorityLevelConfiguration = struct(
  'flowcontrol.v1.LimitedPriorityLevelConfiguration',
  'A share of the API server, and what happens beyond it.',
  {
    nominalConcurrencyShares: nullable(
      1,
      int32,
      'Its share of all requests that run at once, in proportion. Defaults to 30.',
      { mayOmit: true, default: 30 },
    ),
    limitResponse: omitEmpty(2, limitResponse, 'What happens to requests that cannot run at once.'),
    lendablePercent: optional(
      3,
      int32,
      'How much of its share others may borrow, in percent. Defaults to 0.',
      { default: 0 },
    ),
    borrowingLimitPercent: optional(
      4,
      int32,
      'How much it may borrow, in percent of its share. Unset means no limit.',
    ),
  },
)
export interface LimitedPriorityLevelConfiguration
  extends Stored<typeof limitedPriorityLevelConfiguration> {}

export const exemptPriorityLevelConfiguration = struct(
  'flowcontrol.v1.ExemptPriorityLevelConfiguration',
  'A share that others may borrow, for requests that never wait.',
  {
    nominalConcurrencyShares: optional(
      1,
      int32,
      'Its share of all requests that run at once, in proportion. Defaults to 0.',
      { default: 0 },
    ),
    lendablePercent: optional(
      2,
      int32,
      'How much of its share others may borrow, in percent. Defaults to 0.',
      { default: 0 },
    ),
  },
)
export interface ExemptPriorityLevelConfiguration
  extends Stored<typeof exemptPriorityLevelConfiguration> {}

export const priorityLevelConfigurationSpec = struct(
  'flowcontrol.v1.PriorityLevelConfigurationSpec',
  'How a priority level treats its requests.',
  {
    type: always(
      1,
      wordOf('Exempt', 'Limited'),
      'Limited, or Exempt for requests that never wait.',
    ),
    limited: optional(2, limitedPriorityLevelConfiguration, 'The limits, when type is Limited.'),
    exempt: optional(3, exemptPriorityLevelConfiguration, 'What it lends, when type is Exempt.'),
  },
  { union: { discriminator: 'type' } },
)
export interface PriorityLevelConfigurationSpec
  extends Stored<typeof priorityLevelConfigurationSpec> {}

export const priorityLevelConfigurationCondition = struct(
  'flowcontrol.v1.PriorityLevelConfigurationCondition',
  'One aspect of the state of a priority level.',
  {
    type: omitEmpty(1, string, 'Which aspect this is.'),
    ...conditionFields,
    status: omitEmpty(2, truth, 'Whether it holds: True, False or Unknown.'),
  },
)
export interface PriorityLevelConfigurationCondition
  extends Stored<typeof priorityLevelConfigurationCondition> {}

export const priorityLevelConfigurationStatus = struct(
  'flowcontrol.v1.PriorityLevelConfigurationStatus',
  'What was found about a priority level.',
  {
    conditions: omitEmpty(
      1,
      listOf(priorityLevelConfigurationCondition, {
        keys: ['type'],
        mergeKey: 'type',
        patch: 'merge',
      }),
      'The aspects, one of each type.',
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
  generation: true,
  doc: 'How much of the API server a class of requests may use, and what happens beyond it.',
  fields: {
    spec: omitEmpty(
      2,
      priorityLevelConfigurationSpec,
      'How the priority level treats its requests.',
    ),
    status: omitEmpty(
      3,
      priorityLevelConfigurationStatus,
      'What was found about it. Filled in by the server.',
    ),
  },
  validateWhole({ metadata, spec, status }, at, problems) {
    validatePriorityLevelSpec(metadata.name, spec, at.child('spec'), problems)
    validateFlowConditions(status, at.child('status'), problems)
  },
  columns: [
    nameColumn,
    column('Type', 'string', 'Limited or Exempt.', ({ spec }) => spec.type),
    column(
      'NominalConcurrencyShares',
      'string',
      'Its share of requests that run at once.',
      ({ spec }) => spec.limited?.nominalConcurrencyShares ?? NONE,
    ),
    column(
      'Queues',
      'string',
      'How many queues there are.',
      ({ spec }) => queuingOf(spec)?.queues ?? NONE,
    ),
    column(
      'HandSize',
      'string',
      'How many queues a flow is dealt.',
      ({ spec }) => queuingOf(spec)?.handSize ?? NONE,
    ),
    column(
      'QueueLengthLimit',
      'string',
      'How many requests a queue holds.',
      ({ spec }) => queuingOf(spec)?.queueLengthLimit ?? NONE,
    ),
    ageColumn,
  ],
})
export interface PriorityLevelConfiguration extends Stored<typeof PriorityLevelConfiguration> {}

const NONE = '<none>'

function queuingOf({ limited }: PriorityLevelConfigurationSpec): QueuingConfiguration | undefined {
  return limited?.limitResponse.queuing
}
