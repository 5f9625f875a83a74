/** OpenAPI v2, which older clients read: the v3 documents put together and said in older words. */
import type { OpenApiDocument } from './document.ts'

export interface SwaggerDocument {
  readonly swagger: '2.0'
  readonly info: { readonly title: string; readonly version: string }
  readonly paths: Readonly<Record<string, object>>
  readonly definitions: Readonly<Record<string, object>>
  readonly securityDefinitions: object
  readonly security: readonly object[]
}

type Json = { readonly [name: string]: unknown }

export function swaggerDocument(documents: Iterable<OpenApiDocument>): SwaggerDocument {
  const builder = new SwaggerBuilder()
  for (const document of documents) builder.add(document)
  return builder.build()
}

/** Takes documents one by one, so that not all need to be there at once. */
export class SwaggerBuilder {
  readonly #paths: Record<string, object> = {}
  readonly #definitions: Record<string, object> = {}
  #first: Pick<OpenApiDocument, 'info' | 'security' | 'components'> | undefined

  add(document: OpenApiDocument): void {
    this.#first ??= document
    const { paths, components } = document
    for (const [path, item] of Object.entries(paths)) this.#paths[path] = pathItem(item as Json)
    for (const [name, schema] of Object.entries(components.schemas)) {
      this.#definitions[name] ??= schemaV2(schema) as object
    }
  }

  build(): SwaggerDocument {
    if (!this.#first) throw new Error('no documents to put together')
    const { info, components, security } = this.#first
    return {
      swagger: '2.0',
      info,
      paths: sorted(this.#paths),
      definitions: sorted(this.#definitions),
      securityDefinitions: components.securitySchemes,
      security,
    }
  }
}

function sorted(entries: Record<string, object>): Record<string, object> {
  return Object.fromEntries(
    Object.entries(entries).sort(([one], [other]) => (one < other ? -1 : 1)),
  )
}

/** Keywords that OpenAPI v2 does not know, and defaults, which upstream leaves out of v2. */
const dropped = new Set(['default', 'oneOf', 'anyOf', 'not', 'nullable'])

function schemaV2(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(schemaV2)
  if (typeof schema !== 'object' || schema === null) return schema
  const { allOf, $ref, properties, ...rest } = schema as Json
  const output: Record<string, unknown> = {}
  const target = $ref ?? referenceIn(allOf)
  if (target) output.$ref = String(target).replace('#/components/schemas/', '#/definitions/')
  for (const [keyword, value] of Object.entries(rest)) {
    if (!dropped.has(keyword)) output[keyword] = schemaV2(value)
  }
  // A choice of types is told as a text.
  if (rest.oneOf && !rest.type) output.type = 'string'
  if (properties) output.properties = mapValues(properties as Json, schemaV2)
  return output
}

/** A reference that stands in an `allOf` only to have siblings. */
function referenceIn(allOf: unknown): unknown {
  return Array.isArray(allOf) && allOf.length === 1 ? (allOf[0] as Json).$ref : undefined
}

function mapValues(values: Json, each: (value: unknown) => unknown): Json {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, each(value)]))
}

function pathItem(item: Json): object {
  return mapValues(item, (value) => value && parametersOrOperation(value))
}

function parametersOrOperation(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(parameterV2)
  return operationV2(value as Json)
}

function parameterV2({ schema, ...rest }: Json): Json {
  return { ...rest, ...(schema as Json) }
}

function operationV2(operation: Json): Json {
  const { parameters, requestBody, responses, ...rest } = operation
  const body = requestBody as { content: Json; required?: true } | undefined
  const produced = Object.values(responses as Json).flatMap((each) => contentTypes(each as Json))
  const own = [
    ...((parameters ?? []) as Json[]).map(parameterV2),
    ...(body ? [bodyParameter(body)] : []),
  ]
  return {
    ...rest,
    consumes: body ? Object.keys(body.content) : ['*/*'],
    produces: [...new Set(produced)],
    schemes: ['https'],
    ...(own.length > 0 && { parameters: own }),
    responses: mapValues(responses as Json, (each) => responseV2(each as Json)),
  }
}

function contentTypes({ content }: Json): string[] {
  return content ? Object.keys(content) : []
}

function responseV2({ description, content }: Json): Json {
  const [media] = Object.values((content ?? {}) as Json)
  const schema = (media as Json | undefined)?.schema
  return { description, ...(schema !== undefined && { schema: schemaV2(schema) }) }
}

function bodyParameter({ content, required }: { content: Json; required?: true }): Json {
  const [media] = Object.values(content)
  const schema = schemaV2((media as Json).schema)
  return { in: 'body', name: 'body', ...(required && { required }), schema }
}
