/** FIXME: one sentence. */

import { defineKind, statusSubresource } from '../../kind.ts'
import { jsonSchemaProps } from '../../parts/apiextensions/json-schema-props.ts'
import {
  always,
  boolean,
  bytes,
  int32,
  int64,
  listOf,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
  time,
  wordOf,
} from '../../schema.ts'

export const customResourceDefinitionNames = struct(
  'apiextensions.v1.CustomResourceDefinitionNames',
  '',
  {
    plural: always(1, string, ''),
    singular: omitEmpty(2, string, ''),
    shortNames: omitEmpty(3, listOf(string, { listType: 'atomic' }), ''),
    kind: always(4, string, ''),
    listKind: omitEmpty(5, string, ''),
    categories: omitEmpty(6, listOf(string, { listType: 'atomic' }), ''),
  },
)
export interface CustomResourceDefinitionNames
  extends Stored<typeof customResourceDefinitionNames> {}

export const customResourceValidation = struct('apiextensions.v1.CustomResourceValidation', '', {
  openAPIV3Schema: optional(1, jsonSchemaProps, ''),
})
export interface CustomResourceValidation extends Stored<typeof customResourceValidation> {}

export const customResourceSubresourceStatus = struct(
  'apiextensions.v1.CustomResourceSubresourceStatus',
  '',
  {},
)
export interface CustomResourceSubresourceStatus
  extends Stored<typeof customResourceSubresourceStatus> {}

export const customResourceSubresourceScale = struct(
  'apiextensions.v1.CustomResourceSubresourceScale',
  '',
  {
    specReplicasPath: always(1, string, ''),
    statusReplicasPath: always(2, string, ''),
    labelSelectorPath: optional(3, string, ''),
  },
)
export interface CustomResourceSubresourceScale
  extends Stored<typeof customResourceSubresourceScale> {}

export const customResourceSubresources = struct(
  'apiextensions.v1.CustomResourceSubresources',
  '',
  {
    status: optional(1, customResourceSubresourceStatus, ''),
    scale: optional(2, customResourceSubresourceScale, ''),
  },
)
export interface CustomResourceSubresources extends Stored<typeof customResourceSubresources> {}

export const customResourceColumnDefinition = struct(
  'apiextensions.v1.CustomResourceColumnDefinition',
  '',
  {
    name: always(1, string, ''),
    type: always(2, string, ''),
    format: omitEmpty(3, string, ''),
    description: omitEmpty(4, string, ''),
    priority: omitEmpty(5, int32, ''),
    jsonPath: always(6, string, ''),
  },
)
export interface CustomResourceColumnDefinition
  extends Stored<typeof customResourceColumnDefinition> {}

export const selectableField = struct('apiextensions.v1.SelectableField', '', {
  jsonPath: always(1, string, ''),
})
export interface SelectableField extends Stored<typeof selectableField> {}

export const customResourceDefinitionVersion = struct(
  'apiextensions.v1.CustomResourceDefinitionVersion',
  '',
  {
    name: always(1, string, ''),
    served: always(2, boolean, ''),
    storage: always(3, boolean, ''),
    deprecated: omitEmpty(7, boolean, ''),
    deprecationWarning: optional(8, string, ''),
    schema: optional(4, customResourceValidation, ''),
    subresources: optional(5, customResourceSubresources, ''),
    additionalPrinterColumns: omitEmpty(
      6,
      listOf(customResourceColumnDefinition, { listType: 'atomic' }),
      '',
    ),
    selectableFields: omitEmpty(9, listOf(selectableField, { listType: 'atomic' }), ''), // gate: CustomResourceFieldSelectors
  },
)
export interface CustomResourceDefinitionVersion
  extends Stored<typeof customResourceDefinitionVersion> {}

export const serviceReference = struct('apiextensions.v1.ServiceReference', '', {
  namespace: always(1, string, ''),
  name: always(2, string, ''),
  path: optional(3, string, ''),
  port: optional(4, int32, ''),
})
export interface ServiceReference extends Stored<typeof serviceReference> {}

export const webhookClientConfig = struct('apiextensions.v1.WebhookClientConfig', '', {
  url: optional(3, string, ''),
  service: optional(1, serviceReference, ''),
  caBundle: omitEmpty(2, bytes, ''),
})
export interface WebhookClientConfig extends Stored<typeof webhookClientConfig> {}

export const webhookConversion = struct('apiextensions.v1.WebhookConversion', '', {
  clientConfig: optional(2, webhookClientConfig, ''),
  conversionReviewVersions: always(3, listOf(string, { listType: 'atomic' }), ''),
})
export interface WebhookConversion extends Stored<typeof webhookConversion> {}

export const customResourceConversion = struct('apiextensions.v1.CustomResourceConversion', '', {
  strategy: always(1, wordOf('None', 'Webhook'), ''),
  webhook: optional(2, webhookConversion, ''),
})
export interface CustomResourceConversion extends Stored<typeof customResourceConversion> {}

export const customResourceDefinitionSpec = struct(
  'apiextensions.v1.CustomResourceDefinitionSpec',
  '',
  {
    group: always(1, string, ''),
    names: always(3, customResourceDefinitionNames, ''),
    scope: always(4, wordOf('Cluster', 'Namespaced'), ''),
    versions: always(7, listOf(customResourceDefinitionVersion, { listType: 'atomic' }), ''),
    conversion: optional(9, customResourceConversion, ''),
    preserveUnknownFields: omitEmpty(10, boolean, ''),
  },
)
export interface CustomResourceDefinitionSpec extends Stored<typeof customResourceDefinitionSpec> {}

export const customResourceDefinitionCondition = struct(
  'apiextensions.v1.CustomResourceDefinitionCondition',
  '',
  {
    type: always(
      1,
      wordOf(
        'Established',
        'NamesAccepted',
        'NonStructuralSchema',
        'Terminating',
        'KubernetesAPIApprovalPolicyConformant',
        'StorageMigrating',
      ),
      '',
    ),
    status: always(2, wordOf('True', 'False', 'Unknown'), ''),
    lastTransitionTime: omitEmpty(3, time, ''),
    reason: omitEmpty(4, string, ''),
    message: omitEmpty(5, string, ''),
    observedGeneration: omitEmpty(6, int64, ''), // gate: CRDObservedGenerationTracking
  },
)
export interface CustomResourceDefinitionCondition
  extends Stored<typeof customResourceDefinitionCondition> {}

export const customResourceDefinitionStatus = struct(
  'apiextensions.v1.CustomResourceDefinitionStatus',
  '',
  {
    conditions: always(1, listOf(customResourceDefinitionCondition, { keys: ['type'] }), '', {
      mayOmit: true,
    }),
    acceptedNames: always(2, customResourceDefinitionNames, '', { mayOmit: true }),
    storedVersions: always(3, listOf(string, { listType: 'atomic' }), '', { mayOmit: true }),
    observedGeneration: omitEmpty(4, int64, ''), // gate: CRDObservedGenerationTracking
  },
)
export interface CustomResourceDefinitionStatus
  extends Stored<typeof customResourceDefinitionStatus> {}

export const CustomResourceDefinition = defineKind({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  scope: 'Cluster',
  subresources: { ...statusSubresource },
  doc: '',
  fields: {
    spec: always(2, customResourceDefinitionSpec, ''),
    status: omitEmpty(3, customResourceDefinitionStatus, ''),
  },
  // columns: Name, Created At
})
export interface CustomResourceDefinition extends Stored<typeof CustomResourceDefinition> {}
