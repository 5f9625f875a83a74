/** Results as bytes: objects, lists, tables and bare metadata in JSON, YAML or protobuf. */
import { stringify } from 'yaml'
import { type Kind, listKindOf, listSchema } from '#api/kind.ts'
import { PartialObjectMetadata } from '#api/kinds/meta/partial-object-metadata.ts'
import { encodeProtobuf } from '#api/protobuf/envelope.ts'
import type { Schema } from '#api/schema.ts'
import { badRequest } from '#api/status.ts'
import { type IncludeObject, tableFor } from '#api/table-rows.ts'
import type { RequestContext } from '../request-context.ts'
import type { EntryResult, ListResult, ObjectResult } from '../result.ts'
import type { ApiObject } from '../stored-object.ts'
import { Chunks } from './chunks.ts'
import { json, objectMediaTypes, protobuf, yaml } from './media-types.ts'
import { type Representation, representationFor, type View } from './representation.ts'

export interface Encoded {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | string | readonly Buffer[]
}

type ObjectsResult = EntryResult | ObjectResult | ListResult

const oneViews: readonly View[] = ['Table', 'PartialObjectMetadata']
const listViews: readonly View[] = ['Table', 'PartialObjectMetadataList']
/** Custom resources are written in no schema that protobuf clients know. */
const customMediaTypes = [json, yaml] as const

export function encodedResult(
  context: RequestContext,
  result: ObjectsResult,
  now: number,
): Encoded {
  const { resource } = result
  const representation = representationFor(context, {
    mediaTypes: resource?.isCustom ? customMediaTypes : objectMediaTypes,
    views: !resource ? [] : result.type === 'list' ? listViews : oneViews,
  })
  const status = result.type === 'list' ? 200 : result.status
  const headers = { 'content-type': contentTypeOf(representation), ...cacheHeaders }
  return { status, headers, body: bodyOf(context, result, representation, now) }
}

/** Answers depend on who asks and when. */
const cacheHeaders = { 'cache-control': 'no-cache, private' }

function contentTypeOf({ mediaType, view, viewVersion }: Representation): string {
  // A table tells by its kind what it is; only protobuf needs the parameters to be read at all.
  return view && mediaType === protobuf
    ? `${mediaType};as=${view};g=meta.k8s.io;v=${viewVersion}`
    : mediaType
}

function bodyOf(
  context: RequestContext,
  result: ObjectsResult,
  representation: Representation,
  now: number,
): Buffer | string | readonly Buffer[] {
  const { mediaType, view, pretty } = representation
  const isPlainJson = mediaType === json && !view && !pretty
  if (isPlainJson && result.type === 'entry')
    return [...result.resource.objectParts(result.entry), newline]
  if (isPlainJson && result.type === 'list') return listJson(result)
  if (view === 'Table') {
    return encoded(tableOf(context, result, now, representation), undefined, representation)
  }
  if (view)
    return encoded(metadataOf(result, representation), metadataSchema(result), representation)
  const { object, schema } = wholeOf(result)
  return encoded(object, schema, representation)
}

const newline = Buffer.from('\n')

/** A list spliced from stored bytes: nothing is parsed, however long it is. */
function listJson({ resource, entries, ...page }: ListResult): readonly Buffer[] {
  const { kind } = resource
  const identity = {
    kind: listKindOf(kind),
    apiVersion: kind.apiVersion,
    metadata: listMeta(page, resource.isCustom),
  }
  const out = new Chunks()
  out.bytes(Buffer.from(`${JSON.stringify(identity).slice(0, -1)},"items":[`))
  let isFirst = true
  for (const entry of entries) {
    if (!isFirst) out.text(',')
    isFirst = false
    resource.writeItem(entry, out)
  }
  out.text(']}\n')
  return out.done()
}

/** Lists of custom resources say that there is no next page, others say nothing then. */
function listMeta(page: Pick<ListResult, 'revision' | 'continue' | 'remaining'>, isCustom = false) {
  return {
    resourceVersion: String(page.revision),
    ...((page.continue || isCustom) && { continue: page.continue ?? '' }),
    ...(page.remaining && { remainingItemCount: page.remaining }),
  }
}

/** The object of a result, parsed because its representation is not the stored one. */
function wholeOf(result: ObjectsResult): { object: object; schema: Schema } {
  if (result.type === 'object') return { object: result.object, schema: result.kind.schema }
  const { resource } = result
  const { kind } = resource
  if (result.type === 'entry') return { object: resource.parse(result.entry), schema: kind.schema }
  const items = result.entries.map((entry) => withoutType(resource.parse(entry), resource.isCustom))
  const identity = { kind: listKindOf(kind), apiVersion: kind.apiVersion }
  const metadata = listMeta(result, resource.isCustom)
  return { object: { ...identity, metadata, items }, schema: listSchema(kind) }
}

function withoutType(object: ApiObject, keepsType: boolean): object {
  if (keepsType) return object
  const { kind: _, apiVersion: __, ...item } = object
  return item
}

function objectsOf(result: ObjectsResult): ApiObject[] {
  if (result.type === 'object') return [result.object as ApiObject]
  const entries = result.type === 'list' ? result.entries : [result.entry]
  return entries.map((entry) => result.resource.parse(entry))
}

const inclusions: readonly string[] = ['None', 'Metadata', 'Object']

export function includeObjectOf({ info }: RequestContext): IncludeObject {
  const wish = info.query.get('includeObject') || 'Metadata'
  if (inclusions.includes(wish)) return wish as IncludeObject
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(wish)}: ` +
      `must be 'Metadata', 'Object', 'None', or empty`,
  )
}

function tableOf(
  context: RequestContext,
  result: ObjectsResult,
  now: number,
  { viewVersion }: Representation,
): object {
  const objects = objectsOf(result)
  const metadata =
    result.type === 'list'
      ? listMeta(result)
      : { resourceVersion: objects[0]!.metadata.resourceVersion }
  const includeObject = includeObjectOf(context)
  const kind = result.resource!.kind as Kind<ApiObject>
  const table = tableFor(kind, objects, { now, includeObject, metadata })
  return { ...table, apiVersion: `meta.k8s.io/${viewVersion}` }
}

function metadataOf(result: ObjectsResult, { viewVersion }: Representation): object {
  const apiVersion = `meta.k8s.io/${viewVersion}`
  const bare = objectsOf(result).map(({ metadata }) => ({
    kind: 'PartialObjectMetadata',
    apiVersion,
    metadata,
  }))
  if (result.type !== 'list') return bare[0]!
  return { kind: 'PartialObjectMetadataList', apiVersion, metadata: listMeta(result), items: bare }
}

function metadataSchema(result: ObjectsResult): Schema {
  return result.type === 'list' ? listSchema(PartialObjectMetadata) : PartialObjectMetadata.schema
}

function encoded(
  object: object,
  schema: Schema | undefined,
  { mediaType, pretty }: Representation,
): Buffer | string {
  switch (mediaType) {
    case yaml:
      return stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })
    case protobuf:
      return Buffer.from(encodeProtobuf(schema as never, object as never))
    default:
      return `${JSON.stringify(object, undefined, pretty ? 2 : 0)}\n`
  }
}
