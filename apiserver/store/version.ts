/** One version of a key in memory, and the change that made it. */
import type { Attributes, Change, ChangeType, Entry } from './store.ts'
import { type Block, noBlock, type Placed } from './value-arena.ts'

const TOMBSTONE_LENGTH = -1

/**
 * Numbers and references only, and the value as a place in a block: 150,000 of these are what the
 * garbage collector has to walk. A version whose key was deleted is a tombstone without a value.
 */
export class Version implements Entry, Placed {
  readonly key: string
  readonly labels: Attributes
  readonly fields: Attributes
  readonly revision: number
  readonly createRevision: number
  readonly expiresAt: number
  block: Block = noBlock
  offset = 0
  length = TOMBSTONE_LENGTH
  /** The version before this one, as long as history holds it. */
  older: Version | undefined

  constructor(
    entry: Pick<Entry, 'key' | 'revision' | 'createRevision' | 'expiresAt'>,
    labels: Attributes,
    fields: Attributes,
    older: Version | undefined,
  ) {
    this.key = entry.key
    this.labels = labels
    this.fields = fields
    this.revision = entry.revision
    this.createRevision = entry.createRevision
    this.expiresAt = entry.expiresAt
    this.older = older
  }

  get value(): Buffer {
    return this.block.bytes.subarray(this.offset, this.offset + this.length)
  }

  get isTombstone(): boolean {
    return this.length === TOMBSTONE_LENGTH
  }

  /** The version that a read at `revision` sees; undefined when the key was not there. */
  at(revision: number): Version | undefined {
    let version: Version | undefined = this
    while (version && version.revision > revision) version = version.older
    return version && !version.isTombstone ? version : undefined
  }
}

export class VersionChange implements Change {
  readonly version: Version
  readonly previous: Version | undefined
  /** Wall-clock milliseconds of the commit: history is kept by age. */
  readonly time: number

  constructor(version: Version, previous: Version | undefined, time: number) {
    this.version = version
    this.previous = previous
    this.time = time
  }

  get type(): ChangeType {
    if (this.version.isTombstone) return 'deleted'
    return this.previous ? 'updated' : 'created'
  }

  get key(): string {
    return this.version.key
  }

  get revision(): number {
    return this.version.revision
  }

  get entry(): Version | undefined {
    return this.version.isTombstone ? undefined : this.version
  }
}
