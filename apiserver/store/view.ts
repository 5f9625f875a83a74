/** The state in memory: every key with its recent versions, readable at any revision kept. */
import { AttributeTexts, noAttributes } from './attribute-texts.ts'
import { History, type HistoryLimits } from './history.ts'
import type { Commit, LogOperation, Pinned, StoredEntry } from './log.ts'
import { SortedKeys } from './sorted-keys.ts'
import type { Entry, ListOptions, Page } from './store.ts'
import { futureRevision, StoreError } from './store-error.ts'
import { ValueArena } from './value-arena.ts'
import { Version, VersionChange } from './version.ts'

/** The revision of a store that nothing was written to, as etcd counts. */
export const FIRST_REVISION = 1
/** Changes dropped from history with each one that is added, at most: no commit waits for more. */
const TRIMMED_PER_CHANGE = 4
/** Keys or changes handled in one turn of the event loop by work in the background. */
const BACKGROUND_BATCH = 2_000
/** What an entry counts for in a page besides its key and value, so that empty ones count too. */
const PAGE_ENTRY_BYTES = 64

export class View {
  readonly history: History
  readonly #keys = new SortedKeys<Version>((version) => !version.isTombstone)
  readonly #arena = new ValueArena()
  readonly #texts = new AttributeTexts()
  #revision = FIRST_REVISION
  #evacuating = false
  #compacting = false

  constructor(limits: HistoryLimits) {
    this.history = new History(limits)
    this.history.startAt(FIRST_REVISION)
  }

  get revision(): number {
    return this.#revision
  }

  get keyCount(): number {
    return this.#keys.live
  }

  get valueBytes(): number {
    return this.#arena.liveBytes
  }

  get reservedBytes(): number {
    return this.#arena.reservedBytes
  }

  get(key: string, revision?: number): Entry | undefined {
    const at = this.#readable(revision)
    return this.#keys.get(key)?.at(at)
  }

  list(prefix: string, options: ListOptions = {}): Page {
    requireFolder(prefix)
    const revision = this.#readable(options.revision)
    const { limit = Number.POSITIVE_INFINITY, select, after } = options
    const entries: Entry[] = []
    const end = endOf(prefix)
    let last = after !== undefined && after > prefix ? after : prefix
    let more = false
    this.#keys.scan(behind(last), (key, version) => {
      if (key >= end) return false
      const entry = version.at(revision)
      if (!entry) return true
      more = entries.length >= limit
      if (more) return false
      last = key
      if (!select || select(entry)) entries.push(entry)
      return true
    })
    const remaining = more ? Math.max(this.#keys.countLive(behind(last), end), 1) : 0
    return { entries, revision, more, remaining }
  }

  count(prefix: string): number {
    requireFolder(prefix)
    return this.#keys.countLive(prefix, endOf(prefix))
  }

  /** Adds an entry of a snapshot; history starts behind it. */
  load(stored: StoredEntry): void {
    this.#keys.set(stored.key, this.#version(stored, undefined))
  }

  loaded(revision: number): void {
    this.#revision = revision
    this.history.startAt(revision)
  }

  skip(to: number): void {
    this.history.addGap(this.#revision, to)
    this.#revision = to
  }

  commit(commit: Commit): readonly VersionChange[] {
    const { revision, time } = commit
    const changes = commit.operations.map((operation) => this.#apply(operation, revision, time))
    this.#revision = revision
    for (const change of changes) this.history.push(change)
    this.history.trim(time, changes.length * TRIMMED_PER_CHANGE, this.#forget)
    if (this.#arena.isWasteful) this.#evacuate()
    return changes
  }

  pin(): Pinned {
    const revision = this.#revision
    const pin = this.history.pin(revision)
    return {
      revision,
      page: (after, bytes) => this.#page(after, revision, bytes),
      [Symbol.dispose]: () => pin[Symbol.dispose](),
    }
  }

  /** Refuses older revisions at once; their memory is given back over the next turns. */
  compact(revision: number): void {
    this.history.setFloor(Math.min(revision, this.#revision))
    if (this.#compacting) return
    this.#compacting = true
    const turn = (): void => {
      this.#compacting = this.history.trim(Number.NEGATIVE_INFINITY, BACKGROUND_BATCH, this.#forget)
      if (this.#compacting) setImmediate(turn)
    }
    setImmediate(turn)
  }

  #readable(revision: number | undefined): number {
    if (revision === undefined) return this.#revision
    if (revision > this.#revision) throw futureRevision(revision, this.#revision)
    this.history.require(revision)
    return revision
  }

  #apply(operation: LogOperation, revision: number, time: number): VersionChange {
    const slot = this.#keys.get(operation.key)
    const previous = slot && !slot.isTombstone ? slot : undefined
    const createRevision = previous?.createRevision ?? revision
    const version =
      operation.type === 'put'
        ? this.#version({ ...operation, revision, createRevision }, slot)
        : tombstone(operation.key, revision, slot)
    this.#keys.set(operation.key, version)
    return new VersionChange(version, previous, time)
  }

  #version(stored: StoredEntry, older: Version | undefined): Version {
    const labels = this.#texts.parse(stored.labels)
    const fields = this.#texts.parse(stored.fields)
    const version = new Version(stored, labels, fields, older)
    this.#arena.place(version, stored.value)
    return version
  }

  /** What a change replaced is out of reach once the change has left history. */
  readonly #forget = (change: VersionChange): void => {
    const { version, previous } = change
    if (previous) this.#arena.release(previous)
    version.older = undefined
    if (version.isTombstone && this.#keys.get(version.key) === version) {
      this.#keys.delete(version.key)
    }
  }

  #page(after: string, revision: number, bytes: number): Entry[] {
    const entries: Entry[] = []
    let left = bytes
    this.#keys.scan(behind(after), (key, version) => {
      const entry = version.at(revision)
      if (!entry) return true
      entries.push(entry)
      left -= entry.length + key.length + PAGE_ENTRY_BYTES
      return left > 0
    })
    return entries
  }

  /** Walks all versions, a few at a time, and moves those that keep mostly empty blocks alive. */
  #evacuate(): void {
    if (this.#evacuating) return
    this.#evacuating = true
    let next = ''
    const turn = (): void => {
      let left = BACKGROUND_BATCH
      let last: string | undefined
      this.#keys.scan(next, (key, newest) => {
        last = key
        for (let version: Version | undefined = newest; version; version = version.older) {
          if (!version.isTombstone) this.#arena.evacuate(version)
        }
        return --left > 0
      })
      if (last === undefined || left > 0) {
        this.#evacuating = false
        return
      }
      next = behind(last)
      setImmediate(turn)
    }
    setImmediate(turn)
  }
}

function tombstone(key: string, revision: number, older: Version | undefined): Version {
  const entry = { key, revision, createRevision: 0, expiresAt: 0 }
  return new Version(entry, noAttributes, noAttributes, older)
}

function requireFolder(prefix: string): void {
  if (prefix.endsWith('/')) return
  throw new StoreError('Invalid', `list "${prefix}": prefix must end in "/"`)
}

/** The first key that is not below a prefix: "0" is the character behind "/". */
function endOf(prefix: string): string {
  return `${prefix.slice(0, -1)}0`
}

/** The least key greater than the given one. */
function behind(key: string): string {
  return `${key}\0`
}
