/** What 150,000 pods cost in memory and in pauses, and how long a start takes. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Store } from '#apiserver/store/store.ts'
import { systemClock } from '#daemon/clock.ts'
import type { Bench } from './bench.ts'
import { openBenchStore, PODS, withDirectory } from './stored-pods.ts'

const FILL = fileURLToPath(new URL('./fill-store.ts', import.meta.url))
const MANY = 150_000
const SOME = 10_000

interface Sizes {
  readonly heapBytes: number
  readonly residentBytes: number
  readonly collectionMs: number
}

let sizes: Promise<Sizes> | undefined

export const benches: readonly Bench[] = [
  {
    name: 'store: heap for each of 150,000 pods',
    unit: 'bytes',
    better: 'lower',
    measure: async () => (await measuredSizes()).heapBytes / MANY,
  },
  {
    name: 'store: resident for each of 150,000 pods of 3,000',
    unit: 'bytes',
    better: 'lower',
    measure: async () => (await measuredSizes()).residentBytes / MANY,
  },
  {
    name: 'store: full collection at 150,000 pods',
    unit: 'ms',
    better: 'lower',
    against: { name: 'the same as parsed objects', figure: 1_200 },
    measure: async () => (await measuredSizes()).collectionMs,
  },
  {
    name: 'store: start with an empty store',
    unit: 'ms',
    better: 'lower',
    measure: () => startMs(0),
  },
  {
    name: 'store: start with 10,000 pods',
    unit: 'ms',
    better: 'lower',
    against: { name: 'the goal for the API', figure: 500 },
    measure: () => startMs(SOME),
  },
  {
    name: 'store: start with 150,000 pods',
    unit: 'ms',
    better: 'lower',
    measure: () => startMs(MANY),
  },
]

async function startMs(pods: number): Promise<number> {
  return await withDirectory(async (directory) => {
    fill(directory, pods)
    const begunAt = systemClock.monotonic()
    await using store = await openBenchStore(directory)
    const tookMs = systemClock.monotonic() - begunAt
    requireCount(store, pods)
    return tookMs
  })
}

function measuredSizes(): Promise<Sizes> {
  sizes ??= withDirectory(async (directory) => {
    fill(directory, MANY)
    const before = collected()
    await using store = await openBenchStore(directory)
    const after = collected()
    requireCount(store, MANY)
    return {
      heapBytes: after.heapUsed - before.heapUsed,
      residentBytes: after.rss - before.rss,
      collectionMs: after.tookMs,
    }
  })
  return sizes
}

function fill(directory: string, pods: number): void {
  const { status } = spawnSync(process.execPath, [FILL, directory, `${pods}`], { stdio: 'inherit' })
  if (status !== 0) throw new Error(`bench: filling the store ended with ${status}, wanted 0`)
}

function collected(): { heapUsed: number; rss: number; tookMs: number } {
  if (!globalThis.gc) throw new Error('bench: no gc(), wanted node --expose-gc')
  globalThis.gc()
  const begunAt = systemClock.monotonic()
  globalThis.gc()
  const tookMs = systemClock.monotonic() - begunAt
  const { heapUsed, rss } = process.memoryUsage()
  return { heapUsed, rss, tookMs }
}

/** A bench of a store that lost something would be worth nothing. */
function requireCount(store: Store, pods: number): void {
  const count = store.count(PODS)
  if (count !== pods) throw new Error(`bench: ${count} pods, wanted ${pods}`)
}
