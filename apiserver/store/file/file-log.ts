/** The log in files: many writes share one flush, and snapshots keep starts quick. */
import path from 'node:path'
import type { Clock, Timer } from '#daemon/clock.ts'
import type { Random } from '#daemon/random.ts'
import type { Log, LogSink, LogStatistics, LogStep } from '../log.ts'
import type { Warn } from '../logged-store.ts'
import type { Change } from '../store.ts'
import { StoreError } from '../store-error.ts'
import { BatchEncoder, encodeMark } from './batch-encoder.ts'
import { CommitQueue, type PendingWrite } from './commit-queue.ts'
import type { Disk } from './disk.ts'
import { sortFiles } from './file-names.ts'
import { recordKinds } from './record.ts'
import { replay } from './replay.ts'
import { SegmentWriter } from './segment-writer.ts'
import { SnapshotKeeper } from './snapshot-keeper.ts'

/** How long an acknowledged relaxed write may wait for its flush. */
const RELAXED_FLUSH_MS = 1_000
/**
 * Relaxed writes that may wait for a flush. A power cut can take as many revisions back, so a start
 * after a crash skips as many: no revision is ever given out twice.
 */
export const RELAXED_RECORDS_MAX = 1_000
/** Bytes handed to one flush: what is committed together is also shown together. */
const BATCH_BYTES_MAX = 4 * 1024 * 1024
const RECOVERY_INTERVAL_MS = 1_000

export interface FileLogLimits {
  /** A segment that is longer is closed; old ones go when a snapshot covers them. */
  readonly segmentBytes: number
  /** A snapshot is due once the log holds this much, and at least as much as the last snapshot. */
  readonly snapshotLogBytes: number
}

const defaultFileLogLimits: FileLogLimits = {
  segmentBytes: 64 * 1024 * 1024,
  snapshotLogBytes: 64 * 1024 * 1024,
}

export interface FileLogOptions {
  readonly directory: string
  readonly disk: Disk
  readonly clock: Clock
  readonly random: Random
  readonly warn: Warn
  readonly limits?: Partial<FileLogLimits>
}

/** What exists between open and close. */
interface Running {
  readonly sink: LogSink
  readonly queue: CommitQueue
  readonly writer: SegmentWriter
  readonly snapshots: SnapshotKeeper
  readonly lock: Disposable
}

export class FileLog implements Log {
  /** Expiry is the store's work: files do nothing by themselves. */
  readonly expires = false
  readonly #options: FileLogOptions
  readonly #limits: FileLogLimits
  readonly #encoder = new BatchEncoder()
  #running: Running | undefined
  #fault: StoreError | undefined
  #loop: Promise<void> | undefined
  #isClosing = false
  /** A relaxed write must not follow a clean end unflushed: losing it would go unnoticed. */
  #mustFlushNext = false
  #flushDue = false
  #timer: Timer | undefined
  #commits = 0
  #flushes = 0

  constructor(options: FileLogOptions) {
    this.#options = options
    this.#limits = { ...defaultFileLogLimits, ...options.limits }
  }

  get fault(): StoreError | undefined {
    return this.#fault
  }

  async open(sink: LogSink): Promise<void> {
    const { disk, directory } = this.#options
    await disk.makeDirectory(directory)
    const lock = disk.lock(directory)
    try {
      await this.#start(sink, lock)
    } catch (error) {
      lock[Symbol.dispose]()
      throw error
    }
  }

  append(steps: readonly LogStep[], relaxed: boolean): Promise<readonly Change[]> {
    const { queue } = this.#require()
    if (this.#isClosing) return Promise.reject(closed())
    if (this.#fault) return Promise.reject(this.#fault)
    const result = queue.add(steps, relaxed)
    if (!queue.isEmpty) this.#wake()
    return result
  }

  async newestRevision(): Promise<number> {
    return this.#require().sink.revision
  }

  statistics(): LogStatistics {
    const { snapshots, writer } = this.#require()
    const diskBytes = snapshots.diskBytes(writer.length)
    return { commits: this.#commits, flushes: this.#flushes, diskBytes }
  }

  async close(): Promise<void> {
    const { writer, snapshots, sink, lock } = this.#require()
    if (this.#isClosing) return
    this.#isClosing = true
    try {
      while (this.#loop) await this.#loop
      this.#timer?.cancel()
      await snapshots.stop()
      if (this.#fault) await this.#recover()
      if (!this.#fault && !this.#mustFlushNext) {
        const end = encodeMark(recordKinds.end, sink.revision, this.#options.clock.now())
        await writer.write(end, sink.revision, 0, false)
        await writer.sync()
      }
    } finally {
      await writer.close()
      lock[Symbol.dispose]()
    }
  }

  async #start(sink: LogSink, lock: Disposable): Promise<void> {
    const { disk, directory, warn, clock } = this.#options
    const files = sortFiles(await disk.list(directory))
    for (const name of files.unfinished) await disk.remove(path.join(directory, name))
    const tail = await replay(disk, directory, files, sink, warn)
    const writer = tail
      ? await SegmentWriter.resume(this.#options, tail, sink.revision)
      : await SegmentWriter.create(this.#options, sink.revision, clock.now())
    const snapshots = new SnapshotKeeper(this.#options, this.#limits.snapshotLogBytes)
    await snapshots.start(files, tail)
    this.#running = { sink, queue: new CommitQueue(sink), writer, snapshots, lock }
    this.#mustFlushNext = tail?.isClean ?? true
    if (!this.#mustFlushNext) await this.#skipRevisions(this.#running)
  }

  /** After a crash: revisions that somebody may have seen before it are never used again. */
  async #skipRevisions({ sink, writer }: Running): Promise<void> {
    const revision = sink.revision + RELAXED_RECORDS_MAX
    const record = encodeMark(recordKinds.skip, revision, this.#options.clock.now())
    sink.skip(revision)
    try {
      await writer.write(record, revision, 0, false)
      await writer.sync()
    } catch (error) {
      writer.retain(record, revision, 0)
      this.#fail([], error)
    }
  }

  #wake(): void {
    this.#loop ??= this.#run()
  }

  /** The only place that writes: whatever is due, one thing after the other, until nothing is. */
  async #run(): Promise<void> {
    // Requests that arrived in the same turn of the event loop share the first flush.
    await new Promise((resolve) => setImmediate(resolve))
    const running = this.#require()
    while (!this.#fault && (!running.queue.isEmpty || this.#flushDue)) await this.#step(running)
    this.#loop = undefined
  }

  async #step(running: Running): Promise<void> {
    const { queue, sink } = running
    const batch = queue.take(BATCH_BYTES_MAX)
    const encoded = this.#encoder.encodeCommits(batch, sink.revision, this.#options.clock.now())
    try {
      await this.#write(running, batch, encoded.bytes)
    } catch (error) {
      this.#fail(batch, error)
      return
    }
    // Outside the try: a commit that is on disk but cannot be shown is a bug, and ends the process.
    for (const [index, commit] of encoded.commits.entries()) {
      batch[index]?.resolve(sink.commit(commit))
    }
    this.#commits += batch.length
    queue.settle(batch)
  }

  async #write(running: Running, batch: readonly PendingWrite[], bytes: Buffer): Promise<void> {
    const { writer, snapshots, sink } = running
    const isSnapshotDue = snapshots.isDue(writer.length)
    if (isSnapshotDue || writer.length > this.#limits.segmentBytes) {
      snapshots.addClosed(writer.length)
      await writer.rotate()
      if (isSnapshotDue) snapshots.begin(sink.pin(), writer.sequence)
    }
    const mayWait = this.#mayWait(batch, writer)
    if (batch.length > 0) {
      await writer.write(bytes, sink.revision + batch.length, batch.length, mayWait)
    }
    if (mayWait) {
      this.#timer ??= this.#options.clock.setTimeout(() => this.#flushLater(), RELAXED_FLUSH_MS, {
        background: true,
      })
      return
    }
    this.#timer?.cancel()
    this.#timer = undefined
    await writer.sync()
    this.#flushes++
    this.#flushDue = false
    this.#mustFlushNext = false
  }

  #mayWait(batch: readonly PendingWrite[], { unflushedRecords }: SegmentWriter): boolean {
    if (this.#mustFlushNext || this.#flushDue) return false
    if (unflushedRecords + batch.length > RELAXED_RECORDS_MAX) return false
    return batch.every(({ relaxed }) => relaxed)
  }

  #flushLater(): void {
    this.#timer = undefined
    this.#flushDue = true
    this.#wake()
  }

  /** Refuses writes from now on, and tries until the disk takes them again. */
  #fail(batch: readonly PendingWrite[], cause: unknown): void {
    const reason = cause instanceof Error ? cause.message : String(cause)
    const message = `write: the store is read-only until the disk works again: ${reason}`
    this.#fault = new StoreError('ReadOnly', message, {}, cause)
    this.#running?.queue.rejectAll(batch, this.#fault)
    this.#options.warn('store: read-only, the disk refuses writes', { error: cause })
    this.#recoverLater()
  }

  #recoverLater(): void {
    this.#timer?.cancel()
    const recover = (): void => {
      this.#timer = undefined
      this.#loop ??= this.#recover()
    }
    const options = { background: true }
    this.#timer = this.#options.clock.setTimeout(recover, RECOVERY_INTERVAL_MS, options)
  }

  async #recover(): Promise<void> {
    const { writer, snapshots } = this.#require()
    const { length } = writer
    try {
      await writer.recover()
      snapshots.addClosed(length)
      this.#fault = undefined
      this.#flushDue = false
      this.#mustFlushNext = false
      this.#options.warn('store: writes are accepted again', {})
    } catch {
      // The fault that is reported already says what is wrong.
      if (!this.#isClosing) this.#recoverLater()
    }
    this.#loop = undefined
  }

  #require(): Running {
    if (!this.#running) throw closed()
    return this.#running
  }
}

function closed(): StoreError {
  return new StoreError('Closed', 'use store: it is closed')
}
