/** FIXME: one sentence. */
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

export const serviceReference = struct('admissionregistration.v1.ServiceReference', '', {
  namespace: always(1, string, ''),
  name: always(2, string, ''),
  path: optional(3, string, ''),
  port: optional(4, int32, ''),
})
export interface ServiceReference extends Stored<typeof serviceReference> {}

export const webhookClientConfig = struct('admissionregistration.v1.WebhookClientConfig', '', {
  url: optional(3, string, ''),
  service: optional(1, serviceReference, ''),
  caBundle: omitEmpty(2, bytes, ''),
})
export interface WebhookClientConfig extends Stored<typeof webhookClientConfig> {}
