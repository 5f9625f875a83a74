/**
 * Objects as the store keeps them: JSON in normal form without a resource version, which is the
 * revision of the store and is spliced in when the object leaves. Nothing is parsed to be served.
 */
import { parseJson } from '#api/json.ts'
import type { Kind } from '#api/kind.ts'
import type { ObjectMeta } from '#api/parts/meta/object-meta.ts'
import type { Entry } from './store/store.ts'
import type { Chunks } from './wire/chunks.ts'

/** Any object of the API: what all of them have. */
export interface ApiObject {
  kind: string
  apiVersion: string
  metadata: ObjectMeta
  [field: string]: unknown
}

/** The opening of every stored object of a kind, up to the first field of its metadata. */
function openingOf(kind: Kind): string {
  return `{"kind":"${kind.kind}","apiVersion":"${kind.apiVersion}","metadata":{`
}

/** The bytes to store. `object` must carry kind and apiVersion first, as decoding leaves them. */
export function storedBytes(kind: Kind, object: ApiObject): Buffer {
  const { kind: _, apiVersion: __, metadata, ...fields } = object
  const { resourceVersion: ___, ...meta } = metadata
  const head = openingOf(kind) + JSON.stringify(meta).slice(1)
  const tail = JSON.stringify(fields)
  return Buffer.from(tail === '{}' ? `${head}}` : `${head},${tail.slice(1)}`)
}

/** The object of an entry, with its resource version. A copy that the caller owns. */
export function parsedObject(entry: Entry): ApiObject {
  // Not JSON.parse(): it mistakes some keys with escapes, and managed fields are full of those.
  const object = parseJson(entry.value) as ApiObject
  object.metadata.resourceVersion = String(entry.revision)
  return object
}

/** Writes entries of one kind as JSON without parsing them. */
export interface Splicer {
  /** The whole object; a deleted one carries the revision of its end. */
  object(entry: Entry, revision: number): Buffer
  /** The same in pieces, none of which is copied. */
  parts(entry: Entry): readonly Buffer[]
  /** The object as an item of a typed list, which leaves out kind and apiVersion. */
  writeItem(entry: Entry, out: Chunks): void
}

export function splicerOf(kind: Kind): Splicer {
  const opening = openingOf(kind)
  const skip = Buffer.byteLength(opening)
  return {
    object(entry, revision) {
      const lead = `${opening}"resourceVersion":"${revision}",`
      const size = Buffer.byteLength(lead)
      const rest = entry.value.length - skip
      const bytes = Buffer.allocUnsafe(size + rest)
      bytes.write(lead)
      entry.value.copy(bytes, size, skip)
      return bytes
    },
    parts(entry) {
      const lead = `${opening}"resourceVersion":"${entry.revision}",`
      return [Buffer.from(lead), entry.value.subarray(skip)]
    },
    writeItem(entry, out) {
      out.text(`{"metadata":{"resourceVersion":"${entry.revision}",`)
      out.bytes(entry.value, skip)
    },
  }
}
