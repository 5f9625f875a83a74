/** One version of a custom resource: like any other, but stored by a schema that may change. */
import type { Kind } from '#api/kind.ts'
import { Resource } from '../resources.ts'
import type { Draft, Entry } from '../store/store.ts'
import type { ApiObject } from '../stored-object.ts'
import type { Chunks } from '../wire/chunks.ts'
import type { Family } from './family.ts'

export interface CustomResourceOptions {
  readonly family: Family
  readonly deprecation?: string
  readonly tag: string
  readonly retired: AbortSignal
}

export class CustomResource extends Resource {
  readonly #family: Family

  constructor(kind: Kind, { family, deprecation, tag, retired }: CustomResourceOptions) {
    const isStored = family.storage === kind
    const conversion = {
      stored: family.storage,
      toStored: (object: ApiObject) => family.convert(object, family.storage),
      fromStored: (object: ApiObject) => family.convert(object, kind),
    }
    const options = {
      isCustom: true,
      tag,
      ...(!isStored && { conversion }),
      ...(deprecation !== undefined && { deprecation }),
    }
    super(kind, options, retired)
    this.#family = family
  }

  override get isClosed(): boolean {
    return this.#family.life.isClosed
  }

  override draft(object: ApiObject): Draft {
    const draft = super.draft(this.#family.stored(object))
    return { ...draft, fields: this.#family.marked(draft.fields ?? {}) }
  }

  /** Fields of another version, or that could not be selected when it was written, are read. */
  override fieldOf(entry: Entry, field: string): string | undefined {
    if (!this.conversion && this.#family.isCurrent(entry)) return entry.fields[field]
    return this.kind.selectable?.[field]?.(this.parse(entry))
  }

  override parse(entry: Entry): ApiObject {
    return this.#family.read(entry, this.kind)
  }

  override objectJson(entry: Entry, revision = entry.revision): Buffer {
    if (!this.conversion && this.#family.isCurrent(entry)) return super.objectJson(entry, revision)
    const object = this.parse(entry)
    object.metadata.resourceVersion = String(revision)
    return Buffer.from(JSON.stringify(object))
  }

  override objectParts(entry: Entry): readonly Buffer[] {
    return [this.objectJson(entry)]
  }

  /** Items of such lists say what they are. */
  override writeItem(entry: Entry, out: Chunks): void {
    out.bytes(this.objectJson(entry))
  }
}
