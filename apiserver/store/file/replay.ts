/** Rebuilds the state from a directory: the newest snapshot, then every segment behind it. */
import type { LogSink } from '../log.ts'
import type { Warn } from '../logged-store.ts'
import { damaged } from '../store-error.ts'
import { FIRST_REVISION } from '../view.ts'
import type { Disk, DiskFile } from './disk.ts'
import { FILE_HEADER_BYTES, type FileHeader, magics, readFileHeader } from './file-header.ts'
import { type StoreFiles, segmentFile } from './file-names.ts'
import { provesDurable, readRecords, type VisitRecord } from './read-records.ts'
import { decodeOperations, recordKinds } from './record.ts'
import { loadSnapshot } from './snapshot.ts'

/** The last segment, open, and where the next record goes. */
export interface Tail {
  readonly file: DiskFile
  readonly sequence: number
  readonly salt: number
  readonly length: number
  /** Bytes behind `length` that a crash left and that must go. */
  readonly tornBytes: number
  /** Whether the last process closed the store, so that nothing can be missing at the end. */
  readonly isClean: boolean
  /** Bytes of the segments that were replayed. */
  readonly logBytes: number
  readonly snapshotBytes: number
}

interface Segment {
  readonly name: string
  readonly file: DiskFile
  readonly header: FileHeader
}

/** Gives undefined for a directory without a store. */
export async function replay(
  disk: Disk,
  directory: string,
  files: StoreFiles,
  sink: LogSink,
  warn: Warn,
): Promise<Tail | undefined> {
  if (files.segments.length === 0 && files.snapshots.length === 0) return undefined
  const newest = files.snapshots.at(-1)
  const snapshotBytes = newest === undefined ? 0 : await loadSnapshot(disk, directory, newest, sink)
  if (newest === undefined) sink.loaded(FIRST_REVISION)
  const opened: DiskFile[] = []
  let tail: Tail | undefined
  try {
    const segments = await openSegments(disk, directory, files, newest ?? 1, opened)
    tail = await replaySegments(segments, snapshotBytes, sink, warn)
    return tail
  } finally {
    for (const file of opened) if (file !== tail?.file) await file.close()
  }
}

async function openSegments(
  disk: Disk,
  directory: string,
  files: StoreFiles,
  first: number,
  opened: DiskFile[],
): Promise<Segment[]> {
  const last = files.segments.at(-1) ?? 0
  const segments: Segment[] = []
  for (let sequence = first; sequence <= Math.max(last, first); sequence++) {
    const name = segmentFile(directory, sequence)
    if (!files.segments.includes(sequence)) throw damaged(name, 0, 'the file is missing')
    const file = await disk.open(name)
    opened.push(file)
    const header = await readFileHeader(file, name, magics.segment, sequence)
    segments.push({ name, file, header })
  }
  return segments
}

async function replaySegments(
  segments: readonly Segment[],
  snapshotBytes: number,
  sink: LogSink,
  warn: Warn,
): Promise<Tail> {
  let isClean = false
  let logBytes = 0
  const onRecord = (name: string): VisitRecord => {
    const apply = applyTo(sink, name)
    return (source, start, info, offset) => {
      isClean = info.kind === recordKinds.end
      apply(source, start, info, offset)
    }
  }
  for (const [index, { name, file, header }] of segments.entries()) {
    if (header.revision !== sink.revision) {
      throw damaged(name, 24, `starts at revision ${header.revision}, wanted ${sink.revision}`)
    }
    const next = segments[index + 1]
    const size = await file.size()
    const end = next ? next.header.previousLength : size
    if (size < end) throw damaged(name, size, `the file ends here, wanted ${end} bytes`)
    const { salt, sequence } = header
    const intact = await readRecords(file, FILE_HEADER_BYTES, end, salt, onRecord(name))
    logBytes += intact
    if (next && intact < end) throw damaged(name, intact, 'the record is not as written')
    if (next) continue
    const tornBytes = end - intact
    if (tornBytes > 0) {
      if (await provesDurable(file, intact, end, salt)) {
        throw damaged(name, intact, 'the record is not as written')
      }
      warn('store: cut off a write that a crash left unfinished', {
        file: name,
        offset: intact,
        bytes: tornBytes,
      })
    }
    isClean &&= tornBytes === 0
    return { file, sequence, salt, length: intact, tornBytes, isClean, logBytes, snapshotBytes }
  }
  throw new Error('replay: no segment is open, wanted at least one')
}

function applyTo(sink: LogSink, name: string): VisitRecord {
  return (source, start, { kind, revision, time, count }, offset) => {
    if (kind === recordKinds.end) return
    if (revision <= sink.revision) {
      throw damaged(name, offset, `revision ${revision} follows revision ${sink.revision}`)
    }
    if (kind === recordKinds.skip) sink.skip(revision)
    else if (kind === recordKinds.commit) {
      sink.commit({ revision, time, operations: decodeOperations(source, start, count) })
    } else throw damaged(name, offset, `record kind is ${kind}, wanted one of a segment`)
  }
}
