/** Hands each committed change to the watches it concerns, and lets slow ones catch up. */
import type { History } from './history.ts'
import type { Change, Watch, WatchOptions, WatchReceiver } from './store.ts'
import { isStoreError, StoreError } from './store-error.ts'

/** Changes looked at for one watch in one turn of the event loop while it catches up. */
const CATCH_UP_CHANGES = 1_000

type State = 'live' | 'behind' | 'paused' | 'closed'

interface Watcher extends WatchOptions {
  readonly receiver: WatchReceiver
  /** The last revision delivered in full; kept only while the watch is not live. */
  position: number
  state: State
}

/** The watches of one prefix; those that match a field are found by its value. */
interface Group {
  readonly all: Set<Watcher>
  readonly byField: Map<string, Map<string, Set<Watcher>>>
}

export class WatchHub {
  readonly #history: History
  readonly #groups = new Map<string, Group>()
  readonly #watchers = new Set<Watcher>()
  readonly #warn: (message: string, fields: Readonly<Record<string, unknown>>) => void
  /** What reads show; a watch that is behind it catches up. */
  #revision: number
  /** What live watches have seen in full: lags within a commit. */
  #delivered: number
  #liveCount = 0
  /** Watches that asked for a pause within the commit under way. */
  readonly #full = new Set<Watcher>()

  constructor(
    history: History,
    revision: number,
    warn: (message: string, fields: Readonly<Record<string, unknown>>) => void,
  ) {
    this.#history = history
    this.#revision = revision
    this.#delivered = revision
    this.#warn = warn
  }

  get size(): number {
    return this.#watchers.size
  }

  get behindCount(): number {
    return this.#watchers.size - this.#liveCount
  }

  /** Sets where live watches stand, without a change to tell of. */
  moveTo(revision: number): void {
    this.#revision = revision
    this.#delivered = revision
  }

  add(options: WatchOptions, receiver: WatchReceiver): Watch {
    const { prefix, after, match } = options
    if (after < this.#revision) this.#history.require(after)
    const watcher: Watcher = {
      prefix,
      after,
      ...(match && { match }),
      receiver,
      position: after,
      state: 'paused',
    }
    this.#watchers.add(watcher)
    this.#enrol(watcher)
    this.#resume(watcher)
    const hub = this
    return {
      get revision() {
        return watcher.state === 'live' ? Math.max(hub.#delivered, after) : watcher.position
      },
      resume: () => hub.#resume(watcher),
      close: () => hub.#remove(watcher),
      [Symbol.dispose]: () => hub.#remove(watcher),
    }
  }

  /** Delivers the changes of one commit; the view must show them already. */
  publish(revision: number, changes: readonly Change[]): void {
    this.#revision = revision
    for (const change of this.#groups.size > 0 ? changes : []) {
      const { key } = change
      for (let slash = key.indexOf('/'); slash !== -1; slash = key.indexOf('/', slash + 1)) {
        this.#deliver(key.slice(0, slash + 1), change)
      }
      this.#deliver(key, change)
    }
    this.#delivered = revision
    for (const watcher of this.#full) this.#pause(watcher, revision)
    this.#full.clear()
  }

  /** Ends every watch, as the store closes. */
  close(): void {
    const error = new StoreError('Closed', 'watch: the store is closed')
    for (const watcher of [...this.#watchers]) this.#end(watcher, error)
  }

  #deliver(prefix: string, change: Change): void {
    const group = this.#groups.get(prefix)
    if (!group) return
    for (const watcher of group.all) this.#offer(watcher, change)
    for (const [field, byValue] of group.byField) {
      const now = change.entry?.fields[field]
      const before = change.previous?.fields[field]
      for (const watcher of watchersOf(byValue, now)) this.#offer(watcher, change)
      if (before === now) continue
      for (const watcher of watchersOf(byValue, before)) this.#offer(watcher, change)
    }
  }

  #offer(watcher: Watcher, change: Change): void {
    if (watcher.state !== 'live' || change.revision <= watcher.after) return
    if (!this.#send(watcher, change)) this.#full.add(watcher)
  }

  /** Calls the receiver; one that throws ends its own watch, never the commit. */
  #send(watcher: Watcher, change: Change): boolean {
    try {
      return watcher.receiver.change(change)
    } catch (error) {
      this.#warn('watch ended: its receiver failed', { prefix: watcher.prefix, error })
      this.#end(watcher, new StoreError('Closed', 'watch: the receiver failed', {}, error))
      return true
    }
  }

  #pause(watcher: Watcher, revision: number): void {
    if (watcher.state !== 'live') return
    watcher.state = 'paused'
    watcher.position = revision
    this.#liveCount--
  }

  #resume(watcher: Watcher): void {
    if (this.#full.delete(watcher)) return
    if (watcher.state !== 'paused') return
    if (watcher.position >= this.#revision) {
      watcher.state = 'live'
      this.#liveCount++
      return
    }
    watcher.state = 'behind'
    // Never within the caller's own call: it may not hold the watch yet.
    setImmediate(() => this.#catchUp(watcher))
  }

  #catchUp(watcher: Watcher): void {
    if (watcher.state !== 'behind') return
    try {
      this.#history.require(watcher.position)
    } catch (error) {
      if (!isStoreError(error)) throw error
      this.#end(watcher, error)
      return
    }
    const changes = this.#history.after(watcher.position, CATCH_UP_CHANGES)
    for (const [index, change] of changes.entries()) {
      const wantsMore = !concerns(watcher, change) || this.#send(watcher, change)
      if (watcher.state !== 'behind') return
      const isLastOfRevision = changes[index + 1]?.revision !== change.revision
      if (isLastOfRevision) watcher.position = change.revision
      if (wantsMore) continue
      this.#deliverRestOf(watcher, changes, index)
      if (this.#watchers.has(watcher)) watcher.state = 'paused'
      return
    }
    watcher.state = 'paused'
    if (changes.length === 0) watcher.position = this.#revision
    this.#resume(watcher)
  }

  /** A revision is delivered whole, even when the receiver is full in the middle of it. */
  #deliverRestOf(watcher: Watcher, changes: readonly Change[], index: number): void {
    const revision = changes[index]?.revision
    for (let next = index + 1; changes[next]?.revision === revision; next++) {
      const change = changes[next] as Change
      if (watcher.state === 'behind' && concerns(watcher, change)) this.#send(watcher, change)
    }
    if (revision !== undefined) watcher.position = revision
  }

  #end(watcher: Watcher, error: StoreError): void {
    if (watcher.state === 'closed') return
    this.#remove(watcher)
    watcher.receiver.end(error)
  }

  #enrol(watcher: Watcher): void {
    const { prefix, match } = watcher
    const group = this.#groups.get(prefix) ?? { all: new Set(), byField: new Map() }
    this.#groups.set(prefix, group)
    if (!match) {
      group.all.add(watcher)
      return
    }
    const byValue = group.byField.get(match.field) ?? new Map<string, Set<Watcher>>()
    group.byField.set(match.field, byValue)
    const watchers = byValue.get(match.value) ?? new Set()
    byValue.set(match.value, watchers.add(watcher))
  }

  #remove(watcher: Watcher): void {
    if (watcher.state === 'closed') return
    if (watcher.state === 'live') {
      this.#liveCount--
      watcher.position = Math.max(this.#delivered, watcher.after)
    }
    watcher.state = 'closed'
    this.#watchers.delete(watcher)
    const { prefix, match } = watcher
    const group = this.#groups.get(prefix)
    if (!group) return
    group.all.delete(watcher)
    if (match) removeMatch(group, match, watcher)
    if (group.all.size === 0 && group.byField.size === 0) this.#groups.delete(prefix)
  }
}

const noWatchers: ReadonlySet<Watcher> = new Set()

function watchersOf(
  byValue: ReadonlyMap<string, ReadonlySet<Watcher>>,
  value: string | undefined,
): ReadonlySet<Watcher> {
  return (value !== undefined && byValue.get(value)) || noWatchers
}

function removeMatch(
  group: Group,
  match: { readonly field: string; readonly value: string },
  watcher: Watcher,
): void {
  const byValue = group.byField.get(match.field)
  const watchers = byValue?.get(match.value)
  if (!byValue || !watchers) return
  watchers.delete(watcher)
  if (watchers.size === 0) byValue.delete(match.value)
  if (byValue.size === 0) group.byField.delete(match.field)
}

function concerns({ prefix, match }: Watcher, change: Change): boolean {
  const { key, entry, previous } = change
  if (prefix.endsWith('/') ? !key.startsWith(prefix) : key !== prefix) return false
  if (!match) return true
  const { field, value } = match
  return entry?.fields[field] === value || previous?.fields[field] === value
}
