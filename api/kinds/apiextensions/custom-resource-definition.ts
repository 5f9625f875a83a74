/** CustomResourceDefinition: adds a kind to the API. */
import { defineKind, statusSubresource } from '../../kind.ts'
import { customResourceConversion } from '../../parts/apiextensions/conversion.ts'
import { customResourceDefinitionVersion } from '../../parts/apiextensions/definition-version.ts'
import { conditionFields } from '../../parts/meta/condition-fields.ts'
import { validateDefinition, validateDefinitionUpdate } from '../../rules/definition.ts'
import { unknownFormats } from '../../rules/definition-schema.ts'
import { beginDeletion } from '../../rules/definition-status.ts'
import {
  always,
  boolean,
  int64,
  listOf,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
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
    ...conditionFields,
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
  deletion: { begin: beginDeletion },
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
