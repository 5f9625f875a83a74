/** How the API server reaches a webhook: alike in two groups, each of which has its own types. */
import { always, bytes, int32, omitEmpty, optional, string, struct } from '../schema.ts'

/** The description as the types of one package, such as `apiextensions.v1`. */
export function webhookClientOf(packageName: string) {
  const serviceReference = struct(
    `${packageName}.ServiceReference`,
    'A Service that a webhook is behind.',
    {
      namespace: always(1, string, 'Namespace of the Service.'),
      name: always(2, string, 'Name of the Service.'),
      path: optional(3, string, 'Path of the webhook below the Service.'),
      port: optional(4, int32, 'Port of the Service. Defaults to 443.', { default: 443 }),
    },
  )
  return struct(`${packageName}.WebhookClientConfig`, 'How to reach a webhook: url or service.', {
    url: optional(3, string, 'An https URL with a host that the API server can resolve.'),
    service: optional(1, serviceReference, 'The Service that the webhook is behind.'),
    caBundle: omitEmpty(
      2,
      bytes,
      'Certificates in PEM form, as base64, that the one of the webhook must lead to.',
    ),
  })
}
