/** How objects of a custom kind are converted from one version to another. */
import { always, listOf, optional, type Stored, string, struct, wordOf } from '../../schema.ts'
import { webhookClientOf } from '../webhook-client.ts'

export const webhookClientConfig = webhookClientOf('apiextensions.v1')
export interface WebhookClientConfig extends Stored<typeof webhookClientConfig> {}

export const webhookConversion = struct(
  'apiextensions.v1.WebhookConversion',
  'The webhook that converts objects.',
  {
    clientConfig: optional(2, webhookClientConfig, 'How to reach the webhook.'),
    conversionReviewVersions: always(
      3,
      listOf(string, { listType: 'atomic' }),
      'Versions of ConversionReview that it understands, the preferred one first.',
    ),
  },
)
export interface WebhookConversion extends Stored<typeof webhookConversion> {}

export const customResourceConversion = struct(
  'apiextensions.v1.CustomResourceConversion',
  'How objects are converted from one version to another.',
  {
    strategy: always(
      1,
      wordOf('None', 'Webhook'),
      'None only changes apiVersion; Webhook asks one. Defaults to None.',
    ),
    webhook: optional(2, webhookConversion, 'The webhook, when strategy is Webhook.'),
  },
)
export interface CustomResourceConversion extends Stored<typeof customResourceConversion> {}
