/** How the API server reaches an admission webhook. */
import {
  always,
  bytes,
  int32,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
} from '../../schema.ts'

export const serviceReference = struct(
  'admissionregistration.v1.ServiceReference',
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
  'admissionregistration.v1.WebhookClientConfig',
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
