/** The walk from schemas to OpenAPI v3 definitions, with the extensions that clients read. */
import { type Kind, listKindOf, listSchema } from '../kind.ts'
import type { JSONSchemaProps } from '../parts/apiextensions/json-schema-props.ts'
import { objectMeta } from '../parts/meta/object-meta.ts'
import {
  type Field,
  isSchemaRequired,
  jsonFields,
  type ListSchema,
  resolved,
  type Schema,
  type StructSchema,
} from '../schema.ts'
import { modelName } from './model-names.ts'
import {
  emptyScalars,
  type OpenApiSchema,
  scalarInPlace,
  scalarModel,
  simpleModel,
} from './scalar-models.ts'

export type { OpenApiSchema }

export interface GroupVersionKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

export type Definitions = { readonly [modelName: string]: OpenApiSchema }

/** Models by name, and the structs among them that are still to be described. */
export class DefinitionCollector {
  readonly #definitions = new Map<string, OpenApiSchema>()
  readonly #kinds = new Map<string, GroupVersionKind[]>()

  /** The schema is published as an object of this kind. */
  addKind(schema: StructSchema, kind: GroupVersionKind): void {
    const name = modelName(schema.name)
    const known = this.#kinds.get(name)
    if (known) known.push(kind)
    else this.#kinds.set(name, [kind])
    this.addSchema(schema)
  }

  addResource<S extends object>(kind: Kind<S>): void {
    const { group, version, kind: name } = kind
    this.addKind(kind.schema, { group, version, kind: name })
    if (!kind.plural || kind.verbs?.includes('list') === false) return
    this.addKind(listSchema(kind), { group, version, kind: listKindOf(kind) })
  }

  addSimple(name: string): void {
    this.#definitions.set(name, simpleModel(name))
  }

  /** Adds what the schema leads to. */
  addSchema(schema: Schema): void {
    const target = resolved(schema)
    if (target.type === 'struct') this.#addStruct(target)
    else if (target.type === 'list') this.addSchema(target.item)
    else if (target.type === 'map') this.addSchema(target.value)
    else if (target.type === 'either') {
      this.addSimple(modelName(target.name))
      this.addSchema(target.struct)
    } else {
      const model = scalarModel(target)
      if (model) this.addSimple(model)
    }
  }

  #addStruct(schema: StructSchema): void {
    const name = modelName(schema.name)
    if (this.#definitions.has(name)) return
    this.#definitions.set(name, structDefinition(schema))
    if (schema.custom) {
      this.addSchema(objectMeta)
      return
    }
    for (const [, field] of jsonFields(schema)) this.addSchema(field.schema)
  }

  /** Sorted by name, so that equal schemas make equal documents. */
  collect(): Definitions {
    const sorted = [...this.#definitions].sort(([one], [other]) => (one < other ? -1 : 1))
    return Object.fromEntries(
      sorted.map(([name, definition]) => {
        const kinds = this.#kinds.get(name)
        return [
          name,
          kinds ? { ...definition, 'x-kubernetes-group-version-kind': kinds } : definition,
        ]
      }),
    )
  }
}

const described = new WeakMap<StructSchema, OpenApiSchema>()

function structDefinition(schema: StructSchema): OpenApiSchema {
  let definition = described.get(schema)
  if (!definition) {
    definition = schema.custom ? describeCustom(schema, schema.custom) : describe(schema)
    described.set(schema, definition)
  }
  return definition
}

function describe(schema: StructSchema): OpenApiSchema {
  const fields = jsonFields(schema)
  const required = fields.filter(([, field]) => isSchemaRequired(field)).map(([name]) => name)
  const properties = fields.map(([name, field]) => [name, property(field)] as const)
  return {
    description: schema.doc,
    type: 'object',
    ...(required.length > 0 && { required }),
    ...(properties.length > 0 && { properties: Object.fromEntries(properties) }),
    ...(schema.atomic && { 'x-kubernetes-map-type': 'atomic' }),
    ...(schema.union && { 'x-kubernetes-unions': [union(schema)] }),
  }
}

/** The schema of a custom resource is published as its definition states it. */
function describeCustom({ fields }: StructSchema, source: JSONSchemaProps): OpenApiSchema {
  const common = ['apiVersion', 'kind', 'metadata'].map((name) => [name, property(fields[name]!)])
  const properties = { ...source.properties, ...Object.fromEntries(common) }
  return { ...source, properties }
}

/** At most one of the members is set; the discriminator, if any, says which. */
function union({ fields, union }: StructSchema): object {
  const discriminator = union?.discriminator
  const members = Object.keys(fields).filter((name) => name !== discriminator)
  const words = members.map((name) => [name, name.charAt(0).toUpperCase() + name.slice(1)])
  return {
    ...(discriminator && { discriminator }),
    'fields-to-discriminateBy': Object.fromEntries(words),
  }
}

function property(field: Field): OpenApiSchema {
  const target = resolved(field.schema)
  const list = target.type === 'list' ? target : undefined
  const patch = list?.patch ?? field.patch
  const fallback = defaultOf(field)
  return withRef(schemaOf(field.schema), {
    description: field.doc,
    ...(fallback !== undefined && { default: fallback }),
    ...(field.atomic && { 'x-kubernetes-map-type': 'atomic' }),
    ...(list && listExtensions(list)),
    ...(patch && { 'x-kubernetes-patch-strategy': patch }),
  })
}

function listExtensions({ listType, keys, mergeKey }: ListSchema): OpenApiSchema {
  return {
    ...(listType && { 'x-kubernetes-list-type': listType }),
    ...(keys && { 'x-kubernetes-list-map-keys': keys }),
    ...(mergeKey && { 'x-kubernetes-patch-merge-key': mergeKey }),
  }
}

/** The stated default, or else what Go writes for a value that is not set. */
function defaultOf(field: Field): unknown {
  const stated = 'publishedDefault' in field ? field.publishedDefault : field.default
  if (stated !== undefined) return stated
  const { presence, schema } = field
  if (presence === 'optional' || presence === 'nullable') return undefined
  const target = resolved(schema)
  if (target.type === 'struct') return {}
  if (presence === 'omitEmpty') return undefined
  return emptyScalars[target.type as keyof typeof emptyScalars]
}

/** Beside `$ref` nothing else may stand in OpenAPI 3.0, so that it moves into an `allOf`. */
function withRef({ $ref, ...own }: OpenApiSchema, siblings: OpenApiSchema): OpenApiSchema {
  if ($ref === undefined) return { ...own, ...siblings }
  return Object.keys(siblings).length ? { allOf: [{ $ref }], ...siblings } : { $ref }
}

function schemaOf(schema: Schema): OpenApiSchema {
  const target = resolved(schema)
  switch (target.type) {
    case 'struct':
    case 'either':
      return reference(modelName(target.name))
    case 'list':
      return { type: 'array', items: elementOf(target.item) }
    case 'map':
      return { type: 'object', additionalProperties: elementOf(target.value) }
    default: {
      const model = scalarModel(target)
      return model ? reference(model) : scalarInPlace(target)
    }
  }
}

/** An item of a list or map, which is never absent. */
function elementOf(item: Schema): OpenApiSchema {
  const { type } = resolved(item)
  const empty = type === 'struct' ? {} : emptyScalars[type as keyof typeof emptyScalars]
  return withRef(schemaOf(item), empty === undefined ? {} : { default: empty })
}

export function reference(model: string): { $ref: string } {
  return { $ref: `#/components/schemas/${model}` }
}
