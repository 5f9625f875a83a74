/** Decides when a snapshot is due, writes it in the background, and removes what it replaces. */
import type { Clock } from '#daemon/clock.ts'
import type { Random } from '#daemon/random.ts'
import type { Pinned } from '../log.ts'
import type { Warn } from '../logged-store.ts'
import type { Disk } from './disk.ts'
import { type StoreFiles, segmentFile, snapshotFile, sortFiles } from './file-names.ts'
import type { Tail } from './replay.ts'
import { writeSnapshot } from './snapshot.ts'

export interface SnapshotHome {
  readonly directory: string
  readonly disk: Disk
  readonly clock: Clock
  readonly random: Random
  readonly warn: Warn
}

export class SnapshotKeeper {
  readonly #home: SnapshotHome
  readonly #logBytesMin: number
  readonly #stop = new AbortController()
  /** Bytes of closed segments that no snapshot covers yet. */
  #closedBytes = 0
  #snapshotBytes = 0
  /** After a failure: how long the log must be before the next attempt. */
  #retryBytes = 0
  #task: Promise<void> | undefined

  constructor(home: SnapshotHome, logBytesMin: number) {
    this.#home = home
    this.#logBytesMin = logBytesMin
  }

  /** Takes over what a replay found, and removes what a crash kept from being removed. */
  async start(files: StoreFiles, tail: Tail | undefined): Promise<void> {
    if (!tail) return
    this.#closedBytes = tail.logBytes - tail.length
    this.#snapshotBytes = tail.snapshotBytes
    await this.#removeBefore(files, files.snapshots.at(-1) ?? 0)
  }

  diskBytes(currentLength: number): number {
    return this.#snapshotBytes + this.#closedBytes + currentLength
  }

  addClosed(length: number): void {
    this.#closedBytes += length
  }

  isDue(currentLength: number): boolean {
    const logBytes = this.#closedBytes + currentLength
    // In proportion to the state, so that writing snapshots stays a constant share of all writing.
    const dueBytes = Math.max(this.#logBytesMin, this.#snapshotBytes, this.#retryBytes)
    return !this.#task && !this.#stop.signal.aborted && logBytes > dueBytes
  }

  /** Everything up to `pinned` lies in segments before `sequence`. */
  begin(pinned: Pinned, sequence: number): void {
    this.#task = this.#run(pinned, sequence, this.#closedBytes)
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#task
  }

  async #run(pinned: Pinned, sequence: number, coveredBytes: number): Promise<void> {
    const { disk, directory, clock, random, warn } = this.#home
    try {
      const target = { disk, directory, sequence, salt: random.uint32(), time: clock.now() }
      const size = await writeSnapshot(target, pinned, this.#stop.signal)
      if (size === undefined) return
      this.#closedBytes -= coveredBytes
      this.#snapshotBytes = size
      this.#retryBytes = 0
      await this.#removeBefore(sortFiles(await disk.list(directory)), sequence)
    } catch (error) {
      this.#retryBytes = this.#closedBytes + this.#logBytesMin
      warn('store: the snapshot failed, the log goes on growing', { error })
    } finally {
      pinned[Symbol.dispose]()
      this.#task = undefined
    }
  }

  async #removeBefore({ segments, snapshots }: StoreFiles, sequence: number): Promise<void> {
    const { disk, directory } = this.#home
    // The old snapshot first: without it nobody can take the old segments for complete.
    for (const old of snapshots) {
      if (old < sequence) await disk.remove(snapshotFile(directory, old))
    }
    for (const old of segments) {
      if (old < sequence) await disk.remove(segmentFile(directory, old))
    }
  }
}
