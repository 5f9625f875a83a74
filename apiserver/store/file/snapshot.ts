/** The whole state in one file, so that a start need not replay everything that ever happened. */
import { attributesText } from '../attribute-texts.ts'
import type { LogSink, Pinned, StoredEntry } from '../log.ts'
import type { Entry } from '../store.ts'
import { damaged } from '../store-error.ts'
import type { Disk, DiskFile } from './disk.ts'
import { encodeFileHeader, FILE_HEADER_BYTES, magics, readFileHeader } from './file-header.ts'
import { snapshotFile, unfinished } from './file-names.ts'
import { readRecords } from './read-records.ts'
import { decodeEntries, encodeRecord, recordKinds, recordSizeMax, sealRecords } from './record.ts'

/** Bytes of values in one record: encoding it stops the event loop for less than a millisecond. */
const PAGE_BYTES = 256 * 1024
/** Flushed in small parts, so that the log's own flushes never wait behind a big one. */
const FLUSH_BYTES = 8 * 1024 * 1024

export interface SnapshotTarget {
  readonly disk: Disk
  readonly directory: string
  /** The first segment that is not part of the snapshot. */
  readonly sequence: number
  readonly salt: number
  readonly time: number
}

/** Writes what is pinned, page by page; gives its size, or undefined when the signal stopped it. */
export async function writeSnapshot(
  target: SnapshotTarget,
  pinned: Pinned,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { disk, directory, sequence } = target
  const name = snapshotFile(directory, sequence)
  const file = await disk.create(unfinished(name))
  let size: number | undefined
  try {
    size = await writePages(file, target, pinned, signal)
  } finally {
    await file.close()
    if (size === undefined) await disk.remove(unfinished(name))
  }
  if (size === undefined) return undefined
  await disk.rename(unfinished(name), name)
  await disk.syncDirectory(directory)
  return size
}

async function writePages(
  file: DiskFile,
  { sequence, salt, time }: SnapshotTarget,
  pinned: Pinned,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { revision } = pinned
  const header = { magic: magics.snapshot, salt, sequence, previousLength: 0, revision }
  await file.write([encodeFileHeader(header)], 0)
  let length = FILE_HEADER_BYTES
  let flushed = 0
  let after = ''
  for (;;) {
    if (signal.aborted) return undefined
    const entries = pinned.page(after, PAGE_BYTES).map(storedEntry)
    const kind = entries.length > 0 ? recordKinds.entries : recordKinds.end
    const page = Buffer.allocUnsafe(recordSizeMax(entries))
    const end = encodeRecord(page, 0, { kind, revision, time }, entries)
    sealRecords(page, 0, end, salt, 0)
    await file.write([page.subarray(0, end)], length)
    length += end
    const last = entries.at(-1)
    if (last === undefined || length - flushed > FLUSH_BYTES) {
      await file.sync()
      flushed = length
    }
    if (last === undefined) return length
    after = last.key
  }
}

/** Feeds the snapshot to the sink and gives its size. */
export async function loadSnapshot(
  disk: Disk,
  directory: string,
  sequence: number,
  sink: LogSink,
): Promise<number> {
  const name = snapshotFile(directory, sequence)
  const file = await disk.open(name)
  try {
    const size = await file.size()
    const { salt, revision } = await readFileHeader(file, name, magics.snapshot, sequence)
    let isComplete = false
    const intact = await readRecords(file, FILE_HEADER_BYTES, size, salt, (source, start, info) => {
      isComplete = info.kind === recordKinds.end
      if (!isComplete) decodeEntries(source, start, info.count, (entry) => sink.load(entry))
    })
    if (intact < size) throw damaged(name, intact, 'the record is not as written')
    if (!isComplete) throw damaged(name, size, 'the file ends before its last record')
    sink.loaded(revision)
    return size
  } finally {
    await file.close()
  }
}

function storedEntry(entry: Entry): StoredEntry {
  const { key, value, revision, createRevision, expiresAt } = entry
  const labels = attributesText(entry.labels)
  const fields = attributesText(entry.fields)
  return { key, value, labels, fields, revision, createRevision, expiresAt }
}
