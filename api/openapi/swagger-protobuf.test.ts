/** OpenAPI v2 in protobuf, read back through schemas of the parts that clients look at. */
import { expect, test } from 'vitest'
import { decodeMessage } from '../protobuf/decode.ts'
import { kinds } from '../registry.ts'
import {
  boolean,
  lazy,
  listOf,
  omitEmpty,
  optional,
  type Schema,
  string,
  struct,
} from '../schema.ts'
import { openapiDocument } from './document.ts'
import { swaggerDocument } from './swagger.ts'
import {
  encodeSwagger,
  SWAGGER_PROTOBUF_MEDIA_TYPE,
  SWAGGER_PROTOBUF_OLD_MEDIA_TYPE,
} from './swagger-protobuf.ts'

const message = (fields: Parameters<typeof struct>[2]) =>
  struct('test.v1.Message', 'A message.', fields)
const field = (tag: number, schema: Schema) => omitEmpty(tag, schema, 'A field.')
const part = (tag: number, schema: Schema) => optional(tag, schema, 'A part.')
const entry = (value: Schema) => message({ name: field(1, string), value: part(2, value) })

const anyValue = message({ yaml: field(2, string) })
const schema: Schema = lazy(() => schemaMessage)
const schemaMessage = message({
  $ref: field(1, string),
  format: field(2, string),
  description: field(4, string),
  required: field(19, listOf(string)),
  enum: field(20, listOf(anyValue)),
  additionalProperties: part(21, message({ schema: part(1, schema), boolean: part(2, boolean) })),
  type: part(22, message({ value: field(1, listOf(string)) })),
  items: part(23, message({ schema: field(1, listOf(schema)) })),
  properties: part(25, message({ entries: field(1, listOf(lazy(() => entry(schema)))) })),
  extensions: field(31, listOf(entry(anyValue))),
})
const parameter = message({
  name: field(4, string),
  in: field(2, string),
  queryType: field(6, string),
})
const operation = message({
  operationId: field(5, string),
  parameters: field(
    8,
    listOf(
      message({ it: part(1, message({ plain: part(2, message({ query: part(3, parameter) })) })) }),
    ),
  ),
  extensions: field(13, listOf(entry(anyValue))),
})
const document = message({
  swagger: field(1, string),
  paths: part(
    8,
    message({ entries: field(2, listOf(entry(message({ get: part(2, operation) })))) }),
  ),
  definitions: part(9, message({ entries: field(1, listOf(entry(schema))) })),
})

const apps = openapiDocument({
  group: 'apps',
  version: 'v1',
  kinds: kinds.filter(({ group, version }) => group === 'apps' && version === 'v1'),
})
const swagger = swaggerDocument([apps])

interface Named<T> {
  readonly name: string
  readonly value: T
}
interface Read {
  readonly swagger: string
  readonly paths: { readonly entries: readonly Named<{ readonly get: object }>[] }
  readonly definitions: { readonly entries: readonly Named<ReadSchema>[] }
}
interface ReadSchema {
  readonly properties: { readonly entries: readonly Named<object>[] }
}

const read = decodeMessage(document, encodeSwagger(swagger)) as Read
const named = <T>(entries: readonly Named<T>[], name: string): T =>
  entries.find((each) => each.name === name)!.value

test('the media type is a valid one, unlike that which older clients ask for', () => {
  const types = [SWAGGER_PROTOBUF_MEDIA_TYPE, SWAGGER_PROTOBUF_OLD_MEDIA_TYPE]
  expect(types.map((type) => type.includes('@'))).toEqual([false, true])
})

test('every definition and path is there, in the order of the document', () => {
  expect(read.swagger).toBe('2.0')
  expect(read.definitions.entries.map(({ name }) => name)).toEqual(Object.keys(swagger.definitions))
  expect(read.paths.entries.map(({ name }) => name)).toEqual(Object.keys(swagger.paths))
})

test('a kind carries its marks', () => {
  const deployment = named(read.definitions.entries, 'io.k8s.api.apps.v1.Deployment')
  expect(deployment).toMatchObject({
    type: { value: ['object'] },
    extensions: [
      {
        name: 'x-kubernetes-group-version-kind',
        value: { yaml: '[{"group":"apps","version":"v1","kind":"Deployment"}]' },
      },
    ],
  })
  expect(named(deployment.properties.entries, 'spec')).toMatchObject({
    $ref: '#/definitions/io.k8s.api.apps.v1.DeploymentSpec',
    description: expect.stringMatching(/\.$/),
  })
})

test('lists and maps carry their items and merge keys', () => {
  const podSpec = named(read.definitions.entries, 'io.k8s.api.core.v1.PodSpec')
  expect(named(podSpec.properties.entries, 'containers')).toMatchObject({
    type: { value: ['array'] },
    items: { schema: [{ $ref: '#/definitions/io.k8s.api.core.v1.Container' }] },
    extensions: expect.arrayContaining([
      { name: 'x-kubernetes-patch-merge-key', value: { yaml: '"name"' } },
    ]),
  })
  expect(named(podSpec.properties.entries, 'nodeSelector')).toMatchObject({
    additionalProperties: { schema: { type: { value: ['string'] } } },
  })
})

test('operations carry their parameters and actions', () => {
  const { get } = named(read.paths.entries, '/apis/apps/v1/deployments')
  expect(get).toMatchObject({
    operationId: 'listAppsV1DeploymentForAllNamespaces',
    parameters: expect.arrayContaining([
      { it: { plain: { query: { name: 'labelSelector', in: 'query', queryType: 'string' } } } },
    ]),
    extensions: expect.arrayContaining([
      { name: 'x-kubernetes-action', value: { yaml: '"list"' } },
    ]),
  })
})
