/** MutatingWebhookConfiguration: webhooks that may change objects as they are written. */
import { defineKind } from '../../kind.ts'
import { matchCondition, ruleWithOperations } from '../../parts/admissionregistration/matching.ts'
import { webhookClientConfig } from '../../parts/admissionregistration/webhook-client.ts'
import { labelSelector } from '../../parts/meta/label-selector.ts'
import { validateWebhooks } from '../../rules/admission-webhooks.ts'
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
  struct,
} from '../../schema.ts'
import { ageColumn, column, nameColumn } from '../../table.ts'

export const mutatingWebhook = struct(
  'admissionregistration.v1.MutatingWebhook',
  'A webhook that may change or refuse what is written.',
  {
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
      11,
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
    reinvocationPolicy: optional(
      10,
      enumOf('Never', 'IfNeeded'),
      'Whether it is asked again after others changed the object. Defaults to Never.',
      { default: 'Never' },
    ),
    matchConditions: omitEmpty(
      12,
      listOf(matchCondition, { keys: ['name'], mergeKey: 'name', patch: 'merge' }),
      'CEL conditions that must all be true for the webhook to be asked.',
    ),
  },
)
export interface MutatingWebhook extends Stored<typeof mutatingWebhook> {}

export const MutatingWebhookConfiguration = defineKind({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingWebhookConfiguration',
  plural: 'mutatingwebhookconfigurations',
  categories: ['api-extensions'],
  scope: 'Cluster',
  generation: true,
  conditionalUpdates: true,
  doc: 'Webhooks that may change or refuse what is written.',
  fields: {
    webhooks: omitEmpty(
      2,
      listOf(mutatingWebhook, { keys: ['name'], mergeKey: 'name', patch: 'merge' }),
      'The webhooks.',
    ),
  },
  validateWhole({ webhooks }, at, problems) {
    validateWebhooks(webhooks, at.child('webhooks'), problems)
  },
  columns: [
    nameColumn,
    column(
      'Webhooks',
      'integer',
      'How many webhooks there are.',
      ({ webhooks }) => webhooks?.length ?? 0,
    ),
    ageColumn,
  ],
})
export interface MutatingWebhookConfiguration extends Stored<typeof MutatingWebhookConfiguration> {}
