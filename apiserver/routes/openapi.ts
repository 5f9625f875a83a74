/** Serves OpenAPI: v3 in one document for each group and version, v2 in one for all. */
import {
  groupDocument,
  type OpenApiDocument,
  openapiDocument,
  rootDocument,
} from '#api/openapi/document.ts'
import { swaggerDocument } from '#api/openapi/swagger.ts'
import {
  encodeSwagger,
  SWAGGER_PROTOBUF_MEDIA_TYPE,
  SWAGGER_PROTOBUF_OLD_MEDIA_TYPE,
} from '#api/openapi/swagger-protobuf.ts'
import { methodNotAllowed, notAcceptable } from '#api/status.ts'
import type { RequestContext, ServerParts } from '../request-context.ts'
import type { ResourceTable } from '../resources.ts'
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

class Hashed {
  readonly form: EncodedForm
  readonly hash: string

  constructor(value: object | Buffer) {
    const bytes = Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value))
    this.form = new EncodedForm(bytes)
    this.hash = hashOf(bytes)
  }

  answer(context: RequestContext, contentType: string, headers: object): PlainResult {
    const etag = `"${this.hash}"`
    const all = { 'content-type': contentType, etag, vary: 'Accept', ...headers }
    return isKnown(context, etag) ? notModified(all) : this.form.answer(context, all)
  }
}

const documentsOf = fromTable((table): ReadonlyMap<string, OpenApiDocument> => {
  const served = servedOf(table)
  const documents = new Map<string, OpenApiDocument>()
  documents.set('api', rootDocument('/api', serverVersion))
  documents.set('apis', rootDocument('/apis', serverVersion))
  for (const { group, version, resources } of served) {
    if (group) documents.set(`apis/${group}`, groupDocument(group, serverVersion))
    const options = {
      group,
      version,
      kinds: resources.map(({ kind }) => kind),
      groupVersions: served,
      serverVersion,
    }
    documents.set(group ? `apis/${group}/${version}` : `api/${version}`, openapiDocument(options))
  }
  return documents
})

const hashedOf = fromTable((table): ReadonlyMap<string, Hashed> => {
  const documents = [...documentsOf(table)]
  return new Map(documents.map(([path, document]) => [path, new Hashed(document)]))
})

const indexOf = fromTable((table): Hashed => {
  const entries = [...hashedOf(table)]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([path, { hash }]) => [path, { serverRelativeURL: urlOf(path, hash) }])
  return new Hashed({ paths: Object.fromEntries(entries) })
})

const urlOf = (path: string, hash: string): string => `${INDEX_PATH}/${path}?hash=${hash}`

const swaggerOf = fromTable((table) => swaggerDocument([...documentsOf(table).values()]))
const swaggerJson = fromTable((table) => new Hashed(swaggerOf(table)))
const swaggerBytes = fromTable((table) => new Hashed(Buffer.from(encodeSwagger(swaggerOf(table)))))

export function openapiV3(
  context: RequestContext,
  { resources, clock }: Pick<ServerParts, 'resources' | 'clock'>,
): Result {
  readOnly(context)
  accepted(context, [json])
  const { path } = context.info
  const name = path.slice(INDEX_PATH.length + 1).replace(/\/$/, '')
  if (!name) return indexOf(resources).answer(context, json, revalidated)
  const found = hashedOf(resources).get(name)
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

export function openapiV2(
  context: RequestContext,
  { resources }: { readonly resources: ResourceTable },
): Result {
  readOnly(context)
  const type = accepted(context, [
    json,
    SWAGGER_PROTOBUF_MEDIA_TYPE,
    SWAGGER_PROTOBUF_OLD_MEDIA_TYPE,
  ])
  if (type === json) return swaggerJson(resources).answer(context, json, revalidated)
  return swaggerBytes(resources).answer(context, SWAGGER_PROTOBUF_MEDIA_TYPE, revalidated)
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
