/** Images that nobody uses go when the disk is full, and never those of others. */
import { expect, test } from 'vitest'
import { ManualClock } from '#daemon/clock.ts'
import { collectingLog } from '#test/collecting-log.ts'
import { type CollectionFacts, planCollection } from './image-collection.ts'
import { ImageCollector } from './image-collector.ts'
import type { Image } from './runtime.ts'

const thresholds = { highPercent: 85, lowPercent: 80, ageLeastMs: 120_000 }
const MINUTE_MS = 60_000

const image = (id: string, isOurs = true, sizeBytes = 10): Image => ({
  ...{ id, names: [`${id}:latest`], digests: [], sizeBytes, user: '', isOurs },
})

const disk = (availableBytes: number) => ({
  ...{ capacityBytes: 1000, availableBytes, usedBytes: 1000 - availableBytes },
  ...{ inodes: 1, inodesFree: 1, inodesUsed: 0 },
})

const facts = (more: Partial<CollectionFacts>): CollectionFacts => ({
  images: [],
  used: new Set(),
  records: new Map(),
  disk: disk(100),
  nowMs: 10 * MINUTE_MS,
  ...more,
})

test.for([
  { available: 160, wanted: 0 },
  { available: 150, wanted: 50 },
  { available: 0, wanted: 200 },
])('with $available of 1000 free, $wanted have to go', ({ available, wanted }) => {
  expect(planCollection(facts({ disk: disk(available) }), thresholds).wantedBytes).toBe(wanted)
})

test('nothing goes without a view of the disk, or where it is switched off', () => {
  expect(planCollection(facts({ disk: undefined }), thresholds).wantedBytes).toBe(0)
  const never = { ...thresholds, highPercent: 100 }
  expect(planCollection(facts({ disk: disk(0) }), never).wantedBytes).toBe(0)
})

test('least recently used first, without what is used, young, or of somebody else', () => {
  const records = new Map([
    ['recent', { foundAtMs: 0, usedAtMs: 5 * MINUTE_MS }],
    ['older', { foundAtMs: 0, usedAtMs: 4 * MINUTE_MS }],
    ['never', { foundAtMs: 1, usedAtMs: Number.NEGATIVE_INFINITY }],
    ['busy', { foundAtMs: 0, usedAtMs: 0 }],
    ['young', { foundAtMs: 9 * MINUTE_MS, usedAtMs: 0 }],
  ])
  const names = ['recent', 'older', 'never', 'busy', 'young', 'new']
  const images = [...names.map((name) => image(name)), image('foreign', false)]
  const plan = planCollection(facts({ images, records, used: new Set(['busy']) }), thresholds)
  expect(plan.remove.map(({ id }) => id)).toEqual(['never', 'older', 'recent'])
  expect(plan.records.get('busy')?.usedAtMs).toBe(10 * MINUTE_MS)
  expect(plan.records.get('new')?.foundAtMs).toBe(10 * MINUTE_MS)
  expect(plan.records.has('foreign')).toBe(false)
})

test('a round removes as much as is needed, and says when that is not possible', async () => {
  const clock = new ManualClock()
  const removed: string[] = []
  const warnings: string[] = []
  const images = ['a', 'b', 'c'].map((id) => image(id, true, 60))
  let available = 300
  const list = async () => images.filter(({ id }) => !removed.includes(id))
  const remove = async (id: string) => void removed.push(id)
  await using collector = new ImageCollector({
    runtime: { images: { list, remove } as never, list: async () => [] },
    disk: async () => disk(available),
    ...{ thresholds, clock, log: collectingLog([]) },
    warn: (reason, message) => warnings.push(`${reason}: ${message}`),
  })
  await collector.collect()
  expect(removed).toEqual([])
  clock.jump(200_000)
  available = 100
  await collector.collect()
  expect(removed).toEqual(['a', 'b'])
  expect(warnings).toEqual([])
  available = 0
  await clock.advance(300_000)
  await collector.collect()
  expect(removed).toEqual(['a', 'b', 'c'])
  expect(warnings[0]).toBe(
    'FreeDiskSpaceFailed: Failed to garbage collect required amount of images. Attempted to ' +
      'free 200 bytes, but only found 60 bytes eligible to free.',
  )
})
