/** Appends sealed records to the last segment and knows how much of it is on disk for certain. */
import type { Random } from '#daemon/random.ts'
import { encodeMark } from './batch-encoder.ts'
import type { Disk, DiskFile } from './disk.ts'
import { encodeFileHeader, FILE_HEADER_BYTES, magics } from './file-header.ts'
import { segmentFile, unfinished } from './file-names.ts'
import { recordKinds, sealRecords } from './record.ts'
import type { Tail } from './replay.ts'

interface Unflushed {
  readonly bytes: Buffer
  readonly revision: number
}

export interface SegmentHome {
  readonly disk: Disk
  readonly directory: string
  readonly random: Random
}

export class SegmentWriter {
  readonly #home: SegmentHome
  #file: DiskFile
  #sequence: number
  #salt: number
  #length: number
  /** Up to here the last flush succeeded; `#durableRevision` is the last revision in it. */
  #durable: number
  #durableRevision: number
  #revision: number
  /** Copies of acknowledged records behind `#durable`: for a new segment, if this one fails. */
  #unflushed: Unflushed[] = []
  #unflushedRecords = 0

  private constructor(home: SegmentHome, tail: Omit<Tail, 'isClean'>, revision: number) {
    this.#home = home
    this.#file = tail.file
    this.#sequence = tail.sequence
    this.#salt = tail.salt
    this.#length = tail.length
    this.#durable = tail.length
    this.#durableRevision = revision
    this.#revision = revision
  }

  /** Starts a new store: one segment that says it was closed in order. */
  static async create(home: SegmentHome, revision: number, time: number): Promise<SegmentWriter> {
    const end = encodeMark(recordKinds.end, revision, time)
    const segment = await makeSegment(home, 1, 0, revision, [end])
    const tail = { ...segment, sequence: 1, tornBytes: 0, logBytes: 0, snapshotBytes: 0 }
    return new SegmentWriter(home, tail, revision)
  }

  /** Goes on where a replay ended, once everything replayed is certain to be on disk. */
  static async resume(home: SegmentHome, tail: Tail, revision: number): Promise<SegmentWriter> {
    if (tail.tornBytes > 0) await tail.file.truncate(tail.length)
    if (!tail.isClean) await tail.file.sync()
    return new SegmentWriter(home, tail, revision)
  }

  get sequence(): number {
    return this.#sequence
  }

  get length(): number {
    return this.#length
  }

  /** Records that a power cut could still take back. */
  get unflushedRecords(): number {
    return this.#unflushedRecords
  }

  /** Appends encoded records; `keep` says that they count as committed before the next flush. */
  async write(records: Buffer, revision: number, count: number, keep: boolean): Promise<void> {
    sealRecords(records, 0, records.length, this.#salt, this.#durable)
    await this.#file.write([records], this.#length)
    this.#length += records.length
    this.#revision = revision
    if (keep) this.retain(Buffer.from(records), revision, count)
  }

  /** Counts records as committed although they are not on disk yet. */
  retain(records: Buffer, revision: number, count: number): void {
    this.#unflushed.push({ bytes: records, revision })
    this.#unflushedRecords += count
  }

  async sync(): Promise<void> {
    if (this.#durable === this.#length) return
    await this.#file.sync()
    this.#durable = this.#length
    this.#durableRevision = this.#revision
    this.#unflushed = []
    this.#unflushedRecords = 0
  }

  /** Goes on in a new segment; the old one is complete and on disk. */
  async rotate(): Promise<void> {
    await this.sync()
    await this.#startNext([])
  }

  /**
   * Goes on in a new segment after an error. What the old one holds behind its last flush is in
   * doubt, and stays so whatever a later flush reports, so it is declared void and written anew.
   */
  async recover(): Promise<void> {
    await this.#startNext(this.#unflushed.map(({ bytes }) => bytes))
    this.#durableRevision = this.#unflushed.at(-1)?.revision ?? this.#durableRevision
    this.#revision = this.#durableRevision
    this.#unflushed = []
    this.#unflushedRecords = 0
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  async #startNext(records: readonly Buffer[]): Promise<void> {
    const sequence = this.#sequence + 1
    const next = await makeSegment(
      this.#home,
      sequence,
      this.#durable,
      this.#durableRevision,
      records,
    )
    const old = this.#file
    this.#file = next.file
    this.#salt = next.salt
    this.#sequence = sequence
    this.#length = next.length
    this.#durable = next.length
    await old.close().catch(ignoreCloseError)
  }
}

/** The old segment is complete or void by now: how its handle ends changes nothing. */
function ignoreCloseError(): void {}

async function makeSegment(
  { disk, directory, random }: SegmentHome,
  sequence: number,
  previousLength: number,
  revision: number,
  records: readonly Buffer[],
): Promise<{ file: DiskFile; salt: number; length: number }> {
  const name = segmentFile(directory, sequence)
  const salt = random.uint32()
  const file = await disk.create(unfinished(name))
  try {
    const header = { magic: magics.segment, salt, sequence, previousLength, revision }
    for (const bytes of records) sealRecords(bytes, 0, bytes.length, salt, FILE_HEADER_BYTES)
    await file.write([encodeFileHeader(header), ...records], 0)
    await file.sync()
    await disk.rename(unfinished(name), name)
    await disk.syncDirectory(directory)
    const length = records.reduce((sum, { length }) => sum + length, FILE_HEADER_BYTES)
    return { file, salt, length }
  } catch (error) {
    await file.close()
    throw error
  }
}
