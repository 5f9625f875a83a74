/** All versions of one definition, and how what is stored is brought from one to another. */
import { createHash } from 'node:crypto'
import { decode } from '#api/decode.ts'
import { applyDefaults } from '#api/defaults.ts'
import type { Kind } from '#api/kind.ts'
import { StatusError } from '#api/status.ts'
import type { Entry } from '../store/store.ts'
import { type ApiObject, parsedObject } from '../stored-object.ts'

/**
 * Kept beside each stored object, under a name that no selector can have: which schema it was
 * written by.
 */
const SCHEMA_MARK = ''
const MARK_BYTES = 9

export interface FamilyOptions {
  /** Every version, also those that are not served: objects may still be stored in them. */
  readonly kinds: ReadonlyMap<string, Kind>
  readonly storage: Kind
  /** Versions are told apart by more than their name, which only a webhook could bridge. */
  readonly webhook: boolean
  /** What is true of the definition however often its versions change. */
  readonly life: Life
}

/** Lasts from the creation of a definition to its end. */
export interface Life {
  /** Set when all objects are to be removed. */
  isClosed: boolean
}

export class Family {
  readonly storage: Kind
  readonly life: Life
  readonly #kinds: ReadonlyMap<string, Kind>
  readonly #webhook: boolean
  #mark: string | undefined

  constructor({ kinds, storage, webhook, life }: FamilyOptions) {
    this.#kinds = kinds
    this.storage = storage
    this.#webhook = webhook
    this.life = life
  }

  /** Names what decides on the form of stored objects. Made once a first object is looked at. */
  get #schemaMark(): string {
    if (this.#mark === undefined) {
      const { apiVersion, selectable = {}, schema } = this.storage
      const text = JSON.stringify([apiVersion, Object.keys(selectable), schema.custom])
      this.#mark = createHash('sha256').update(text).digest().toString('base64', 0, MARK_BYTES)
    }
    return this.#mark
  }

  marked(fields: Readonly<Record<string, string>>): Record<string, string> {
    return { ...fields, [SCHEMA_MARK]: this.#schemaMark }
  }

  /** Whether the bytes of an entry are what the present definition would have stored. */
  isCurrent(entry: Entry): boolean {
    return entry.fields[SCHEMA_MARK] === this.#schemaMark
  }

  /** The object of an entry as the present definition has it, in one of its versions. */
  read(entry: Entry, kind: Kind): ApiObject {
    const object = parsedObject(entry)
    if (this.isCurrent(entry)) return this.convert(object, kind)
    const written = this.#kinds.get(object.apiVersion) ?? this.storage
    const known = decode(written.schema, object) as unknown as ApiObject
    applyDefaults(written.schema, known)
    return this.convert(known, kind)
  }

  /** The form to store: complete, so that it can be served as it is. */
  stored(object: ApiObject): ApiObject {
    if (object.apiVersion === this.storage.apiVersion) return object
    const stored = this.convert(object, this.storage)
    applyDefaults(this.storage.schema, stored)
    return stored
  }

  /** Fields that the other version does not know are dropped; none is filled in. */
  convert(object: ApiObject, kind: Kind): ApiObject {
    if (object.apiVersion === kind.apiVersion) return object
    if (this.#webhook) throw this.#unconvertible(object, kind)
    const converted = decode(kind.schema, object) as unknown as ApiObject
    converted.apiVersion = kind.apiVersion
    return converted
  }

  #unconvertible({ apiVersion }: ApiObject, kind: Kind): StatusError {
    const message =
      `conversion webhook for ${apiVersion}, Kind=${kind.kind} failed: ` +
      `this server cannot ask webhooks to convert to ${kind.apiVersion}`
    return StatusError.withoutReason(500, message)
  }
}
