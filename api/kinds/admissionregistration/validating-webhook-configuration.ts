/** ValidatingWebhookConfiguration: webhooks that may refuse objects as they are written. */
import { defineKind } from '../../kind.ts'
import {
  matchConditionsAt,
  webhookFields,
  webhooksColumn,
} from '../../parts/admissionregistration/webhook.ts'
import { validateWebhooks } from '../../rules/admission-webhooks.ts'
import { listOf, omitEmpty, type Stored, struct } from '../../schema.ts'
import { ageColumn, nameColumn } from '../../table.ts'

export const validatingWebhook = struct(
  'admissionregistration.v1.ValidatingWebhook',
  'A webhook that may refuse what is written.',
  {
    ...webhookFields({ objectSelector: 10 }),
    matchConditions: matchConditionsAt(11),
  },
)
export interface ValidatingWebhook extends Stored<typeof validatingWebhook> {}

export const ValidatingWebhookConfiguration = defineKind({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingWebhookConfiguration',
  plural: 'validatingwebhookconfigurations',
  categories: ['api-extensions'],
  scope: 'Cluster',
  generation: true,
  conditionalUpdates: true,
  doc: 'Webhooks that may refuse what is written.',
  fields: {
    webhooks: omitEmpty(
      2,
      listOf(validatingWebhook, { keys: ['name'], mergeKey: 'name', patch: 'merge' }),
      'The webhooks.',
    ),
  },
  validateWhole({ webhooks }, at, problems) {
    validateWebhooks(webhooks, at.child('webhooks'), problems)
  },
  columns: [nameColumn, webhooksColumn, ageColumn],
})
export interface ValidatingWebhookConfiguration
  extends Stored<typeof ValidatingWebhookConfiguration> {}
