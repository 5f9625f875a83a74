/** Reads the records of a file in order and says where the intact ones end. */
import type { DiskFile } from './disk.ts'
import {
  claimedSize,
  RECORD_ALIGNMENT,
  RECORD_HEADER_BYTES,
  type RecordInfo,
  readRecord,
} from './record.ts'

/** Large reads are what makes a start fast; a longer record gets a buffer of its own. */
const READ_BYTES = 4 * 1024 * 1024

export type VisitRecord = (source: Buffer, start: number, info: RecordInfo, offset: number) => void

/**
 * Visits the records from `from` up to `end`, and returns the offset behind the last intact one:
 * `end` when all are. What `visit` is given is only valid during the call.
 */
export async function readRecords(
  file: DiskFile,
  from: number,
  end: number,
  salt: number,
  visit: VisitRecord,
): Promise<number> {
  let buffer = Buffer.allocUnsafeSlow(Math.min(READ_BYTES, Math.max(end - from, 1)))
  let offset = from
  while (offset < end) {
    const wanted = Math.min(buffer.length, end - offset)
    const filled = await file.read(buffer.subarray(0, wanted), offset)
    const read = visitBlock(buffer, filled, salt, offset, visit)
    offset += read
    if (read > 0) continue
    const size = claimedSize(buffer, 0, filled)
    const isWhole = size <= filled
    if (isWhole || offset + size > end || filled < wanted) return offset
    buffer = Buffer.allocUnsafeSlow(size)
  }
  return offset
}

/** Visits the records that are whole in the buffer and returns how many bytes they take. */
function visitBlock(
  buffer: Buffer,
  filled: number,
  salt: number,
  offset: number,
  visit: VisitRecord,
): number {
  let at = 0
  for (;;) {
    const info = readRecord(buffer, at, filled, salt)
    if (!info) return at
    visit(buffer, at, info, offset + at)
    at += info.size
  }
}

/**
 * Whether a record behind a broken one proves that the broken one had reached the disk: then it
 * was damaged later, and is no torn write that nobody was promised anything about.
 */
export async function provesDurable(
  file: DiskFile,
  broken: number,
  end: number,
  salt: number,
): Promise<boolean> {
  const rest = Buffer.allocUnsafeSlow(end - broken)
  const filled = await file.read(rest, broken)
  for (let at = RECORD_ALIGNMENT; at + RECORD_HEADER_BYTES <= filled; at += RECORD_ALIGNMENT) {
    const durable = rest.readUInt32LE(at + 24)
    // Cheap, and false for almost anything that is not such a record.
    if (durable <= broken || durable > broken + at) continue
    if (readRecord(rest, at, filled, salt)) return true
  }
  return false
}
