/** MutatingWebhookConfiguration: webhooks that may change objects as they are written. */
import { defineKind } from '../../kind.ts'
import {
  matchConditionsAt,
  webhookFields,
  webhooksColumn,
} from '../../parts/admissionregistration/webhook.ts'
import { validateWebhooks } from '../../rules/admission-webhooks.ts'
import { enumOf, listOf, omitEmpty, optional, type Stored, struct } from '../../schema.ts'
import { ageColumn, nameColumn } from '../../table.ts'

export const mutatingWebhook = struct(
  'admissionregistration.v1.MutatingWebhook',
  'A webhook that may change or refuse what is written.',
  {
    ...webhookFields({ objectSelector: 11 }),
    reinvocationPolicy: optional(
      10,
      enumOf('Never', 'IfNeeded'),
      'Whether it is asked again after others changed the object. Defaults to Never.',
      { default: 'Never' },
    ),
    matchConditions: matchConditionsAt(12),
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
  columns: [nameColumn, webhooksColumn, ageColumn],
})
export interface MutatingWebhookConfiguration extends Stored<typeof MutatingWebhookConfiguration> {}
