/** Records as bytes: what segments and snapshots are made of. See docs/storage-format.md. */
import { crc32 } from 'node:zlib'
import type { LogOperation, StoredEntry } from '../log.ts'

export const RECORD_HEADER_BYTES = 32
export const RECORD_ALIGNMENT = 8
const OPERATION_HEADER_BYTES = 40
const WORD = 2 ** 32

export const recordKinds = { commit: 1, skip: 2, end: 3, entries: 4 } as const
export type RecordKind = (typeof recordKinds)[keyof typeof recordKinds]

const PUT = 1
const DELETE = 2

export interface RecordHeader {
  readonly kind: RecordKind
  readonly revision: number
  /** Wall-clock milliseconds. */
  readonly time: number
}

export interface RecordInfo extends RecordHeader {
  /** Bytes of the whole record; the next one starts behind them. */
  readonly size: number
  /** How far the file was known to be on disk when this was written. */
  readonly durable: number
  readonly count: number
}

/** The most bytes a record can take; UTF-8 needs up to three for each UTF-16 code unit. */
export function recordSizeMax(items: readonly (LogOperation | StoredEntry)[]): number {
  let size = RECORD_HEADER_BYTES + RECORD_ALIGNMENT
  for (const item of items) {
    size += OPERATION_HEADER_BYTES + 3 * item.key.length
    if ('value' in item) size += 3 * (item.labels.length + item.fields.length) + item.value.length
  }
  return size
}

/** Writes a record, still without its seal, and returns where it ends. */
export function encodeRecord(
  target: Buffer,
  start: number,
  header: RecordHeader,
  items: readonly (LogOperation | StoredEntry)[],
): number {
  target.fill(0, start, start + RECORD_HEADER_BYTES)
  writeRevision(target, start + 8, header.revision)
  target.writeDoubleLE(header.time, start + 16)
  target[start + 28] = header.kind
  target.writeUInt16LE(items.length, start + 30)
  let at = start + RECORD_HEADER_BYTES
  for (const item of items) at = encodeItem(target, at, item, header.revision)
  const end = align(at)
  target.fill(0, at, end)
  target.writeUInt32LE(end - start, start + 4)
  return end
}

/** Seals every record in the range for the file that it goes to. */
export function sealRecords(
  target: Buffer,
  start: number,
  end: number,
  salt: number,
  durable: number,
): void {
  for (let at = start; at < end; ) {
    const size = target.readUInt32LE(at + 4)
    target.writeUInt32LE(durable, at + 24)
    target.writeUInt32LE(crc32(target.subarray(at + 4, at + size), salt), at)
    at += size
  }
}

/** Bytes of the record that starts here, as far as its length can be believed; 0 if it cannot. */
export function claimedSize(source: Buffer, start: number, end: number): number {
  if (end - start < RECORD_HEADER_BYTES) return 0
  const size = source.readUInt32LE(start + 4)
  return size < RECORD_HEADER_BYTES || size % RECORD_ALIGNMENT !== 0 ? 0 : size
}

/** Reads the header of the record that starts here; undefined unless all of it is as written. */
export function readRecord(
  source: Buffer,
  start: number,
  end: number,
  salt: number,
): RecordInfo | undefined {
  const size = claimedSize(source, start, end)
  if (size === 0 || size > end - start) return undefined
  const checksum = crc32(source.subarray(start + 4, start + size), salt)
  if (checksum !== source.readUInt32LE(start)) return undefined
  return {
    size,
    revision: readRevision(source, start + 8),
    time: source.readDoubleLE(start + 16),
    durable: source.readUInt32LE(start + 24),
    kind: source[start + 28] as RecordKind,
    count: source.readUInt16LE(start + 30),
  }
}

/** Reads what a commit did. The values are windows on the source. */
export function decodeOperations(source: Buffer, start: number, count: number): LogOperation[] {
  const operations: LogOperation[] = []
  let at = start + RECORD_HEADER_BYTES
  for (let index = 0; index < count; index++) {
    const item = decodeItem(source, at)
    at += item.size
    operations.push(
      item.isDelete ? { type: 'delete', key: item.entry.key } : { type: 'put', ...item.entry },
    )
  }
  return operations
}

/** Reads the entries of a snapshot record. The values are windows on the source. */
export function decodeEntries(
  source: Buffer,
  start: number,
  count: number,
  visit: (entry: StoredEntry) => void,
): void {
  let at = start + RECORD_HEADER_BYTES
  for (let index = 0; index < count; index++) {
    const item = decodeItem(source, at)
    at += item.size
    visit(item.entry)
  }
}

function encodeItem(
  target: Buffer,
  start: number,
  item: LogOperation | StoredEntry,
  revision: number,
): number {
  target.fill(0, start, start + OPERATION_HEADER_BYTES)
  const isPut = 'value' in item
  target[start] = isPut ? PUT : DELETE
  let at = start + OPERATION_HEADER_BYTES
  const keyLength = target.write(item.key, at)
  target.writeUInt16LE(keyLength, start + 2)
  at += keyLength
  writeRevision(target, start + 24, 'revision' in item ? item.revision : revision)
  if (!isPut) return at
  const labelsLength = target.write(item.labels, at)
  at += labelsLength
  const fieldsLength = target.write(item.fields, at)
  at += fieldsLength
  target.set(item.value, at)
  target.writeUInt32LE(item.value.length, start + 4)
  target.writeUInt32LE(labelsLength, start + 8)
  target.writeUInt32LE(fieldsLength, start + 12)
  target.writeUInt32LE(item.expiresAt, start + 16)
  writeRevision(target, start + 32, 'createRevision' in item ? item.createRevision : 0)
  return at + item.value.length
}

interface DecodedItem {
  readonly isDelete: boolean
  readonly size: number
  readonly entry: StoredEntry
}

function decodeItem(source: Buffer, start: number): DecodedItem {
  const keyAt = start + OPERATION_HEADER_BYTES
  const labelsAt = keyAt + source.readUInt16LE(start + 2)
  const fieldsAt = labelsAt + source.readUInt32LE(start + 8)
  const valueAt = fieldsAt + source.readUInt32LE(start + 12)
  const end = valueAt + source.readUInt32LE(start + 4)
  const entry = {
    key: source.toString('utf8', keyAt, labelsAt),
    labels: source.toString('utf8', labelsAt, fieldsAt),
    fields: source.toString('utf8', fieldsAt, valueAt),
    value: source.subarray(valueAt, end),
    expiresAt: source.readUInt32LE(start + 16),
    revision: readRevision(source, start + 24),
    createRevision: readRevision(source, start + 32),
  }
  return { isDelete: source[start] === DELETE, size: end - start, entry }
}

function writeRevision(target: Buffer, at: number, revision: number): void {
  target.writeUInt32LE(revision % WORD, at)
  target.writeUInt32LE(Math.floor(revision / WORD), at + 4)
}

function readRevision(source: Buffer, at: number): number {
  return source.readUInt32LE(at) + source.readUInt32LE(at + 4) * WORD
}

function align(offset: number): number {
  return Math.ceil(offset / RECORD_ALIGNMENT) * RECORD_ALIGNMENT
}
