/** Torn writes are cut off; any other change of any byte stops the start and is named. */
import { crc32 } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { openFileStore } from '#apiserver/store/file/open-file-store.ts'
import type { Entry, Store } from '#apiserver/store/store.ts'
import { ManualClock } from '#daemon/clock.ts'
import { seededRandom } from '#daemon/random.ts'
import { type Files, SimulatedDisk } from './simulated-disk.ts'

const LAST_KEY = '/k/last'
const KEYS = 20
const clock = new ManualClock()

interface Opened {
  readonly store: Store
  readonly disk: SimulatedDisk
  readonly warnings: readonly string[]
}

async function open(files: Files): Promise<Opened> {
  const random = seededRandom(7)
  const disk = new SimulatedDisk(random, files)
  const warnings: string[] = []
  const store = await openFileStore({
    directory: '/data',
    disk,
    clock,
    random,
    warn: (message) => warnings.push(message),
    limits: { segmentBytes: 300, snapshotLogBytes: 1_000 },
  })
  return { store, disk, warnings }
}

function create(store: Store, name: string, text: string): Promise<Entry> {
  const value = Buffer.from(text)
  return store.create({ key: `/k/${name}`, value, labels: { name } })
}

/** The segment that the last record lies in: the greatest name. */
function lastSegment(files: Files): string {
  const names = [...files.keys()].filter((name) => name.includes('log-'))
  return names.toSorted().at(-1) as string
}

function changed(files: Files, name: string, change: (bytes: Buffer) => Buffer): Files {
  return new Map(files).set(name, change(Buffer.from(files.get(name) as Buffer)))
}

let killed: Files
let closed: Files
let name: string
/** Where the last record starts in the killed store. */
let lastStart: number

beforeAll(async () => {
  const { store, disk } = await open(new Map())
  for (let index = 0; index < KEYS - 5; index++) await create(store, `a${index}`, `value ${index}`)
  // The snapshot is written in the background.
  while (![...disk.afterKill().keys()].some((file) => /snapshot-\d+$/.test(file))) {
    await clock.settle()
  }
  for (let index = 0; index < 5; index++) await create(store, `b${index}`, `value ${index}`)
  await store.delete('/k/a3')
  await create(store, 'last', 'the last one')
  killed = disk.afterKill()
  await store[Symbol.asyncDispose]()
  closed = disk.afterKill()
  name = lastSegment(killed)
  const bytes = killed.get(name) as Buffer
  lastStart = bytes.length - recordSize(bytes)
})

/** Bytes of the last record: found from its length field, which lies behind its checksum. */
function recordSize(bytes: Buffer): number {
  let at = 64
  let size = 0
  for (; at < bytes.length; at += size) size = bytes.readUInt32LE(at + 4)
  return size
}

describe('a torn write', () => {
  test('at every byte of the last record is cut off, with a warning', async () => {
    const length = killed.get(name)?.length ?? 0
    for (let cut = lastStart; cut < length; cut++) {
      const torn = changed(killed, name, (bytes) => bytes.subarray(0, cut))
      const { store, disk, warnings } = await open(torn)
      expect(store.get(LAST_KEY)).toBeUndefined()
      expect(store.list('/k/').entries).toHaveLength(KEYS - 1)
      expect(warnings).toHaveLength(cut === lastStart ? 0 : 1)
      const written = await store.create({ key: LAST_KEY, value: Buffer.from('again') })
      const again = await open(disk.afterKill())
      expect(again.warnings).toEqual([])
      expect(again.store.get(LAST_KEY)?.revision).toBe(written.revision)
    }
  })

  test('that left zeros or noise instead of bytes is cut off', async () => {
    for (const fill of [0, 0xff, 0x5a]) {
      for (let from = lastStart; from < (killed.get(name)?.length ?? 0); from += 8) {
        const torn = changed(killed, name, (bytes) => bytes.fill(fill, from))
        const { store, warnings } = await open(torn)
        expect(store.get(LAST_KEY)).toBeUndefined()
        expect(warnings).toHaveLength(1)
      }
    }
  })

  test('behind a record that is whole takes nothing of it', async () => {
    const longer = changed(killed, name, (bytes) => Buffer.concat([bytes, Buffer.alloc(1000, 7)]))
    const { store, warnings } = await open(longer)
    expect(store.get(LAST_KEY)?.value.toString()).toBe('the last one')
    expect(warnings).toHaveLength(1)
  })
})

describe('damage', () => {
  test('of one bit, at any byte that was flushed, stops the start', async () => {
    let flips = 0
    for (const [file, { length }] of closed) {
      const isLast = file === name
      const end = isLast ? (killed.get(name)?.length ?? 0) : length
      for (let at = 0; at < end; at++) {
        const flipped = changed(closed, file, (bytes) => {
          bytes[at] = (bytes[at] as number) ^ (1 << (at % 8))
          return bytes
        })
        const error = await open(flipped).then(
          () => undefined,
          (reason: unknown) => reason,
        )
        expect(error, `${file} at ${at}`).toMatchObject({ code: 'Damaged', details: { file } })
        const { offset } = (error as { details: { offset: number } }).details
        expect(offset).toBeLessThanOrEqual(at)
        flips++
      }
    }
    expect(flips).toBeGreaterThan(1_500)
    expect([...closed.keys()].filter((file) => file.includes('log-')).length).toBeGreaterThan(1)
  })

  test('of the mark that a clean close leaves costs nothing that was written', async () => {
    const { length } = closed.get(name) as Buffer
    for (let at = killed.get(name)?.length ?? 0; at < length; at++) {
      const flipped = changed(closed, name, (bytes) => {
        bytes[at] = (bytes[at] as number) ^ 1
        return bytes
      })
      const { store } = await open(flipped)
      expect(store.list('/k/').entries).toHaveLength(KEYS)
    }
  })

  test('by a lost end of a file that others follow stops the start', async () => {
    for (const [file, { length }] of closed) {
      if (file === name) continue
      for (let cut = 0; cut < length; cut += 5) {
        const short = changed(closed, file, (bytes) => bytes.subarray(0, cut))
        await expect(open(short), `${file} at ${cut}`).rejects.toMatchObject({ code: 'Damaged' })
      }
    }
  })

  test('by a lost or foreign file stops the start', async () => {
    // The newest file is the exception: without it the store looks as it did before that file.
    for (const file of [...closed.keys()].filter((one) => one !== name)) {
      const without = new Map(closed)
      without.delete(file)
      await expect(open(without), file).rejects.toMatchObject({ code: 'Damaged' })
    }
    const other = await open(new Map())
    const foreign = new Map(closed).set(name, other.disk.afterKill().get('/data/log-0000000001')!)
    await expect(open(foreign)).rejects.toThrow('the header is that of another file')
  })

  test('is told with file, offset and what is wrong', async () => {
    const flipped = changed(closed, name, (bytes) => bytes.fill(0, lastStart + 40, lastStart + 44))
    await expect(open(flipped)).rejects.toThrow(
      `open store: "${name}" is damaged at byte ${lastStart}: the record is not as written`,
    )
  })

  test('is not what another format version is called', async () => {
    const newer = changed(closed, name, (bytes) => {
      bytes.writeUInt32LE(2, 8)
      bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60)
      return bytes
    })
    await expect(open(newer)).rejects.toThrow('format version is 2, wanted 1')
  })
})
