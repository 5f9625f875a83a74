/** FIXME: one sentence. */
import { defineKind, statusSubresource } from '../../kind.ts'
import {
  always,
  boolean,
  bytes,
  int32,
  listOf,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
  time,
  wordOf,
} from '../../schema.ts'

export const serviceReference = struct('apiregistration.v1.ServiceReference', '', {
  namespace: omitEmpty(1, string, ''),
  name: omitEmpty(2, string, ''),
  port: optional(3, int32, ''),
})
export interface ServiceReference extends Stored<typeof serviceReference> {}

export const apiServiceSpec = struct('apiregistration.v1.APIServiceSpec', '', {
  service: optional(1, serviceReference, ''),
  group: omitEmpty(2, string, ''),
  version: omitEmpty(3, string, ''),
  insecureSkipTLSVerify: omitEmpty(4, boolean, ''),
  caBundle: omitEmpty(5, bytes, ''),
  groupPriorityMinimum: always(7, int32, ''),
  versionPriority: always(8, int32, ''),
})
export interface APIServiceSpec extends Stored<typeof apiServiceSpec> {}

export const apiServiceCondition = struct('apiregistration.v1.APIServiceCondition', '', {
  type: always(1, wordOf('Available'), ''),
  status: always(2, wordOf('True', 'False', 'Unknown'), ''),
  lastTransitionTime: omitEmpty(3, time, ''),
  reason: omitEmpty(4, string, ''),
  message: omitEmpty(5, string, ''),
})
export interface APIServiceCondition extends Stored<typeof apiServiceCondition> {}

export const apiServiceStatus = struct('apiregistration.v1.APIServiceStatus', '', {
  conditions: omitEmpty(
    1,
    listOf(apiServiceCondition, { keys: ['type'], mergeKey: 'type', patch: 'merge' }),
    '',
  ),
})
export interface APIServiceStatus extends Stored<typeof apiServiceStatus> {}

export const APIService = defineKind({
  group: 'apiregistration.k8s.io',
  version: 'v1',
  kind: 'APIService',
  plural: 'apiservices',
  categories: ['api-extensions'],
  scope: 'Cluster',
  subresources: { ...statusSubresource },
  doc: '',
  fields: {
    spec: omitEmpty(2, apiServiceSpec, ''),
    status: omitEmpty(3, apiServiceStatus, ''),
  },
  // columns: Name, Service, Available, Age
})
export interface APIService extends Stored<typeof APIService> {}
