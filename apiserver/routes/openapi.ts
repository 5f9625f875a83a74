/** Serves OpenAPI: v3 in one document for each group and version, v2 in one for all. */
import {
  groupDocument,
  type OpenApiDocument,
  openapiDocument,
  rootDocument,
} from '#api/openapi/document.ts'
import { SwaggerBuilder, type SwaggerDocument } from '#api/openapi/swagger.ts'
import {
  encodeSwagger,
  SWAGGER_PROTOBUF_MEDIA_TYPE,
  SWAGGER_PROTOBUF_OLD_MEDIA_TYPE,
} from '#api/openapi/swagger-protobuf.ts'
import { methodNotAllowed, notAcceptable } from '#api/status.ts'
import type { RequestContext, ServerParts } from '../request-context.ts'
import type { Resource, ResourceTable } from '../resources.ts'
import type { PlainResult, Result } from '../result.ts'
import { serverVersion } from '../version.ts'
import { acceptedTypes, covers, json } from '../wire/media-types.ts'
import { servedOf } from './discovery.ts'
import { EncodedForm, hashOf, isKnown, notModified } from './document.ts'
import { fromTable } from './from-table.ts'

const INDEX_PATH = '/openapi/v3'
/** What a hash names never changes, so that callers may keep it for ever. */
const immutable = { 'cache-control': 'public, immutable' }
const YEAR_MS = 365 * 24 * 3600 * 1000

/** A document with the hash that tells whether it is still the same. */
class Hashed {
  readonly #make: () => object | Buffer
  readonly #tag: string | undefined
  #form: EncodedForm | WeakRef<EncodedForm> | undefined
  #hash: string | undefined

  /** `tag`: what the document is made from, where the hash shall not need the document itself. */
  constructor(make: () => object | Buffer, tag?: string) {
    this.#make = make
    this.#tag = tag
  }

  get hash(): string {
    this.#hash ??= hashOf(this.#tag === undefined ? this.form.bytes : Buffer.from(this.#tag))
    return this.#hash
  }

  /** Documents of custom resources, of which there may be many, stay only while there is room. */
  get form(): EncodedForm {
    const known = this.#form instanceof WeakRef ? this.#form.deref() : this.#form
    if (known) return known
    const value = this.#make()
    const bytes = Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value))
    const form = new EncodedForm(bytes)
    this.#form = this.#tag === undefined ? form : new WeakRef(form)
    return form
  }

  answer(context: RequestContext, contentType: string, headers: object): PlainResult {
    const etag = `"${this.hash}"`
    const all = { 'content-type': contentType, etag, vary: 'Accept', ...headers }
    return isKnown(context, etag) ? notModified(all) : this.form.answer(context, all)
  }
}

interface GroupVersionDocument {
  readonly resources: readonly Resource[]
  readonly make: () => OpenApiDocument
  readonly hashed: Hashed
}

const madeBefore = new WeakMap<ResourceTable, ReadonlyMap<string, GroupVersionDocument>>()

/** By path. What a change of the table leaves alone is not made again. */
const documentsOf = fromTable((table): ReadonlyMap<string, GroupVersionDocument> => {
  const before = madeBefore.get(table)
  const served = servedOf(table)
  const builtIn = served.filter(({ resources }) => resources.some(({ isCustom }) => !isCustom))
  const documents = new Map<string, GroupVersionDocument>()
  const add = (path: string, resources: readonly Resource[], make: () => OpenApiDocument): void => {
    const known = before?.get(path)
    const isSame = known && isSameList(known.resources, resources)
    const document = { resources, make, hashed: new Hashed(make, tagOf(resources)) }
    documents.set(path, isSame ? known : document)
  }
  add('api', [], () => rootDocument('/api', serverVersion))
  add('apis', [], () => rootDocument('/apis', serverVersion))
  for (const { group, version, resources } of served) {
    if (group) add(`apis/${group}`, [], () => groupDocument(group, serverVersion))
    const options = { group, version, groupVersions: builtIn, serverVersion }
    const make = (): OpenApiDocument =>
      openapiDocument({ ...options, kinds: resources.map(({ kind }) => kind) })
    add(group ? `apis/${group}/${version}` : `api/${version}`, resources, make)
  }
  madeBefore.set(table, documents)
  return documents
})

const isSameList = (one: readonly unknown[], other: readonly unknown[]): boolean =>
  one.length === other.length && one.every((each, position) => each === other[position])

/** Undefined where something is built in, which never changes. */
function tagOf(resources: readonly Resource[]): string | undefined {
  const tags = resources.map(({ tag }) => tag)
  if (!tags.length || tags.includes(undefined)) return undefined
  return JSON.stringify([serverVersion, ...tags])
}

const indexOf = fromTable((table): Hashed => {
  const entries = [...documentsOf(table)]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([path, { hashed }]) => [path, { serverRelativeURL: urlOf(path, hashed.hash) }])
  return new Hashed(() => ({ paths: Object.fromEntries(entries) }))
})

const urlOf = (path: string, hash: string): string => `${INDEX_PATH}/${path}?hash=${hash}`

/** Gives way to requests between the documents, of which there may be thousands. */
async function swaggerOf(table: ResourceTable): Promise<SwaggerDocument> {
  const builder = new SwaggerBuilder()
  for (const { make } of documentsOf(table).values()) {
    builder.add(make())
    await new Promise((resolve) => setImmediate(resolve))
  }
  return builder.build()
}

const swaggerJson = fromTable(async (table) => {
  const document = await swaggerOf(table)
  return new Hashed(() => document)
})
const swaggerBytes = fromTable(async (table) => {
  const document = await swaggerOf(table)
  return new Hashed(() => Buffer.from(encodeSwagger(document)))
})

export function openapiV3(
  context: RequestContext,
  { resources, clock }: Pick<ServerParts, 'resources' | 'clock'>,
): Result {
  readOnly(context)
  accepted(context, [json])
  const { path } = context.info
  const name = path.slice(INDEX_PATH.length + 1).replace(/\/$/, '')
  if (!name) return indexOf(resources).answer(context, json, revalidated)
  const found = documentsOf(resources).get(name)?.hashed
  if (!found) return { type: 'plain', status: 404, headers: {}, body: '' }
  const hash = context.info.query.get('hash')
  if (hash === null) return found.answer(context, json, revalidated)
  if (hash !== found.hash) return redirect(urlOf(name, found.hash))
  const expires = new Date(clock.now() + YEAR_MS).toUTCString()
  return found.answer(context, json, { ...immutable, expires })
}

/** Callers may keep it, and ask each time whether it is still true. */
const revalidated = { 'cache-control': 'no-cache, private' }

const redirect = (location: string): PlainResult => ({
  type: 'plain',
  status: 301,
  headers: { location, 'content-type': 'text/plain; charset=utf-8' },
  body: 'the document has changed\n',
})

export async function openapiV2(
  context: RequestContext,
  { resources }: { readonly resources: ResourceTable },
): Promise<Result> {
  readOnly(context)
  const type = accepted(context, [
    json,
    SWAGGER_PROTOBUF_MEDIA_TYPE,
    SWAGGER_PROTOBUF_OLD_MEDIA_TYPE,
  ])
  if (type === json) return (await swaggerJson(resources)).answer(context, json, revalidated)
  return (await swaggerBytes(resources)).answer(context, SWAGGER_PROTOBUF_MEDIA_TYPE, revalidated)
}

function accepted<Type extends string>(context: RequestContext, offered: readonly Type[]): Type {
  for (const each of acceptedTypes(context.headers.accept)) {
    const found = offered.find((type) => covers(each, type))
    if (found) return found
  }
  throw notAcceptable(offered)
}

function readOnly({ method }: RequestContext): void {
  if (method !== 'GET' && method !== 'HEAD') throw methodNotAllowed()
}

export const openapiPaths = (resources: ResourceTable): string[] => [
  '/openapi/v2',
  INDEX_PATH,
  ...[...documentsOf(resources).keys()].map((path) => `${INDEX_PATH}/${path}`),
]
