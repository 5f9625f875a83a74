/** A disk that is full or fails: writes are refused, reads go on, nothing acknowledged is lost. */
import { describe, expect, test } from 'vitest'
import { type FileLogLimits, RELAXED_RECORDS_MAX } from '#apiserver/store/file/file-log.ts'
import { openFileStore } from '#apiserver/store/file/open-file-store.ts'
import type { Store, WatchReceiver } from '#apiserver/store/store.ts'
import { ManualClock } from '#daemon/clock.ts'
import { seededRandom } from '#daemon/random.ts'
import { type DiskFault, type Files, SimulatedDisk } from './simulated-disk.ts'

/** A little more than the time between two attempts to recover. */
const RECOVERY_MS = 1_100
/** Turns of the event loop within which the simulated disk has done all that was asked. */
const DISK_TURNS = 60

interface Opened {
  readonly store: Store
  readonly disk: SimulatedDisk
  readonly clock: ManualClock
  readonly warnings: string[]
}

async function open(
  files: Files = new Map(),
  fault?: DiskFault,
  limits: Partial<FileLogLimits> = { segmentBytes: 2_000, snapshotLogBytes: 4_000 },
): Promise<Opened> {
  const random = seededRandom(3)
  const clock = new ManualClock()
  const disk = new SimulatedDisk(random, files)
  if (fault) disk.fault = fault
  const warnings: string[] = []
  const warn = (message: string): void => void warnings.push(message)
  const options = { directory: '/data', disk, clock, random, warn, limits }
  return { store: await openFileStore(options), disk, clock, warnings }
}

function write(store: Store, name: string, relaxed = false): Promise<unknown> {
  return store.create({ key: `/k/${name}`, value: Buffer.from(name) }, { relaxed })
}

async function pass(clock: ManualClock, byMs: number): Promise<void> {
  await clock.advance(byMs)
  for (let turn = 0; turn < DISK_TURNS; turn++) await clock.settle()
}

function names(store: Store): string[] {
  return store.list('/k/').entries.map(({ value }) => value.toString())
}

async function reopened(files: Files): Promise<string[]> {
  const { store } = await open(files)
  const found = names(store)
  await store[Symbol.asyncDispose]()
  return found
}

const faults: readonly (readonly [string, DiskFault])[] = [
  ['a full disk', (action) => (action === 'write' ? { code: 'ENOSPC' } : undefined)],
  [
    'a disk that fills up within a write',
    (action, _file, bytes) =>
      action === 'write' ? { code: 'ENOSPC', written: Math.floor(bytes / 2) } : undefined,
  ],
  ['a write that fails', (action) => (action === 'write' ? { code: 'EIO' } : undefined)],
  ['a flush that fails', (action) => (action === 'sync' ? { code: 'EIO' } : undefined)],
]

describe.for(faults)('%s', ([, fault]) => {
  test('makes the store read-only, and it recovers by itself', async () => {
    const { store, disk, clock, warnings } = await open()
    await write(store, 'a')
    await write(store, 'b', true)
    disk.fault = fault
    const refused = await Promise.allSettled([write(store, 'c'), write(store, 'd', true)])
    for (const result of refused) {
      expect(result).toMatchObject({ reason: { code: 'ReadOnly' } })
    }
    expect(store.fault?.message).toMatch(/read-only until the disk works again: E(NOSPC|IO)/)
    expect(names(store)).toEqual(['a', 'b'])
    // It tries again and again, and stays what it is as long as the disk does.
    await pass(clock, 3 * RECOVERY_MS)
    await expect(write(store, 'e')).rejects.toMatchObject({ code: 'ReadOnly' })
    disk.fault = () => undefined
    await pass(clock, RECOVERY_MS)
    expect(store.fault).toBeUndefined()
    expect(warnings.at(-1)).toBe('store: writes are accepted again')
    await write(store, 'f')
    expect(names(store)).toEqual(['a', 'b', 'f'])
    expect(await reopened(disk.afterKill())).toEqual(['a', 'b', 'f'])
    expect(await reopened(disk.afterPowerCut())).toEqual(['a', 'b', 'f'])
    await store[Symbol.asyncDispose]()
    expect(await reopened(disk.afterPowerCut())).toEqual(['a', 'b', 'f'])
  })

  test('and a crash before it recovers cost nothing acknowledged', async () => {
    const { store, disk } = await open()
    await write(store, 'a')
    await write(store, 'b')
    disk.fault = fault
    await Promise.allSettled([write(store, 'c')])
    for (const files of [disk.afterKill(), disk.afterPowerCut()]) {
      // The refused write may have happened: its outcome was never told.
      expect(['a,b', 'a,b,c']).toContain((await reopened(files)).join())
    }
  })

  test('and a close before it recovers keep what was acknowledged early', async () => {
    const { store, disk } = await open()
    await write(store, 'a')
    await write(store, 'b', true)
    disk.fault = fault
    await Promise.allSettled([write(store, 'c')])
    disk.fault = () => undefined
    await store[Symbol.asyncDispose]()
    expect(await reopened(disk.afterPowerCut())).toEqual(['a', 'b'])
  })
})

describe('relaxed writes', () => {
  test('are flushed within a second', async () => {
    const { store, disk, clock } = await open()
    await write(store, 'a')
    await write(store, 'b', true)
    await pass(clock, 1_000)
    expect(await reopened(disk.afterPowerCut())).toEqual(['a', 'b'])
  })

  test('wait when they are first behind a clean close: a loss would go unnoticed', async () => {
    for (let round = 0; round < 10; round++) {
      const { store, disk } = await open()
      await write(store, 'a', true)
      expect(await reopened(disk.afterPowerCut())).toEqual(['a'])
    }
  })

  test('that a failed flush put in doubt are written again', async () => {
    const { store, disk, clock } = await open()
    await write(store, 'a')
    await write(store, 'b', true)
    disk.fault = (action) => (action === 'sync' ? { code: 'EIO' } : undefined)
    await pass(clock, 1_000)
    expect(store.fault?.code).toBe('ReadOnly')
    disk.fault = () => undefined
    await pass(clock, RECOVERY_MS)
    expect(store.fault).toBeUndefined()
    expect(await reopened(disk.afterPowerCut())).toEqual(['a', 'b'])
  })

  test('are flushed early when there are many', async () => {
    const { store } = await open(new Map(), undefined, {})
    await write(store, 'first')
    const before = store.statistics().flushes
    for (let batch = 0; batch < 30; batch++) {
      const some = Array.from({ length: 100 }, (_, index) =>
        write(store, `${batch}-${index}`, true),
      )
      await Promise.all(some)
    }
    expect(store.statistics().flushes - before).toBeGreaterThanOrEqual(2)
  })
})

describe('a start', () => {
  test('on a full disk after a crash serves reads and waits for room', async () => {
    const first = await open()
    await write(first.store, 'a')
    const full: DiskFault = (action) => (action === 'write' ? { code: 'ENOSPC' } : undefined)
    const { store, disk, clock } = await open(first.disk.afterKill(), full)
    expect(names(store)).toEqual(['a'])
    await expect(write(store, 'b')).rejects.toMatchObject({ code: 'ReadOnly' })
    const { revision } = store
    disk.fault = () => undefined
    await pass(clock, RECOVERY_MS)
    await write(store, 'b')
    const again = await open(disk.afterPowerCut())
    expect(again.store.revision).toBeGreaterThan(revision)
    expect(names(again.store)).toEqual(['a', 'b'])
  })

  test('after a crash skips revisions, and nobody resumes from within', async () => {
    const first = await open()
    await write(first.store, 'a')
    const last = first.store.revision
    const { store } = await open(first.disk.afterKill())
    const { revision } = store
    expect(revision).toBe(last + RELAXED_RECORDS_MAX)
    const heard: number[] = []
    const receiver: WatchReceiver = {
      change: (change) => heard.push(change.revision) > 0,
      end: () => heard.push(Number.NaN),
    }
    for (const skipped of [last + 1, revision - 1]) {
      const wanted = `revision is ${skipped}, wanted ${revision} or newer`
      expect(() => store.watch({ prefix: '/k/', after: skipped }, receiver)).toThrow(wanted)
      expect(() => store.list('/k/', { revision: skipped })).toThrow(wanted)
    }
    expect(store.list('/k/', { revision: last }).entries).toHaveLength(1)
    const watches = [last, revision].map((after) => store.watch({ prefix: '/k/', after }, receiver))
    // The newest revision is that of no change; a watch from it is live at once all the same.
    expect(watches.map((watch) => watch.revision)).toEqual([last, revision])
    expect(store.statistics().watchesBehind).toBe(1)
    await write(store, 'b')
    await pass(new ManualClock(), 0)
    expect(heard).toEqual([revision + 1, revision + 1])
    expect(watches.map((watch) => watch.revision)).toEqual([revision + 1, revision + 1])
  })

  test('whose flush fails is refused', async () => {
    const first = await open()
    await write(first.store, 'a')
    const broken: DiskFault = (action) => (action === 'sync' ? { code: 'EIO' } : undefined)
    await expect(open(first.disk.afterKill(), broken)).rejects.toThrow('EIO')
  })
})

test('a snapshot that fails is tried again later and costs nothing', async () => {
  const { store, disk, warnings } = await open()
  disk.fault = (action, file) =>
    action === 'write' && file.includes('snapshot') ? { code: 'ENOSPC' } : undefined
  for (let index = 0; index < 60; index++) await write(store, `a${index}`)
  expect(warnings).toContain('store: the snapshot failed, the log goes on growing')
  expect(store.fault).toBeUndefined()
  expect([...disk.afterKill().keys()].filter((file) => file.includes('snapshot'))).toEqual([])
  disk.fault = () => undefined
  for (let index = 0; index < 120; index++) await write(store, `b${index}`)
  await store[Symbol.asyncDispose]()
  expect([...disk.afterKill().keys()].some((file) => /snapshot-\d+$/.test(file))).toBe(true)
  expect(await reopened(disk.afterKill())).toHaveLength(180)
})
