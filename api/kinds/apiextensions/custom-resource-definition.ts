/** CustomResourceDefinition: adds a kind to the API. */

import { defineKind, statusSubresource } from '../../kind.ts'
import { jsonSchemaProps } from '../../parts/apiextensions/json-schema-props.ts'
import { validateDefinition, validateDefinitionUpdate } from '../../rules/definition.ts'
import { unknownFormats } from '../../rules/definition-schema.ts'
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
import { createdAtColumn, nameColumn } from '../../table.ts'

export const customResourceDefinitionNames = struct(
  'apiextensions.v1.CustomResourceDefinitionNames',
  'How a kind and its resource are called.',
  {
    plural: always(
      1,
      string,
      'The plural name, as in URLs; the definition is named after it and the group.',
    ),
    singular: omitEmpty(
      2,
      string,
      'The singular name, for users to type. Defaults to the lower-cased kind.',
    ),
    shortNames: omitEmpty(
      3,
      listOf(string, { listType: 'atomic' }),
      'Shorter names for users to type.',
    ),
    kind: always(4, string, 'The kind, in CamelCase and singular.'),
    listKind: omitEmpty(5, string, 'The kind of its lists. Defaults to the kind followed by List.'),
    categories: omitEmpty(
      6,
      listOf(string, { listType: 'atomic' }),
      'Sets of resources that include this one, such as all.',
    ),
  },
)
export interface CustomResourceDefinitionNames
  extends Stored<typeof customResourceDefinitionNames> {}

export const customResourceValidation = struct(
  'apiextensions.v1.CustomResourceValidation',
  'What objects of a version look like.',
  {
    openAPIV3Schema: optional(
      1,
      jsonSchemaProps,
      'The schema, in the form of OpenAPI v3; it must be structural.',
    ),
  },
)
export interface CustomResourceValidation extends Stored<typeof customResourceValidation> {}

export const customResourceSubresourceStatus = struct(
  'apiextensions.v1.CustomResourceSubresourceStatus',
  'A status subresource: status is written apart from everything else.',
  {},
)
export interface CustomResourceSubresourceStatus
  extends Stored<typeof customResourceSubresourceStatus> {}

export const customResourceSubresourceScale = struct(
  'apiextensions.v1.CustomResourceSubresourceScale',
  'A scale subresource: where the numbers are that autoscalers read and write.',
  {
    specReplicasPath: always(1, string, 'Path of the wanted replicas, below .spec.'),
    statusReplicasPath: always(2, string, 'Path of the present replicas, below .status.'),
    labelSelectorPath: optional(
      3,
      string,
      'Path of a label selector in text form, below .spec or .status.',
    ),
  },
)
export interface CustomResourceSubresourceScale
  extends Stored<typeof customResourceSubresourceScale> {}

export const customResourceSubresources = struct(
  'apiextensions.v1.CustomResourceSubresources',
  'The subresources of a version.',
  {
    status: optional(1, customResourceSubresourceStatus, 'Gives objects a status subresource.'),
    scale: optional(2, customResourceSubresourceScale, 'Gives objects a scale subresource.'),
  },
)
export interface CustomResourceSubresources extends Stored<typeof customResourceSubresources> {}

export const customResourceColumnDefinition = struct(
  'apiextensions.v1.CustomResourceColumnDefinition',
  'A column that tables of these objects have.',
  {
    name: always(1, string, 'Heading of the column.'),
    type: always(2, string, 'Type of the cells: string, integer, number, boolean or date.'),
    format: omitEmpty(3, string, 'Finer form of the type, such as int32 or date-time.'),
    description: omitEmpty(4, string, 'What the column shows, in words for people.'),
    priority: omitEmpty(
      5,
      int32,
      'Zero is always shown; greater numbers give way where space is short.',
    ),
    jsonPath: always(6, string, 'A JSONPath to what the cell shows.'),
  },
)
export interface CustomResourceColumnDefinition
  extends Stored<typeof customResourceColumnDefinition> {}

export const selectableField = struct(
  'apiextensions.v1.SelectableField',
  'A field that field selectors may use.',
  {
    jsonPath: always(
      1,
      string,
      'A path to a text, number or boolean of the schema, such as .spec.color.',
    ),
  },
)
export interface SelectableField extends Stored<typeof selectableField> {}

export const customResourceDefinitionVersion = struct(
  'apiextensions.v1.CustomResourceDefinitionVersion',
  'One version of the kind.',
  {
    name: always(1, string, 'Name of the version, such as v1 or v1beta1.'),
    served: always(2, boolean, 'Whether the API has this version.'),
    storage: always(3, boolean, 'Whether objects are stored in this version; one version must be.'),
    deprecated: omitEmpty(
      7,
      boolean,
      'Whether requests for this version are answered with a warning.',
    ),
    deprecationWarning: optional(
      8,
      string,
      'The warning. Defaults to one that names a newer version.',
    ),
    schema: optional(4, customResourceValidation, 'What objects of this version look like.'),
    subresources: optional(5, customResourceSubresources, 'The subresources of this version.'),
    additionalPrinterColumns: omitEmpty(
      6,
      listOf(customResourceColumnDefinition, { listType: 'atomic' }),
      'Columns of tables; unset means one with the age.',
    ),
    selectableFields: omitEmpty(
      9,
      listOf(selectableField, { listType: 'atomic' }),
      'Fields, up to eight, that field selectors may use.',
    ), // gate: CustomResourceFieldSelectors
  },
)
export interface CustomResourceDefinitionVersion
  extends Stored<typeof customResourceDefinitionVersion> {}

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

export const customResourceDefinitionSpec = struct(
  'apiextensions.v1.CustomResourceDefinitionSpec',
  'A kind to be added to the API.',
  {
    group: always(1, string, 'The API group of the kind, a domain name.'),
    names: always(3, customResourceDefinitionNames, 'How the kind and its resource are called.'),
    scope: always(
      4,
      wordOf('Cluster', 'Namespaced'),
      'Whether the objects live in namespaces: Cluster or Namespaced.',
    ),
    versions: always(
      7,
      listOf(customResourceDefinitionVersion, { listType: 'atomic' }),
      'The versions of the kind.',
    ),
    conversion: optional(
      9,
      customResourceConversion,
      'How objects are converted from one version to another.',
    ),
    preserveUnknownFields: omitEmpty(
      10,
      boolean,
      'Only false is accepted; use x-kubernetes-preserve-unknown-fields in the schema.',
    ),
  },
)
export interface CustomResourceDefinitionSpec extends Stored<typeof customResourceDefinitionSpec> {}

export const customResourceDefinitionCondition = struct(
  'apiextensions.v1.CustomResourceDefinitionCondition',
  'One aspect of the state of a definition.',
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
      'Which aspect; Established says that the kind is there.',
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
    observedGeneration: omitEmpty(6, int64, 'Generation of the definition that was looked at.'), // gate: CRDObservedGenerationTracking
  },
)
export interface CustomResourceDefinitionCondition
  extends Stored<typeof customResourceDefinitionCondition> {}

export const customResourceDefinitionStatus = struct(
  'apiextensions.v1.CustomResourceDefinitionStatus',
  'What has become of a definition.',
  {
    conditions: always(
      1,
      listOf(customResourceDefinitionCondition, { keys: ['type'] }),
      'The aspects, one of each type.',
      {
        mayOmit: true,
      },
    ),
    acceptedNames: always(
      2,
      customResourceDefinitionNames,
      'The names in use, which can differ while others hold the wanted ones.',
      { mayOmit: true },
    ),
    storedVersions: always(
      3,
      listOf(string, { listType: 'atomic' }),
      'Versions that objects may still be stored in.',
      { mayOmit: true },
    ),
    observedGeneration: omitEmpty(
      4,
      int64,
      'Generation of the definition that was looked at last.',
    ), // gate: CRDObservedGenerationTracking
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
  generation: true,
  conditionalUpdates: true,
  doc: 'Adds a kind to the API, with objects that follow a schema.',
  fields: {
    spec: always(2, customResourceDefinitionSpec, 'The kind to be added.'),
    status: omitEmpty(
      3,
      customResourceDefinitionStatus,
      'What has become of the definition. Filled in by the server.',
    ),
  },
  defaults({ spec }) {
    const { names } = spec
    if (!names.singular && names.kind) names.singular = names.kind.toLowerCase()
    if (!names.listKind && names.kind) names.listKind = `${names.kind}List`
    spec.conversion ??= { strategy: 'None' }
  },
  prepareCreate(definition) {
    definition.status = {
      conditions: null,
      acceptedNames: { plural: '', kind: '' },
      storedVersions: storedVersions([], definition.spec),
    }
  },
  prepareUpdate(next) {
    const stored = storedVersions(next.status.storedVersions ?? [], next.spec)
    next.status = { ...next.status, storedVersions: stored }
  },
  validateWhole: (definition, _, problems) => validateDefinition(definition, problems),
  validateUpdate: (next, previous, _, problems) =>
    validateDefinitionUpdate(next, previous, problems),
  warnings(next, previous) {
    const known = new Set(previous ? unknownFormatsOf(previous.spec) : [])
    return unknownFormatsOf(next.spec)
      .filter((format) => !known.has(format))
      .map((format) => `unrecognized format ${JSON.stringify(format)}`)
  },
  columns: [nameColumn, createdAtColumn],
})
export interface CustomResourceDefinition extends Stored<typeof CustomResourceDefinition> {}

/** Versions that objects may be stored in, from now on also the one marked for storage. */
function storedVersions(
  present: readonly string[],
  { versions }: CustomResourceDefinitionSpec,
): string[] {
  const storage = versions?.find((each) => each.storage)?.name
  return storage === undefined || present.includes(storage) ? [...present] : [...present, storage]
}

function unknownFormatsOf({ versions }: CustomResourceDefinitionSpec): string[] {
  const formats = versions?.flatMap(({ schema }) => unknownFormats(schema?.openAPIV3Schema))
  return [...new Set(formats)]
}
