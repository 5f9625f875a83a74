/** How objects of a custom kind are converted from one version to another. */
import {
  always,
  bytes,
  int32,
  listOf,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
  wordOf,
} from '../../schema.ts'

export const serviceReference = struct(
  'apiextensions.v1.ServiceReference',
  'A Service that a webhook is behind.',
  {
    namespace: always(1, string, 'Namespace of the Service.'),
    name: always(2, string, 'Name of the Service.'),
    path: optional(3, string, 'Path of the webhook below the Service.'),
    port: optional(4, int32, 'Port of the Service. Defaults to 443.', { default: 443 }),
  },
)
export interface ServiceReference extends Stored<typeof serviceReference> {}

export const webhookClientConfig = struct(
  'apiextensions.v1.WebhookClientConfig',
  'How to reach a webhook: url or service.',
  {
    url: optional(3, string, 'An https URL with a host that the API server can resolve.'),
    service: optional(1, serviceReference, 'The Service that the webhook is behind.'),
    caBundle: omitEmpty(
      2,
      bytes,
      'Certificates in PEM form, as base64, that the one of the webhook must lead to.',
    ),
  },
)
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
