/**
 * One watch: what is there, then what changes, into a sink that may be slow. A slow sink costs
 * nobody else anything: its watch pauses, and catches up from history or ends with 410.
 */
import type { StatusError } from '#api/status.ts'
import type { Clock, Timer } from '#daemon/clock.ts'
import type { Resource } from '../resources.ts'
import { tooOld } from '../revisions.ts'
import type { Selection } from '../selection.ts'
import type { Change, Entry, Store, Watch } from '../store/store.ts'
import { isStoreError, type StoreError } from '../store/store-error.ts'
import { storeStatus } from '../store-status.ts'
import type { EventType, Frames } from './frames.ts'

export interface Sink {
  /** False when no more should come until `drained` is called. */
  write(frame: Buffer): boolean
  end(): void
}

export interface WatchPlan {
  readonly selection: Selection
  /** Changes after this revision; undefined begins with what is there now. */
  readonly after: number | undefined
  readonly sendsBookmarks: boolean
  /** Ends what is there with a bookmark that says so. */
  readonly marksInitialEvents: boolean
  readonly timeoutMs: number
}

export interface SessionParts {
  readonly store: Store
  readonly clock: Clock
  readonly resource: Resource
  readonly frames: Frames
  readonly sink: Sink
}

/** How often a watch is told how far it is. */
const BOOKMARK_INTERVAL_MS = 60_000
/** The last time is so long before its end, so that the next watch has little to catch up with. */
const LAST_BOOKMARK_MS = 2_000
/** Objects read at once while those that are there are sent. */
const PAGE_LIMIT = 500

export class WatchSession implements Disposable {
  readonly #parts: SessionParts
  readonly #plan: WatchPlan
  readonly #timeout: Timer
  #bookmarks: Timer | undefined
  #watch: Watch | undefined
  readonly #endsAtMs: number
  #isOver = false
  #continue: (() => void) | undefined

  constructor(parts: SessionParts, plan: WatchPlan) {
    this.#parts = parts
    this.#plan = plan
    this.#endsAtMs = parts.clock.monotonic() + plan.timeoutMs
    this.#timeout = parts.clock.setTimeout(() => this.#end(), plan.timeoutMs, { background: true })
    parts.resource.retired?.addEventListener('abort', this.#retire)
  }

  /** The resource is gone, or not what it was when the watch began. */
  readonly #retire = (): void => this.#end()

  /** Resolves once everything that was there has been sent and changes follow by themselves. */
  async start(): Promise<void> {
    if (this.#parts.resource.retired?.aborted) return this.#end()
    try {
      const after = this.#plan.after ?? (await this.#sendPresent())
      if (!this.#isOver) this.#follow(after)
    } catch (error) {
      if (!isStoreError(error)) throw error
      this.#fail(error)
    }
  }

  /** The sink takes more. */
  drained(): void {
    this.#continue?.()
    this.#watch?.resume()
  }

  [Symbol.dispose](): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#parts.resource.retired?.removeEventListener('abort', this.#retire)
    this.#timeout.cancel()
    this.#bookmarks?.cancel()
    this.#watch?.close()
    this.#continue?.()
  }

  async #sendPresent(): Promise<number> {
    const { store, frames, sink } = this.#parts
    const { prefix, select } = this.#plan.selection
    const revision = store.revision
    for (const entry of presentEntries(store, prefix, revision, select)) {
      if (this.#isOver) return revision
      if (!sink.write(frames.event('ADDED', entry, entry.revision))) await this.#room()
    }
    if (this.#plan.marksInitialEvents && !this.#isOver) sink.write(frames.bookmark(revision, true))
    return revision
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#continue = () => {
        this.#continue = undefined
        resolve()
      }
    })
  }

  #follow(after: number): void {
    const { prefix, match } = this.#plan.selection
    this.#watch = this.#parts.store.watch(
      { prefix, after, ...(match && { match }) },
      { change: (change) => this.#change(change), end: (error) => this.#fail(error) },
    )
    if (this.#plan.sendsBookmarks) this.#scheduleBookmark()
  }

  #change(change: Change): boolean {
    const { frames, sink } = this.#parts
    const event = eventOf(change, this.#plan.selection.select)
    if (!event) return true
    return sink.write(frames.event(event.type, event.entry, change.revision, change))
  }

  #scheduleBookmark(): void {
    const { clock, sink, frames } = this.#parts
    const lastMs = this.#endsAtMs - LAST_BOOKMARK_MS - clock.monotonic()
    const delayMs = lastMs > 0 ? Math.min(lastMs, BOOKMARK_INTERVAL_MS) : BOOKMARK_INTERVAL_MS
    const tell = (): void => {
      if (this.#watch) sink.write(frames.bookmark(this.#watch.revision, false))
      this.#scheduleBookmark()
    }
    this.#bookmarks = clock.setTimeout(tell, delayMs, { background: true })
  }

  #fail(error: StoreError): void {
    if (this.#isOver) return
    this.#parts.sink.write(this.#parts.frames.error(watchStatus(error)))
    this.#end()
  }

  #end(): void {
    if (this.#isOver) return
    this[Symbol.dispose]()
    this.#parts.sink.end()
  }
}

function watchStatus(error: StoreError): StatusError {
  if (error.code !== 'Expired') return storeStatus(error)
  return tooOld(error.details.wanted ?? 0, error.details.found ?? 0)
}

function* presentEntries(
  store: Store,
  prefix: string,
  revision: number,
  select: Selection['select'],
): Iterable<Entry> {
  if (!prefix.endsWith('/')) {
    const entry = store.get(prefix, revision)
    if (entry && (select?.(entry) ?? true)) yield entry
    return
  }
  let after: string | undefined
  for (;;) {
    const page = store.list(prefix, {
      revision,
      limit: PAGE_LIMIT,
      ...(after !== undefined && { after }),
      ...(select && { select }),
    })
    yield* page.entries
    after = page.entries.at(-1)?.key
    if (!page.more || after === undefined) return
  }
}

/** What a change is to somebody who sees only the selected objects. */
export function eventOf(
  { type, entry, previous }: Change,
  select: Selection['select'],
): { type: EventType; entry: Entry } | undefined {
  const isNow = entry !== undefined && (select?.(entry) ?? true)
  const wasBefore = previous !== undefined && (select?.(previous) ?? true)
  if (isNow)
    return { type: wasBefore || (type === 'updated' && !select) ? 'MODIFIED' : 'ADDED', entry }
  // An object that leaves the selection is shown as it last was inside it.
  return wasBefore ? { type: 'DELETED', entry: previous } : undefined
}
