/** What lies beneath the view: an ordered record of commits, kept in files or by etcd. */
import type { Change, Entry } from './store.ts'
import { StoreError } from './store-error.ts'

/** Attributes travel as JSON texts: the log stores them and the view shares them by text. */
export interface LogPut {
  readonly type: 'put'
  readonly key: string
  readonly value: Uint8Array
  readonly labels: string
  readonly fields: string
  /** Seconds since 1970; 0 is never. */
  readonly expiresAt: number
  readonly expected?: number | undefined
}

export interface LogDelete {
  readonly type: 'delete'
  readonly key: string
  readonly expected?: number | undefined
}

export interface LogCheck {
  readonly type: 'check'
  readonly key: string
  readonly expected: number
}

export type LogOperation = LogPut | LogDelete
export type LogStep = LogOperation | LogCheck

export interface Commit {
  readonly revision: number
  /** Wall-clock milliseconds at which it was committed. */
  readonly time: number
  readonly operations: readonly LogOperation[]
}

/** An entry as a snapshot holds it. */
export interface StoredEntry extends Omit<LogPut, 'type' | 'expected'> {
  readonly revision: number
  readonly createRevision: number
}

/** What the log feeds, and asks about the present. */
export interface LogSink {
  readonly revision: number
  get(key: string): Entry | undefined
  /** A starting state arrives first: entries in key order, then the revision they amount to. */
  load(entry: StoredEntry): void
  loaded(revision: number): void
  /** Revisions from here to `to` were perhaps given out and lost; nobody may resume from them. */
  skip(to: number): void
  /** Makes a commit visible to reads and watches, before its writer hears of it. */
  commit(commit: Commit): readonly Change[]
  /** Keeps reads at the present revision possible until disposed. */
  pin(): Pinned
}

export interface Pinned extends Disposable {
  readonly revision: number
  /** Entries behind `after`, about `bytes` of them; empty at the end. */
  page(after: string, bytes: number): Entry[]
}

export interface LogStatistics {
  readonly commits: number
  readonly flushes: number
  readonly diskBytes: number
}

/**
 * A driver. `append` compares and appends: it settles only after the commit is durable (or, if
 * relaxed, written) and visible in the sink, and rejects without any effect when a step's
 * expectation does not hold.
 */
export interface Log {
  readonly fault: StoreError | undefined
  /** Whether expired keys vanish by themselves; otherwise the store deletes them. */
  readonly expires: boolean
  /** Feeds the sink the state so far; afterwards commits follow as they happen. */
  open(sink: LogSink): Promise<void>
  append(steps: readonly LogStep[], relaxed: boolean): Promise<readonly Change[]>
  /** The newest revision acknowledged by any process. */
  newestRevision(): Promise<number>
  statistics(): LogStatistics
  close(): Promise<void>
}

/** Throws unless the key is as the step expects it. */
export function checkExpectation(step: LogStep, current: Entry | undefined): void {
  const { key, expected } = step
  const found = current?.revision ?? 0
  if (expected === found) return
  if (expected === 0) {
    const message = `create "${key}": the key exists at revision ${found}`
    throw new StoreError('KeyExists', message, { key, wanted: 0, found })
  }
  if (found === 0 && (expected !== undefined || step.type === 'delete')) {
    const message = `${step.type} "${key}": there is no such key`
    throw new StoreError('KeyNotFound', message, { key, wanted: expected ?? 0, found })
  }
  if (expected === undefined) return
  const message = `${step.type} "${key}": revision is ${found}, wanted ${expected}`
  throw new StoreError('Conflict', message, { key, wanted: expected, found })
}
