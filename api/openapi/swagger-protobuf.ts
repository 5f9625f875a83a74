/**
 * OpenAPI v2 in protobuf, the only form that older Go clients ask for. The messages are those of
 * gnostic's OpenAPIv2.proto; fields are written last first, as the writer wants them.
 */
import { DELIMITED, FIXED64, VARINT } from '../protobuf/reader.ts'
import { Writer } from '../protobuf/writer.ts'
import type { SwaggerDocument } from './swagger.ts'

export const SWAGGER_PROTOBUF_MEDIA_TYPE =
  'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'
/** What older clients ask for; no valid media type, so that answers must be called otherwise. */
export const SWAGGER_PROTOBUF_OLD_MEDIA_TYPE =
  'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'

const FIRST_SIZE = 4 * 1024 * 1024

type Json = { readonly [name: string]: unknown }
type Fill<T> = (writer: Writer, value: T) => void

export function encodeSwagger(document: SwaggerDocument): Uint8Array {
  const writer = new Writer(FIRST_SIZE)
  message(writer, 13, document.securityDefinitions as Json, (_, definitions) =>
    named(writer, 1, definitions, securityDefinition),
  )
  each(writer, 12, document.security as readonly Json[], (_, requirement) =>
    named(writer, 1, requirement, (__, scopes) => texts(writer, 1, scopes)),
  )
  message(writer, 9, document.definitions as Json, (_, definitions) =>
    named(writer, 1, definitions, schema),
  )
  message(writer, 8, document.paths as Json, (_, paths) => named(writer, 2, paths, pathItem))
  message(writer, 2, document.info, (_, info) => {
    text(writer, 2, info.version)
    text(writer, 1, info.title)
  })
  text(writer, 1, document.swagger)
  return writer.finish()
}

// --- Fields --------------------------------------------------------------------------------------

function message<T>(writer: Writer, tag: number, value: T | undefined, fill: Fill<T>): void {
  if (value === undefined) return
  const { end } = writer
  fill(writer, value)
  writer.prefix(end, tag * 8 + DELIMITED)
}

function each<T>(writer: Writer, tag: number, values: readonly T[] | undefined, fill: Fill<T>) {
  for (const value of values?.toReversed() ?? []) message(writer, tag, value, fill)
}

/** A map is a list of messages, each a name and a value. */
function named(writer: Writer, tag: number, entries: Json, fill: Fill<never>): void {
  each(writer, tag, Object.entries(entries), (_, [name, value]) => {
    message(writer, 2, value as never, fill)
    text(writer, 1, name)
  })
}

function text(writer: Writer, tag: number, value: unknown): void {
  if (typeof value !== 'string' || value === '') return
  const { end } = writer
  writer.text(value)
  writer.prefix(end, tag * 8 + DELIMITED)
}

function texts(writer: Writer, tag: number, values: unknown): void {
  for (const value of (values as readonly string[] | undefined)?.toReversed() ?? []) {
    message(writer, tag, value, () => writer.text(value))
  }
}

function whole(writer: Writer, tag: number, value: unknown): void {
  if (!value) return
  writer.int64(Number(value))
  writer.varint(tag * 8 + VARINT)
}

function double(writer: Writer, tag: number, value: unknown): void {
  if (!value) return
  writer.double(value as number)
  writer.varint(tag * 8 + FIXED64)
}

/** Any value, as YAML: JSON is that too. */
const anyValue: Fill<unknown> = (writer, value) => text(writer, 2, JSON.stringify(value))

function extensions(writer: Writer, tag: number, value: Json): void {
  const own = Object.entries(value).filter(([name]) => name.startsWith('x-'))
  named(writer, tag, Object.fromEntries(own), anyValue)
}

// --- Messages ------------------------------------------------------------------------------------

const schema: Fill<Json> = (writer, value) => {
  extensions(writer, 31, value)
  message(writer, 30, value.example, anyValue)
  message(writer, 25, value.properties as Json | undefined, (_, properties) =>
    named(writer, 1, properties, schema),
  )
  each(writer, 24, value.allOf as readonly Json[] | undefined, schema)
  message(writer, 23, value.items as Json | undefined, (_, items) =>
    message(writer, 1, items, schema),
  )
  message(writer, 22, value.type, (_, type) => texts(writer, 1, [type]))
  message(writer, 21, value.additionalProperties, additionalProperties)
  each(writer, 20, value.enum as readonly unknown[] | undefined, anyValue)
  texts(writer, 19, value.required)
  limits(writer, value)
  text(writer, 4, value.description)
  text(writer, 3, value.title)
  text(writer, 2, value.format)
  text(writer, 1, value.$ref)
}

function limits(writer: Writer, value: Json): void {
  whole(writer, 18, value.minProperties)
  whole(writer, 17, value.maxProperties)
  whole(writer, 16, value.uniqueItems)
  whole(writer, 15, value.minItems)
  whole(writer, 14, value.maxItems)
  text(writer, 13, value.pattern)
  whole(writer, 12, value.minLength)
  whole(writer, 11, value.maxLength)
  whole(writer, 10, value.exclusiveMinimum)
  double(writer, 9, value.minimum)
  whole(writer, 8, value.exclusiveMaximum)
  double(writer, 7, value.maximum)
  double(writer, 6, value.multipleOf)
}

const additionalProperties: Fill<unknown> = (writer, value) => {
  if (typeof value === 'object') message(writer, 1, value as Json, schema)
  else {
    // One of two choices, so it is written even when it is false.
    writer.varint(value ? 1 : 0)
    writer.varint(2 * 8 + VARINT)
  }
}

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch']

const pathItem: Fill<Json> = (writer, item) => {
  each(writer, 9, item.parameters as readonly Json[] | undefined, parameterItem)
  for (const [position, method] of [...methods.entries()].reverse()) {
    message(writer, position + 2, item[method] as Json | undefined, operation)
  }
}

const operation: Fill<Json> = (writer, value) => {
  extensions(writer, 13, value)
  texts(writer, 10, value.schemes)
  message(writer, 9, value.responses as Json, (_, responses) =>
    named(writer, 1, responses, (__, each) => message(writer, 1, each as Json, response)),
  )
  each(writer, 8, value.parameters as readonly Json[] | undefined, parameterItem)
  texts(writer, 7, value.consumes)
  texts(writer, 6, value.produces)
  text(writer, 5, value.operationId)
  text(writer, 3, value.description)
  texts(writer, 1, value.tags)
}

const response: Fill<Json> = (writer, value) => {
  message(writer, 2, value.schema as Json | undefined, (_, own) => message(writer, 1, own, schema))
  text(writer, 1, value.description)
}

const parameterItem: Fill<Json> = (writer, value) =>
  message(writer, 1, value, () => {
    if (value.in === 'body') message(writer, 1, value, bodyParameter)
    else message(writer, 2, value, plainParameter)
  })

const bodyParameter: Fill<Json> = (writer, value) => {
  message(writer, 5, value.schema as Json, schema)
  whole(writer, 4, value.required)
  text(writer, 3, value.in)
  text(writer, 2, value.name)
}

/** Parameters of the query and of the path differ in one field and so in most tags. */
const plainParameter: Fill<Json> = (writer, value) => {
  const isQuery = value.in === 'query'
  const shift = isQuery ? 1 : 0
  message(writer, isQuery ? 3 : 4, value, () => {
    whole(writer, 19 + shift, value.uniqueItems)
    text(writer, 5 + shift, value.type)
    text(writer, 4, value.name)
    text(writer, 3, value.description)
    text(writer, 2, value.in)
    whole(writer, 1, value.required)
  })
}

const securityDefinition: Fill<Json> = (writer, value) =>
  message(writer, 2, value, () => {
    text(writer, 4, value.description)
    text(writer, 3, value.in)
    text(writer, 2, value.name)
    text(writer, 1, value.type)
  })
