/** What is encoded is decoded, and no change of a sealed record goes unseen. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import type { LogOperation, StoredEntry } from '../log.ts'
import {
  decodeEntries,
  decodeOperations,
  encodeRecord,
  readRecord,
  recordKinds,
  recordSizeMax,
  sealRecords,
} from './record.ts'

const SALT = 12_345
const text = fc.string({ unit: 'grapheme', maxLength: 40 })
const revision = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
const put = fc.record({
  type: fc.constant('put' as const),
  key: text,
  value: fc.uint8Array({ maxLength: 3_000 }).map((bytes) => Buffer.from(bytes)),
  labels: text,
  fields: text,
  expiresAt: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
})
const operation: fc.Arbitrary<LogOperation> = fc.oneof(
  put,
  fc.record({ type: fc.constant('delete' as const), key: text }),
)
const stored: fc.Arbitrary<StoredEntry> = fc
  .tuple(put, revision, revision)
  .map(([{ type: _, ...rest }, one, other]) => ({ ...rest, revision: one, createRevision: other }))

function sealed(
  kind: typeof recordKinds.commit | typeof recordKinds.entries,
  at: number,
  items: readonly (LogOperation | StoredEntry)[],
): Buffer {
  const buffer = Buffer.alloc(recordSizeMax(items), 0xee)
  const end = encodeRecord(buffer, 0, { kind, revision: at, time: 1.5 }, items)
  sealRecords(buffer, 0, end, SALT, 4_096)
  return buffer.subarray(0, end)
}

test('a commit is read as it was written', () => {
  const property = fc.property(
    revision,
    fc.array(operation, { maxLength: 8 }),
    (at, operations) => {
      const record = sealed(recordKinds.commit, at, operations)
      const info = readRecord(record, 0, record.length, SALT)
      expect(info).toEqual({
        kind: recordKinds.commit,
        revision: at,
        time: 1.5,
        size: record.length,
        durable: 4_096,
        count: operations.length,
      })
      const decoded = decodeOperations(record, 0, operations.length)
      expect(decoded).toMatchObject(operations)
    },
  )
  fc.assert(property, fuzz(200))
})

test('entries of a snapshot are read as they were written', () => {
  const property = fc.property(fc.array(stored, { maxLength: 8 }), (entries) => {
    const record = sealed(recordKinds.entries, 7, entries)
    const decoded: StoredEntry[] = []
    decodeEntries(record, 0, entries.length, (entry) => decoded.push(entry))
    expect(decoded).toEqual(entries)
  })
  fc.assert(property, fuzz(200))
})

test('any changed bit, a lost end and another salt are seen', () => {
  const value = Buffer.from('value')
  const item = {
    type: 'put',
    key: '/k/a',
    value,
    labels: '{}',
    fields: '{}',
    expiresAt: 0,
  } as const
  const record = sealed(recordKinds.commit, 9, [item])
  for (let bit = 0; bit < record.length * 8; bit++) {
    const changed = Buffer.from(record)
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
    expect(readRecord(changed, 0, changed.length, SALT)).toBeUndefined()
  }
  for (let end = 0; end < record.length; end++) {
    expect(readRecord(record, 0, end, SALT)).toBeUndefined()
  }
  expect(readRecord(record, 0, record.length, SALT + 1)).toBeUndefined()
})
