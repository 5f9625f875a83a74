/** The table of resources: what is served where, and how each lies in the store. */
import type { Kind } from '#api/kind.ts'
import { selectableFieldsOf } from './selectable-fields.ts'
import type { Draft, Entry } from './store/store.ts'
import {
  type ApiObject,
  parsedObject,
  type Splicer,
  splicerOf,
  storedBytes,
} from './stored-object.ts'
import type { Chunks } from './wire/chunks.ts'

/** Two kinds that are views of the same stored objects, such as the two kinds of Event. */
export interface Conversion {
  /** The kind that is stored. */
  readonly stored: Kind
  toStored(object: ApiObject): ApiObject
  fromStored(object: ApiObject): ApiObject
}

export interface ResourceOptions {
  readonly conversion?: Conversion
  /** Seconds after which its objects vanish. */
  readonly ttlSeconds?: number
  /** Acknowledged before they are flushed: Leases and Events. */
  readonly relaxed?: boolean
  readonly isCustom?: boolean
  /** Told with every answer about a version that shall not be used any more. */
  readonly deprecation?: string
  /** Names what its kind was made from, if that may change: equal tags, equal kinds. */
  readonly tag?: string
}

/** One resource in one version. */
export class Resource {
  readonly kind: Kind
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly isNamespaced: boolean
  readonly isCustom: boolean
  /** Where its objects lie, such as `/registry/apps/deployments/`. */
  readonly prefix: string
  readonly conversion: Conversion | undefined
  readonly ttlSeconds: number | undefined
  readonly relaxed: boolean
  readonly deprecation: string | undefined
  readonly tag: string | undefined
  /** Aborted when it is served no more, or otherwise than before: its watches end then. */
  readonly retired: AbortSignal | undefined
  /** All served versions of what lies where its objects lie, by version of the API. */
  versions: Map<string, Resource>
  readonly #splicer: Splicer

  constructor(kind: Kind, options: ResourceOptions = {}, retired?: AbortSignal) {
    const stored = options.conversion?.stored ?? kind
    this.kind = kind
    this.group = kind.group
    this.version = kind.version
    this.plural = kind.plural!
    this.isNamespaced = kind.scope === 'Namespaced'
    this.isCustom = options.isCustom ?? false
    this.conversion = options.conversion
    this.ttlSeconds = options.ttlSeconds
    this.relaxed = options.relaxed ?? false
    this.deprecation = options.deprecation ?? kind.deprecation
    this.tag = options.tag
    this.retired = retired
    this.prefix = `/registry/${stored.group || 'core'}/${stored.plural}/`
    this.versions = new Map([[kind.apiVersion, this]])
    this.#splicer = splicerOf(kind)
  }

  /** No new objects are taken, because all of them are being removed. */
  get isClosed(): boolean {
    return false
  }

  keyOf(namespace: string, name: string): string {
    return namespace ? `${this.prefix}${namespace}/${name}` : this.prefix + name
  }

  /** Where the objects of one namespace lie; of all, with ''. */
  prefixOf(namespace: string): string {
    return namespace ? `${this.prefix}${namespace}/` : this.prefix
  }

  /** What to write for an object, with everything that selectors read beside it. */
  draft(object: ApiObject): Draft {
    const stored = this.conversion?.toStored(object) ?? object
    const kind = this.conversion?.stored ?? this.kind
    const { name, namespace = '', labels } = object.metadata
    return {
      key: this.keyOf(namespace, name),
      value: storedBytes(kind, stored),
      ...(labels && { labels }),
      fields: selectableFieldsOf(kind, stored),
      ...(this.ttlSeconds !== undefined && { ttlSeconds: this.ttlSeconds }),
    }
  }

  /** What a field selector compares; undefined where the object has no such field. */
  fieldOf(entry: Entry, field: string): string | undefined {
    return entry.fields[field]
  }

  /** The object of an entry in this version; a copy that the caller owns. */
  parse(entry: Entry): ApiObject {
    const object = parsedObject(entry)
    return this.conversion?.fromStored(object) ?? object
  }

  /** The JSON of an entry; parsed only when this version is not the stored one. */
  objectJson(entry: Entry, revision = entry.revision): Buffer {
    if (!this.conversion) return this.#splicer.object(entry, revision)
    const object = this.parse(entry)
    object.metadata.resourceVersion = String(revision)
    return Buffer.from(JSON.stringify(object))
  }

  /** The same in pieces, of which the largest is the stored one. */
  objectParts(entry: Entry): readonly Buffer[] {
    return this.conversion ? [this.objectJson(entry)] : this.#splicer.parts(entry)
  }

  /** The JSON of an entry as an item of a typed list, which leaves out kind and apiVersion. */
  writeItem(entry: Entry, out: Chunks): void {
    if (!this.conversion) {
      this.#splicer.writeItem(entry, out)
      return
    }
    const { kind: _, apiVersion: __, ...item } = this.parse(entry)
    out.bytes(Buffer.from(JSON.stringify(item)))
  }
}

/** Changes while the server runs: custom resources come and go. */
export class ResourceTable {
  readonly #resources = new Map<string, Resource>()
  /** By where the objects lie. */
  readonly #versions = new Map<string, Map<string, Resource>>()
  #generation = 0

  /** Grows with each change: what is derived from the table knows when it is out of date. */
  get generation(): number {
    return this.#generation
  }

  /** Takes the place of what was served there before. */
  add(resource: Resource): void {
    const { prefix, kind } = resource
    const versions = this.#versions.get(prefix) ?? new Map<string, Resource>()
    this.#versions.set(prefix, versions.set(kind.apiVersion, resource))
    resource.versions = versions
    this.#generation++
    this.#resources.set(pathOf(resource.group, resource.version, resource.plural), resource)
  }

  remove(resource: Resource): void {
    const path = pathOf(resource.group, resource.version, resource.plural)
    if (this.#resources.get(path) !== resource) return
    resource.versions.delete(resource.kind.apiVersion)
    if (!resource.versions.size) this.#versions.delete(resource.prefix)
    this.#generation++
    this.#resources.delete(path)
  }

  /** The versions of what lies at a prefix. */
  at(prefix: string): Iterable<Resource> {
    return this.#versions.get(prefix)?.values() ?? []
  }

  find(group: string, version: string, plural: string): Resource | undefined {
    return this.#resources.get(pathOf(group, version, plural))
  }

  /** In the order in which they were added. */
  all(): Iterable<Resource> {
    return this.#resources.values()
  }
}

const pathOf = (group: string, version: string, plural: string): string =>
  `${group}/${version}/${plural}`
