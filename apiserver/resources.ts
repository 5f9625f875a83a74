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
  /** All served versions of what lies where its objects lie, by version of the API. */
  versions: Map<string, Resource>
  readonly #splicer: Splicer

  constructor(kind: Kind, options: ResourceOptions = {}) {
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
    this.prefix = `/registry/${stored.group || 'core'}/${stored.plural}/`
    this.versions = new Map([[kind.apiVersion, this]])
    this.#splicer = splicerOf(kind, this.isCustom)
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

  itemJson(entry: Entry): Buffer {
    if (!this.conversion) return this.#splicer.item(entry)
    const { kind: _, apiVersion: __, ...item } = this.parse(entry)
    return Buffer.from(JSON.stringify(item))
  }
}

/** Changes while the server runs: custom resources come and go. */
export class ResourceTable {
  readonly #resources = new Map<string, Resource>()
  #generation = 0

  /** Grows with each change, so that what is derived from the table knows when it is out of date. */
  get generation(): number {
    return this.#generation
  }

  add(resource: Resource): void {
    for (const other of this.#resources.values()) {
      if (other.prefix !== resource.prefix) continue
      resource.versions = other.versions.set(resource.kind.apiVersion, resource)
      break
    }
    this.#generation++
    this.#resources.set(pathOf(resource.group, resource.version, resource.plural), resource)
  }

  remove(resource: Resource): void {
    resource.versions.delete(resource.kind.apiVersion)
    this.#generation++
    this.#resources.delete(pathOf(resource.group, resource.version, resource.plural))
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
