/**
 * From a CustomResourceDefinition to a kind: its OpenAPI schema becomes a schema value that takes
 * the same walks as those of built-in kinds.
 */
import { customColumns } from './custom-columns.ts'
import { JsonPathError } from './json-path.ts'
import type { Kind, Subresource, Verb } from './kind.ts'
import type { CustomResourceDefinition } from './kinds/apiextensions/custom-resource-definition.ts'
import { customModelName } from './openapi/model-names.ts'
import type { JSONSchemaProps } from './parts/apiextensions/json-schema-props.ts'
import { objectMeta } from './parts/meta/object-meta.ts'
import {
  any,
  boolean,
  type Field,
  type Fields,
  float64,
  int64,
  intOrString,
  listOf,
  mapOf,
  object,
  type Schema,
  type StructSchema,
  string,
} from './schema.ts'

type Version = NonNullable<CustomResourceDefinition['spec']['versions']>[number]

/**
 * The kind of one version of a definition that was validated. Its schema is asked for when it is
 * first used: most of many definitions are hardly ever, and their schemas are large.
 */
export function customKind(
  definition: CustomResourceDefinition,
  versionName: string,
  schemaSource?: () => JSONSchemaProps | undefined,
): Kind {
  const { group, names, scope, versions } = definition.spec
  const version = versions?.find(({ name }) => name === versionName)
  if (!version) throw new Error(`no version ${versionName} in ${definition.metadata.name}`)
  const { plural, singular, shortNames, categories, kind, listKind } = names
  const { subresources, scale } = subresourcesOf(version)
  const sourceOf = schemaSource ?? (() => version.schema?.openAPIV3Schema)
  const modelName = customModelName(group, version.name, kind)
  let schema: StructSchema | undefined
  return {
    group,
    version: version.name,
    apiVersion: `${group}/${version.name}`,
    kind,
    ...(listKind && { listKind }),
    plural,
    singular: singular || kind.toLowerCase(),
    ...(shortNames && { shortNames }),
    ...(categories && { categories }),
    scope: scope as 'Namespaced' | 'Cluster',
    verbs: customVerbs,
    generation: true,
    conditionalUpdates: true,
    subresources,
    ...(scale && { scale }),
    selectable: selectableOf(version),
    columns: columnsOf(version),
    get schema() {
      schema ??= customSchema(sourceOf() ?? anything, modelName)
      return schema
    },
  } as unknown as Kind
}

/** Columns that make no sense are no reason not to show the others' names and ages. */
function columnsOf({ additionalPrinterColumns }: Version) {
  try {
    return customColumns(additionalPrinterColumns)
  } catch (error) {
    if (error instanceof JsonPathError) return customColumns(undefined)
    throw error
  }
}

/** A version without a schema, as definitions of old had, keeps everything. */
const anything: JSONSchemaProps = {
  type: 'object',
  'x-kubernetes-preserve-unknown-fields': true,
}

/** In the order in which upstream lists them. */
const customVerbs: readonly Verb[] = [
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'create',
  'update',
  'watch',
]

const verbs = ['get', 'patch', 'update'] as const

function subresourcesOf({ subresources }: Version): Pick<Kind, 'subresources' | 'scale'> {
  const { status, scale } = subresources ?? {}
  const own: Record<string, Subresource> = {}
  if (scale) own.scale = { group: 'autoscaling', version: 'v1', kind: 'Scale', verbs }
  if (status) own.status = { verbs }
  if (!scale) return { subresources: own }
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = scale
  return {
    subresources: own,
    scale: {
      specReplicas: specReplicasPath.slice(1),
      statusReplicas: statusReplicasPath.slice(1),
      ...(labelSelectorPath && { selector: labelSelectorPath.slice(1) }),
    },
  }
}

function selectableOf({ selectableFields }: Version): NonNullable<Kind['selectable']> {
  const fields = (selectableFields ?? []).map(({ jsonPath }) => {
    const steps = jsonPath.slice(1).split('.')
    const read = (resource: object): string => textAt(resource, steps)
    return [jsonPath.slice(1), { read }.read] as const
  })
  return Object.fromEntries(fields)
}

function textAt(resource: object, steps: readonly string[]): string {
  let value: unknown = resource
  for (const step of steps) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return ''
    value = (value as Record<string, unknown>)[step]
  }
  return value === null || value === undefined ? '' : String(value)
}

const identity: Fields = {
  apiVersion: fieldOf(string, { description: 'Group and version of the schema of this object.' }),
  kind: fieldOf(string, { description: 'Which kind of object this is.' }),
  metadata: fieldOf(objectMeta, {
    description: 'Name, labels and everything else common to all objects.',
  }),
}

/** The schema of whole objects. What the definition says about metadata only restricts it. */
export function customSchema(source: JSONSchemaProps, name: string): StructSchema {
  return {
    type: 'struct',
    name,
    doc: source.description ?? '',
    fields: { ...fieldsOf(source), ...identity },
    ...(source['x-kubernetes-preserve-unknown-fields'] && { open: true as const }),
    custom: source,
  }
}

function fieldsOf({ properties = {} }: JSONSchemaProps): Fields {
  return Object.fromEntries(
    Object.entries(properties).map(([name, each]) => [name, fieldOf(schemaOf(each), each)]),
  )
}

function fieldOf(schema: Schema, source: JSONSchemaProps): Field {
  const isAtomic = source['x-kubernetes-map-type'] === 'atomic'
  return {
    tag: 0,
    presence: 'optional',
    schema,
    doc: source.description ?? '',
    ...(source.default !== undefined && { default: source.default }),
    ...(isAtomic && schema.type !== 'struct' && { atomic: true as const }),
  }
}

function schemaOf(source: JSONSchemaProps): Schema {
  if (source['x-kubernetes-int-or-string']) return { ...intOrString, custom: source }
  switch (source.type) {
    case 'object':
      return objectSchema(source)
    case 'array':
      return { ...listSchema(source), custom: source } as Schema
    default:
      return { ...(scalars[source.type ?? ''] ?? any), custom: source } as Schema
  }
}

const scalars: Readonly<Record<string, Schema>> = {
  string,
  integer: int64,
  number: float64,
  boolean,
}

function listSchema(source: JSONSchemaProps): Schema {
  const { items } = source
  const item = items && !Array.isArray(items) ? schemaOf(items) : any
  const keys = source['x-kubernetes-list-map-keys']
  const listType = source['x-kubernetes-list-type'] as 'atomic' | 'set' | 'map' | undefined
  return listOf(item, { ...(keys && { keys }), ...(listType && { listType }) })
}

function objectSchema(source: JSONSchemaProps): Schema {
  const { properties, additionalProperties } = source
  const keepsUnknown = source['x-kubernetes-preserve-unknown-fields'] ?? false
  const isAtomic = source['x-kubernetes-map-type'] === 'atomic'
  if (typeof additionalProperties === 'object') {
    return { ...mapOf(schemaOf(additionalProperties)), custom: source }
  }
  if (additionalProperties === true) return { ...mapOf(any), custom: source }
  if (keepsUnknown && !properties && !source['x-kubernetes-embedded-resource']) {
    return { ...object, custom: source }
  }
  const isResource = source['x-kubernetes-embedded-resource'] ?? false
  return {
    type: 'struct',
    name: '',
    doc: source.description ?? '',
    fields: { ...fieldsOf(source), ...(isResource && identity) },
    ...(isAtomic && { atomic: true }),
    ...(keepsUnknown && { open: true as const }),
    custom: source,
  }
}
