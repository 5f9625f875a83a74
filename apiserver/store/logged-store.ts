/** The store: a view in memory, watches on it, and a log beneath that decides every write. */
import type { Clock, Timer } from '#daemon/clock.ts'
import { ExpiryQueue } from './expiry-queue.ts'
import { defaultHistoryLimits, type HistoryLimits } from './history.ts'
import type { Commit, Log, LogSink } from './log.ts'
import { isSame, logSteps } from './steps.ts'
import type {
  Change,
  Draft,
  Entry,
  ListOptions,
  Page,
  Step,
  Store,
  StoreStatistics,
  Watch,
  WatchOptions,
  WatchReceiver,
  WriteOptions,
} from './store.ts'
import { futureRevision, isStoreError, StoreError } from './store-error.ts'
import { View } from './view.ts'
import { WatchHub } from './watch-hub.ts'

/** How long a read waits for a revision that this process has not seen yet, as upstream. */
const SYNCHRONIZE_MS_MAX = 3_000
/** Tries of `modify` after which the key is too contended to go on. */
const MODIFY_TRIES_MAX = 1_000
/** Keys deleted in one round of expiry; the next round follows at once. */
const EXPIRY_BATCH = 500
const EXPIRY_RETRY_MS = 1_000

export type Warn = (message: string, fields: Readonly<Record<string, unknown>>) => void

export interface StoreOptions {
  readonly clock: Clock
  readonly warn: Warn
  readonly history?: Partial<HistoryLimits>
}

interface Waiter {
  readonly revision: number
  readonly resolve: () => void
}

/** Opens the log and replays it; the store is complete when this resolves. */
export async function openStore(log: Log, options: StoreOptions): Promise<Store> {
  const store = new LoggedStore(log, options)
  await store.start()
  return store
}

class LoggedStore implements Store {
  readonly #log: Log
  readonly #clock: Clock
  readonly #view: View
  readonly #hub: WatchHub
  readonly #expiry = new ExpiryQueue()
  #expiryTimer: Timer | undefined
  #expiring = false
  readonly #waiters = new Set<Waiter>()
  #isOpen = false
  #isClosed = false

  constructor(log: Log, { clock, warn, history }: StoreOptions) {
    this.#log = log
    this.#clock = clock
    this.#view = new View({ ...defaultHistoryLimits, ...history })
    this.#hub = new WatchHub(this.#view.history, this.#view.revision, warn)
  }

  async start(): Promise<void> {
    await this.#log.open(this.#sink())
    this.#isOpen = true
    this.#armExpiry()
  }

  get revision(): number {
    return this.#view.revision
  }

  get oldestRevision(): number {
    return this.#view.history.oldest
  }

  get fault(): StoreError | undefined {
    return this.#log.fault
  }

  get(key: string, revision?: number): Entry | undefined {
    return this.#view.get(key, revision)
  }

  list(prefix: string, options?: ListOptions): Page {
    return this.#view.list(prefix, options)
  }

  count(prefix: string): number {
    return this.#view.count(prefix)
  }

  watch(options: WatchOptions, receiver: WatchReceiver): Watch {
    this.#requireOpen()
    return this.#hub.add(options, receiver)
  }

  async synchronize(revision = 0): Promise<number> {
    this.#requireOpen()
    const wanted = Math.max(revision, await this.#log.newestRevision())
    if (this.#view.revision < wanted) await this.#reach(wanted)
    return this.#view.revision
  }

  async create(draft: Draft, options?: WriteOptions): Promise<Entry> {
    const changes = await this.transact([{ type: 'put', draft, expected: 0 }], options)
    return entryOf(changes[0])
  }

  async update(draft: Draft, expected: number, options?: WriteOptions): Promise<Entry> {
    const current = this.#view.get(draft.key)
    if (current?.revision === expected && isSame(draft, current)) return current
    const changes = await this.transact([{ type: 'put', draft, expected }], options)
    return entryOf(changes[0])
  }

  async delete(key: string, expected?: number, options?: WriteOptions): Promise<Change> {
    const step: Step = { type: 'delete', key, ...(expected !== undefined && { expected }) }
    const changes = await this.transact([step], options)
    return changes[0] as Change
  }

  async modify(
    key: string,
    edit: (current: Entry | undefined) => Draft | undefined | Promise<Draft | undefined>,
    options?: WriteOptions,
  ): Promise<Entry | undefined> {
    for (let tries = 1; ; tries++) {
      const current = this.#view.get(key)
      const draft = await edit(current)
      if (!draft) return current
      try {
        return await (current
          ? this.update(draft, current.revision, options)
          : this.create(draft, options))
      } catch (error) {
        const lostRace = isStoreError(error, 'Conflict', 'KeyExists', 'KeyNotFound')
        if (!lostRace || tries === MODIFY_TRIES_MAX) throw error
      }
    }
  }

  async transact(steps: readonly Step[], options?: WriteOptions): Promise<readonly Change[]> {
    this.#requireOpen()
    return this.#log.append(logSteps(steps, this.#clock.now()), options?.relaxed ?? false)
  }

  compact(revision: number): void {
    this.#view.compact(revision)
  }

  statistics(): StoreStatistics {
    const { history } = this.#view
    return {
      revision: this.revision,
      oldestRevision: this.oldestRevision,
      keys: this.#view.keyCount,
      valueBytes: this.#view.valueBytes,
      reservedBytes: this.#view.reservedBytes,
      historyChanges: history.length,
      historyBytes: history.bytes,
      watches: this.#hub.size,
      watchesBehind: this.#hub.behindCount,
      ...this.#log.statistics(),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#expiryTimer?.cancel()
    // Writes that are under way still finish, and their watches hear of them.
    try {
      await this.#log.close()
    } finally {
      this.#hub.close()
    }
  }

  #sink(): LogSink {
    const view = this.#view
    return {
      get revision() {
        return view.revision
      },
      get: (key) => view.get(key),
      load: (entry) => {
        view.load(entry)
        if (entry.expiresAt > 0) this.#expiry.add(entry)
      },
      loaded: (revision) => {
        view.loaded(revision)
        this.#hub.moveTo(revision)
      },
      skip: (to) => {
        view.skip(to)
        this.#hub.moveTo(to)
      },
      commit: (commit) => this.#commit(commit),
      pin: () => view.pin(),
    }
  }

  #commit(commit: Commit): readonly Change[] {
    const changes = this.#view.commit(commit)
    for (const { entry } of changes) {
      if (entry && entry.expiresAt > 0) this.#expiry.add(entry)
    }
    this.#hub.publish(commit.revision, changes)
    for (const waiter of this.#waiters) {
      if (waiter.revision <= commit.revision) waiter.resolve()
    }
    this.#armExpiry()
    return changes
  }

  #reach(revision: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (action: () => void): void => {
        this.#waiters.delete(waiter)
        timer.cancel()
        action()
      }
      const waiter = { revision, resolve: () => settle(resolve) }
      const giveUp = (): void => settle(() => reject(futureRevision(revision, this.#view.revision)))
      const timer = this.#clock.setTimeout(giveUp, SYNCHRONIZE_MS_MAX)
      this.#waiters.add(waiter)
    })
  }

  /** One timer for the next key that is due; none while no key has a time to live. */
  #armExpiry(delayMs?: number): void {
    const { next } = this.#expiry
    if (this.#log.expires || !this.#isOpen || this.#isClosed || next === undefined) return
    if (this.#expiring || this.#expiryTimer) return
    const wait = delayMs ?? next * 1000 - this.#clock.now()
    const fire = (): void => {
      this.#expiryTimer = undefined
      void this.#expire()
    }
    this.#expiryTimer = this.#clock.setTimeout(fire, wait, { background: true })
  }

  async #expire(): Promise<void> {
    this.#expiring = true
    const second = Math.floor(this.#clock.now() / 1000)
    const due = this.#expiry.take(second, EXPIRY_BATCH)
    const valid = due.filter(({ key, revision }) => this.#view.get(key)?.revision === revision)
    const deletions = valid.map(({ key, revision }) =>
      this.delete(key, revision, { relaxed: true }),
    )
    const results = await Promise.allSettled(deletions)
    let failed = 0
    for (const [index, result] of results.entries()) {
      // Written or deleted in the meantime: that write decides when the key expires.
      if (result.status === 'fulfilled' || isStoreError(result.reason, 'Conflict', 'KeyNotFound')) {
        continue
      }
      failed++
      this.#expiry.add(valid[index] as Entry)
    }
    this.#expiring = false
    this.#armExpiry(failed > 0 ? EXPIRY_RETRY_MS : undefined)
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new StoreError('Closed', 'use store: it is closed')
  }
}

function entryOf(change: Change | undefined): Entry {
  return change?.entry as Entry
}
