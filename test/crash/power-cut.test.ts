/** Crashes at any moment, on a simulated disk: one seed replays one history of crashes. */
import { describe, expect, test } from 'vitest'
import { RELAXED_RECORDS_MAX } from '#apiserver/store/file/file-log.ts'
import { openFileStore } from '#apiserver/store/file/open-file-store.ts'
import type { Store } from '#apiserver/store/store.ts'
import { ManualClock } from '#daemon/clock.ts'
import { type Random, seededRandom } from '#daemon/random.ts'
import { newWriters, runWriter, verdict, type WriterState } from './crash-workload.ts'
import { type Files, SimulatedDisk } from './simulated-disk.ts'

const WRITERS = 4
/** Crashes one after the other on the same data. */
const LIVES = 12
const ACTIONS_MAX = 120
/** More than a life has time for. */
const TURNS_MAX = 1_000

describe('nothing acknowledged is lost, nothing happens twice', () => {
  test.for(['kill', 'power cut'] as const)('%s', async (crash) => {
    for (let seed = 1; seed <= 25; seed++) {
      expect({ seed, wrong: await liveAndDie(crash, seed) }).toEqual({ seed, wrong: [] })
    }
  })
})

/** Small limits, so that segments, snapshots and their removal are crashed into as well. */
function open(disk: SimulatedDisk, clock: ManualClock, random: Random): Promise<Store> {
  const limits = { segmentBytes: 4_000, snapshotLogBytes: 10_000 }
  return openFileStore({ directory: '/data', disk, clock, random, warn: () => {}, limits })
}

type Crash = 'kill' | 'power cut'

/** What a history of crashes has shown so far. */
interface Past {
  readonly random: Random
  readonly clock: ManualClock
  readonly writers: WriterState[]
  readonly wrong: string[]
  files: Files
  seenRevision: number
  /** Where the store was closed, or about to be; nothing is skipped behind a complete close. */
  closedAt: number
}

async function liveAndDie(crash: Crash, seed: number): Promise<string[]> {
  const past: Past = {
    random: seededRandom(seed),
    clock: new ManualClock(),
    writers: newWriters(WRITERS),
    wrong: [],
    files: new Map(),
    seenRevision: 1,
    closedAt: 1,
  }
  for (let life = 0; life < LIVES; life++) {
    const disk = new SimulatedDisk(past.random, past.files)
    const dying = new Promise<void>((resolve) => {
      const last = disk.actions + 1 + past.random.below(ACTIONS_MAX)
      disk.onAction = () => {
        if (disk.actions < last) return
        disk.kill()
        resolve()
      }
    })
    await Promise.race([dying, live(disk, past, crash)])
    past.files = crash === 'kill' ? disk.afterKill() : disk.afterPowerCut()
  }
  return past.wrong
}

async function live(disk: SimulatedDisk, past: Past, crash: Crash): Promise<void> {
  const { random, writers, wrong } = past
  const store = await open(disk, past.clock, random)
  const isAfterClose = store.revision === past.closedAt
  const reached = isAfterClose ? store.revision : store.revision - RELAXED_RECORDS_MAX
  wrong.push(...verdict(store, writers, reached, crash === 'power cut'))
  // A revision that anybody has seen is never given to something else.
  if (store.revision < past.seenRevision) wrong.push(`revision ${past.seenRevision} comes again`)
  store.watch(
    { prefix: '/', after: store.revision },
    {
      change: ({ revision }) => {
        past.seenRevision = revision
        return true
      },
      end: () => {},
    },
  )
  const turns = random.below(3) === 0 ? random.below(4) : TURNS_MAX
  await Promise.all(writers.map((writer) => runWriter(store, writer, random, turns)))
  // Noted first: the crash may come when the end is on disk, but nobody has been told.
  past.closedAt = store.revision
  await store[Symbol.asyncDispose]()
}
