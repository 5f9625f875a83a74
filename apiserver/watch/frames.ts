/** Watch events as bytes. What many watchers are sent alike is encoded once and shared. */
import type { Kind } from '#api/kind.ts'
import { PartialObjectMetadata } from '#api/kinds/meta/partial-object-metadata.ts'
import { Status } from '#api/kinds/meta/status.ts'
import { encodeProtobuf } from '#api/protobuf/envelope.ts'
import { encodeWatchFrame } from '#api/protobuf/watch-frame.ts'
import type { Schema } from '#api/schema.ts'
import type { StatusError } from '#api/status.ts'
import { type IncludeObject, tableFor } from '#api/table-rows.ts'
import type { Resource } from '../resources.ts'
import type { Change, Entry } from '../store/store.ts'
import type { ApiObject } from '../stored-object.ts'
import { protobuf } from '../wire/media-types.ts'
import type { Representation } from '../wire/representation.ts'

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED'

/** Says that the objects which were there when the watch began have all been sent. */
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end'

export interface Frames {
  readonly contentType: string
  /** `revision` is that of the change, which a deleted object carries too. */
  event(type: EventType, entry: Entry, revision: number, change?: Change): Buffer
  bookmark(revision: number, endsInitialEvents: boolean): Buffer
  error(status: StatusError): Buffer
}

export interface FramesOptions {
  readonly representation: Representation
  readonly includeObject: IncludeObject
  now(): number
}

export function framesFor(resource: Resource, options: FramesOptions): Frames {
  const { mediaType, view } = options.representation
  if (!view && mediaType !== protobuf) return new JsonFrames(resource)
  return new ViewFrames(resource, options)
}

const shared = new WeakMap<Resource, WeakMap<Change, Buffer>>()

/** The usual case: stored bytes between a few constant ones, one buffer for all watchers. */
class JsonFrames implements Frames {
  readonly contentType = 'application/json'
  readonly #resource: Resource
  readonly #cache: WeakMap<Change, Buffer>

  constructor(resource: Resource) {
    this.#resource = resource
    this.#cache = shared.get(resource) ?? new WeakMap()
    shared.set(resource, this.#cache)
  }

  event(type: EventType, entry: Entry, revision: number, change?: Change): Buffer {
    // A selector may turn a change into another event for some watchers: the plain one is kept.
    const isPlain = change !== undefined && plainTypes[change.type] === type
    const known = isPlain ? this.#cache.get(change) : undefined
    if (known) return known
    const frame = jsonFrame(type, this.#resource.objectJson(entry, revision))
    if (isPlain) this.#cache.set(change, frame)
    return frame
  }

  bookmark(revision: number, endsInitialEvents: boolean): Buffer {
    return jsonFrame(
      'BOOKMARK',
      JSON.stringify(bookmarkOf(this.#resource.kind, revision, endsInitialEvents)),
    )
  }

  error(status: StatusError): Buffer {
    return jsonFrame('ERROR', JSON.stringify(status))
  }
}

const plainTypes = { created: 'ADDED', updated: 'MODIFIED', deleted: 'DELETED' } as const
const frameEnd = Buffer.from('}\n')

function jsonFrame(type: string, object: Buffer | string): Buffer {
  const head = `{"type":"${type}","object":`
  if (typeof object === 'string') return Buffer.from(`${head}${object}}\n`)
  return Buffer.concat([Buffer.from(head), object, frameEnd])
}

function bookmarkOf({ kind, apiVersion }: Kind, revision: number, endsInitialEvents: boolean) {
  const annotations = endsInitialEvents ? { annotations: { [INITIAL_EVENTS_END]: 'true' } } : {}
  return {
    kind,
    apiVersion,
    metadata: { resourceVersion: String(revision), ...annotations },
  }
}

/** Tables, bare metadata and protobuf: parsed for each watcher, as few ask for them. */
class ViewFrames implements Frames {
  readonly contentType: string
  readonly #resource: Resource
  readonly #options: FramesOptions
  #isFirst = true

  constructor(resource: Resource, options: FramesOptions) {
    this.#resource = resource
    this.#options = options
    const { mediaType } = options.representation
    this.contentType = mediaType === protobuf ? `${mediaType};stream=watch` : 'application/json'
  }

  event(type: EventType, entry: Entry, revision: number): Buffer {
    const object = this.#resource.parse(entry)
    object.metadata.resourceVersion = String(revision)
    return this.#frame(type, object)
  }

  bookmark(revision: number, endsInitialEvents: boolean): Buffer {
    const { kind } = this.#resource
    return this.#frame('BOOKMARK', bookmarkOf(kind, revision, endsInitialEvents) as never)
  }

  error(status: StatusError): Buffer {
    return this.#encoded('ERROR', status.toJSON(), Status.schema)
  }

  #frame(type: string, object: ApiObject): Buffer {
    const { view, viewVersion } = this.#options.representation
    if (view === 'Table') return this.#encoded(type, this.#table(object), undefined)
    if (!view) return this.#encoded(type, object, this.#resource.kind.schema)
    const bare = {
      kind: 'PartialObjectMetadata',
      apiVersion: `meta.k8s.io/${viewVersion}`,
      metadata: object.metadata,
    }
    return this.#encoded(type, bare, PartialObjectMetadata.schema)
  }

  #table(object: ApiObject): object {
    const { representation, includeObject, now } = this.#options
    const table = tableFor(this.#resource.kind as Kind<ApiObject>, [object], {
      now: now(),
      includeObject,
      metadata: { resourceVersion: object.metadata.resourceVersion },
      ...(!this.#isFirst && { withoutHeaders: true }),
    })
    this.#isFirst = false
    return { ...table, apiVersion: `meta.k8s.io/${representation.viewVersion}` }
  }

  #encoded(type: string, object: object, schema: Schema | undefined): Buffer {
    if (this.#options.representation.mediaType !== protobuf) {
      return jsonFrame(type, JSON.stringify(object))
    }
    return Buffer.from(encodeWatchFrame(type, encodeProtobuf(schema as never, object as never)))
  }
}
