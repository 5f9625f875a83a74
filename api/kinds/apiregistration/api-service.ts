/** APIService: which server answers for a group and version of the API. */
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

export const serviceReference = struct(
  'apiregistration.v1.ServiceReference',
  'A Service that an API server is behind.',
  {
    namespace: omitEmpty(1, string, 'Namespace of the Service.'),
    name: omitEmpty(2, string, 'Name of the Service.'),
    port: optional(3, int32, 'Port of the Service. Defaults to 443.', { default: 443 }),
  },
)
export interface ServiceReference extends Stored<typeof serviceReference> {}

export const apiServiceSpec = struct(
  'apiregistration.v1.APIServiceSpec',
  'Which server answers for which group and version.',
  {
    service: optional(1, serviceReference, 'The server; unset means this one.'),
    group: omitEmpty(2, string, 'The API group; empty only for the core group.'),
    version: omitEmpty(3, string, 'The version within the group, such as v1.'),
    insecureSkipTLSVerify: omitEmpty(
      4,
      boolean,
      'Leaves the certificate of the server unchecked. Not for production.',
    ),
    caBundle: omitEmpty(
      5,
      bytes,
      'Certificates in PEM form, as base64, that the one of the server must lead to.',
    ),
    groupPriorityMinimum: always(7, int32, 'Order among groups: higher comes first, up to 20000.'),
    versionPriority: always(
      8,
      int32,
      'Order among the versions of a group: higher comes first, up to 1000.',
    ),
  },
)
export interface APIServiceSpec extends Stored<typeof apiServiceSpec> {}

export const apiServiceCondition = struct(
  'apiregistration.v1.APIServiceCondition',
  'One aspect of the state of an APIService.',
  {
    type: always(
      1,
      wordOf('Available'),
      'Which aspect; Available says whether the server can be reached.',
    ),
    status: always(
      2,
      wordOf('True', 'False', 'Unknown'),
      'Whether it holds: True, False or Unknown.',
    ),
    lastTransitionTime: omitEmpty(
      3,
      time,
      'When the status last changed from one word to another.',
    ),
    reason: omitEmpty(4, string, 'Why, as one CamelCase word.'),
    message: omitEmpty(5, string, 'Why, in words for people.'),
  },
)
export interface APIServiceCondition extends Stored<typeof apiServiceCondition> {}

export const apiServiceStatus = struct(
  'apiregistration.v1.APIServiceStatus',
  'What was found about an APIService.',
  {
    conditions: omitEmpty(
      1,
      listOf(apiServiceCondition, { keys: ['type'], mergeKey: 'type', patch: 'merge' }),
      'The aspects, one of each type.',
    ),
  },
)
export interface APIServiceStatus extends Stored<typeof apiServiceStatus> {}

export const APIService = defineKind({
  group: 'apiregistration.k8s.io',
  version: 'v1',
  kind: 'APIService',
  plural: 'apiservices',
  categories: ['api-extensions'],
  scope: 'Cluster',
  subresources: { ...statusSubresource },
  doc: 'Which server answers for a group and version of the API; the name is version.group.',
  fields: {
    spec: omitEmpty(2, apiServiceSpec, 'Which server answers for which group and version.'),
    status: omitEmpty(3, apiServiceStatus, 'What was found about it. Filled in by the server.'),
  },
  // columns: Name, Service, Available, Age
})
export interface APIService extends Stored<typeof APIService> {}
