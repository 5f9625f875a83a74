/**
 * The store as the API server sees it: keys to bytes, with revisions, history and watches.
 *
 * What every driver promises; `promises.ts` proves each by this name:
 * - **ordered**: one watch sees changes in the order of their revisions, all of them.
 * - **unique**: a revision names one committed write for ever, across crashes and restarts too.
 * - **atomic**: a list and a watch from its revision miss nothing and repeat nothing; a transaction
 *   happens as a whole, at one revision.
 * - **resumable**: a watch from a revision that history holds continues without a gap; any other
 *   ends with `Expired`, never with silence.
 * - **bookmarkable**: a watch that was quiet can resume from `Watch.revision`.
 * - **durable**: what was acknowledged is there after a crash. A `relaxed` write survives the death
 *   of the process at once, and a power cut after at most a second.
 * - **conflict-safe**: of two writers that expect the same revision, one wins, the other hears it.
 */
import type { StoreError } from './store-error.ts'

/** Small texts beside a value, so that selectors need not parse it. Has no prototype. */
export type Attributes = Readonly<Record<string, string>>

/** One version of one key; never changes. `value` shows shared memory: do not write to it. */
export interface Entry {
  readonly key: string
  readonly value: Buffer
  readonly labels: Attributes
  readonly fields: Attributes
  /** The revision that last wrote the key. */
  readonly revision: number
  readonly createRevision: number
  /** Seconds since 1970 at which the key deletes itself; 0 is never. */
  readonly expiresAt: number
}

/** What to write. The bytes must stay as they are until the write is settled. */
export interface Draft {
  readonly key: string
  readonly value: Uint8Array
  readonly labels?: Readonly<Record<string, string>>
  readonly fields?: Readonly<Record<string, string>>
  readonly ttlSeconds?: number
}

export interface WriteOptions {
  /** Acknowledge before the flush to disk, which follows within a second: Leases and Events. */
  readonly relaxed?: boolean
}

/**
 * One step of a transaction. `expected` is the revision the key must be at, 0 for absent;
 * undefined is "whatever it is", but a delete always needs an existing key.
 */
export type Step =
  | { readonly type: 'put'; readonly draft: Draft; readonly expected?: number }
  | { readonly type: 'delete'; readonly key: string; readonly expected?: number }
  | { readonly type: 'check'; readonly key: string; readonly expected: number }

export type ChangeType = 'created' | 'updated' | 'deleted'

/**
 * One committed change of one key. Every watch is given the same object, so what is derived from
 * it (an encoded frame, say) can be kept in a WeakMap and shared.
 */
export interface Change {
  readonly type: ChangeType
  readonly key: string
  readonly revision: number
  /** The version written; undefined for a delete. */
  readonly entry: Entry | undefined
  /** The version before; undefined for a create. */
  readonly previous: Entry | undefined
}

export interface ListOptions {
  /** Read as of this revision; the newest when left out. */
  readonly revision?: number
  readonly limit?: number
  /** Start behind this key: how the next page is asked for. */
  readonly after?: string
  /** Only entries that satisfy this count towards `limit`. */
  readonly select?: (entry: Entry) => boolean
}

export interface Page {
  readonly entries: Entry[]
  /** The revision the page shows; the next page asks for the same one. */
  readonly revision: number
  /** Whether keys follow behind the last one read, `select` not applied. */
  readonly more: boolean
  /** How many; exact for the newest revision, an estimate for older ones. */
  readonly remaining: number
}

export interface WatchOptions {
  /** One key, or, ending in "/", everything below it. */
  readonly prefix: string
  /** Deliver what was committed after this revision. */
  readonly after: number
  /** Deliver only changes whose entry, before or after, has this field value. */
  readonly match?: { readonly field: string; readonly value: string }
}

export interface WatchReceiver {
  /**
   * Called within the commit, in order, so it must be quick and must not throw. Returning false
   * pauses the watch behind the last change of this revision; it then costs nothing until resumed.
   */
  change(change: Change): boolean
  /** The watch is over: `Expired`, as history no longer holds what it has missed, or `Closed`. */
  end(error: StoreError): void
}

export interface Watch extends Disposable {
  /** All matching changes up to this revision have been delivered. */
  readonly revision: number
  /** Goes on behind the last change delivered: out of history first, then live. */
  resume(): void
  close(): void
}

export interface StoreStatistics {
  readonly revision: number
  readonly oldestRevision: number
  readonly keys: number
  /** Bytes of the values kept, history included. */
  readonly valueBytes: number
  /** Bytes of memory set aside for values. */
  readonly reservedBytes: number
  readonly historyChanges: number
  readonly historyBytes: number
  readonly watches: number
  /** Watches that are paused or catching up. */
  readonly watchesBehind: number
  readonly commits: number
  readonly flushes: number
  /** Bytes on disk; 0 for a driver that keeps none. */
  readonly diskBytes: number
}

export interface Store extends AsyncDisposable {
  /** The newest revision that reads show; an empty store is at 1. */
  readonly revision: number
  /** Reads at, and watches after, revisions from here on are answered. */
  readonly oldestRevision: number
  /** Why writes are refused now; undefined while they are accepted. */
  readonly fault: StoreError | undefined

  get(key: string, revision?: number): Entry | undefined
  /** Lists what is below a prefix that ends in "/", in key order. */
  list(prefix: string, options?: ListOptions): Page
  count(prefix: string): number
  watch(options: WatchOptions, receiver: WatchReceiver): Watch
  /**
   * Waits until reads show every write acknowledged before this call, by any process, and, if
   * given, `revision`. Refused as `FutureRevision` when that takes longer than a few seconds.
   */
  synchronize(revision?: number): Promise<number>

  create(draft: Draft, options?: WriteOptions): Promise<Entry>
  /** Writes nothing, and gives the present entry, when bytes and attributes are the same. */
  update(draft: Draft, expected: number, options?: WriteOptions): Promise<Entry>
  delete(key: string, expected?: number, options?: WriteOptions): Promise<Change>
  /**
   * Reads, lets `edit` make the next draft (undefined: leave it), writes, and starts again when
   * somebody else was quicker.
   */
  modify(
    key: string,
    edit: (current: Entry | undefined) => Draft | undefined | Promise<Draft | undefined>,
    options?: WriteOptions,
  ): Promise<Entry | undefined>
  /** Several keys at one revision, or none. The changes come in the order of the steps. */
  transact(steps: readonly Step[], options?: WriteOptions): Promise<readonly Change[]>

  /** Forgets history older than `revision`. */
  compact(revision: number): void
  statistics(): StoreStatistics
}
