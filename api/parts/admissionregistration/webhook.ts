/** What webhooks that change objects and those that only judge them have in common. */
import {
  always,
  enumOf,
  int32,
  listOf,
  nullable,
  omitEmpty,
  optional,
  type Stored,
  string,
} from '../../schema.ts'
import { column } from '../../table.ts'
import { labelSelector } from '../meta/label-selector.ts'
import { webhookClientOf } from '../webhook-client.ts'
import { matchCondition, ruleWithOperations } from './matching.ts'

export const webhookClientConfig = webhookClientOf('admissionregistration.v1')
export interface WebhookClientConfig extends Stored<typeof webhookClientConfig> {}

/** The fields that both have, apart from those at the end, which follow one that only one has. */
export function webhookFields(tags: { readonly objectSelector: number }) {
  return {
    name: always(1, string, 'Name of the webhook, with at least three parts like a domain.'),
    clientConfig: always(2, webhookClientConfig, 'How to reach the webhook.'),
    rules: omitEmpty(
      3,
      listOf(ruleWithOperations, { listType: 'atomic' }),
      'Which requests it is asked about; one rule that matches is enough.',
    ),
    failurePolicy: optional(
      4,
      enumOf('Ignore', 'Fail'),
      'Whether a request fails or goes on when the webhook does. Defaults to Fail.',
      { default: 'Fail' },
    ),
    matchPolicy: optional(
      9,
      enumOf('Exact', 'Equivalent'),
      'Whether rules also match other versions of a resource. Defaults to Equivalent.',
      { default: 'Equivalent' },
    ),
    namespaceSelector: optional(
      5,
      labelSelector,
      'Only requests in namespaces with these labels. Defaults to all.',
      { default: {} },
    ),
    objectSelector: optional(
      tags.objectSelector,
      labelSelector,
      'Only objects with these labels, before or after the change. Defaults to all.',
      { default: {} },
    ),
    sideEffects: nullable(
      6,
      enumOf('Unknown', 'None', 'Some', 'NoneOnDryRun'),
      'Whether asking changes anything elsewhere: None, or NoneOnDryRun.',
    ),
    timeoutSeconds: optional(7, int32, 'Seconds to wait for an answer, 1 to 30. Defaults to 10.', {
      default: 10,
    }),
    admissionReviewVersions: always(
      8,
      listOf(string, { listType: 'atomic' }),
      'Versions of AdmissionReview that it understands, the preferred one first.',
    ),
  }
}

export const matchConditionsAt = (tag: number) =>
  omitEmpty(
    tag,
    listOf(matchCondition, { keys: ['name'], mergeKey: 'name', patch: 'merge' }),
    'CEL conditions that must all be true for the webhook to be asked.',
  )

export const webhooksColumn = column(
  'Webhooks',
  'integer',
  'How many webhooks there are.',
  ({ webhooks }: { readonly webhooks?: readonly unknown[] | null }) => webhooks?.length ?? 0,
)
