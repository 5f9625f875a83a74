/** Encodes the writes of one flush into one buffer, which is used again for the next. */
import type { Commit } from '../log.ts'
import type { PendingWrite } from './commit-queue.ts'
import { encodeRecord, RECORD_HEADER_BYTES, type RecordKind, recordKinds } from './record.ts'

/** Most flushes fit; a larger one gets a buffer of its own. */
const BUFFER_BYTES = 1024 * 1024

export interface EncodedBatch {
  readonly commits: readonly Commit[]
  /** Valid until the next call. */
  readonly bytes: Buffer
}

export class BatchEncoder {
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES)

  /** Gives the writes the revisions that follow, in order. */
  encodeCommits(batch: readonly PendingWrite[], revision: number, time: number): EncodedBatch {
    const bytesMax = batch.reduce((sum, { bytes }) => sum + bytes, 0)
    const buffer = bytesMax <= BUFFER_BYTES ? this.#buffer : Buffer.allocUnsafeSlow(bytesMax)
    let length = 0
    const commits = batch.map(({ operations }, index) => {
      const commit = { revision: revision + index + 1, time, operations }
      const header = { kind: recordKinds.commit, revision: commit.revision, time }
      length = encodeRecord(buffer, length, header, operations)
      return commit
    })
    return { commits, bytes: buffer.subarray(0, length) }
  }
}

/** Encodes a record that only marks a place in the log. */
export function encodeMark(kind: RecordKind, revision: number, time: number): Buffer {
  const bytes = Buffer.alloc(RECORD_HEADER_BYTES)
  encodeRecord(bytes, 0, { kind, revision, time }, [])
  return bytes
}
