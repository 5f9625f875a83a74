/** Reads: pages, prefixes, old revisions, and what compaction takes away. */
import { describe, expect } from 'vitest'
import type { Store } from '../store.ts'
import { draft, expectRefusal, type StoreSubjectFactory, storeTest, textOf } from './subject.ts'

export function describeReads(factory: StoreSubjectFactory): void {
  describe('reads', () => {
    storeTest(factory, 'a list holds what is below its prefix, in order', async (store) => {
      for (const key of ['/pods/b/1', '/pods/a/2', '/pods/a/1', '/pods-x/a/1', '/pods/a-b/1']) {
        await store.create(draft(key, key))
      }
      expect(keysOf(store, '/pods/')).toEqual([
        '/pods/a-b/1',
        '/pods/a/1',
        '/pods/a/2',
        '/pods/b/1',
      ])
      expect(keysOf(store, '/pods/a/')).toEqual(['/pods/a/1', '/pods/a/2'])
      expect(keysOf(store, '/none/')).toEqual([])
      expect(store.count('/pods/')).toBe(4)
      expect(() => store.list('/pods')).toThrow('must end in "/"')
    })

    storeTest(factory, 'pages at one revision add up to the list', async (store) => {
      for (let index = 0; index < 25; index++) await store.create(draft(`/k/${pad(index)}`, 'x'))
      const { revision } = store
      const first = store.list('/k/', { limit: 10 })
      expect(first).toMatchObject({ revision, more: true, remaining: 15 })
      for (let index = 0; index < 25; index += 2) await store.delete(`/k/${pad(index)}`)
      await store.create(draft('/k/99', 'new'))
      const keys = first.entries.map(({ key }) => key)
      for (let more = true; more; ) {
        const page = store.list('/k/', { limit: 10, revision, after: keys.at(-1) ?? '' })
        expect(page.revision).toBe(revision)
        keys.push(...page.entries.map(({ key }) => key))
        more = page.more
      }
      expect(keys).toEqual(Array.from({ length: 25 }, (_, index) => `/k/${pad(index)}`))
    })

    storeTest(factory, 'a limit counts only what is selected', async (store) => {
      for (let index = 0; index < 20; index++) {
        await store.create(draft(`/k/${pad(index)}`, 'x', { labels: { odd: `${index % 2}` } }))
      }
      const page = store.list('/k/', { limit: 3, select: ({ labels }) => labels.odd === '1' })
      expect(page.entries.map(({ key }) => key)).toEqual(['/k/01', '/k/03', '/k/05'])
      expect(page).toMatchObject({ more: true, remaining: 14 })
    })

    storeTest(factory, 'the last page says so, even right at the limit', async (store) => {
      for (const name of ['a', 'b', 'c']) await store.create(draft(`/k/${name}`, '1'))
      await store.delete('/k/c')
      expect(store.list('/k/', { limit: 2 })).toMatchObject({ more: false, remaining: 0 })
      expect(store.list('/k/', { limit: 1 })).toMatchObject({ more: true, remaining: 1 })
      expect(store.list('/k/', { limit: 2, revision: 4 })).toMatchObject({ more: true })
    })

    storeTest(factory, 'an old revision reads as it was', async (store) => {
      await store.create(draft('/k/a', '1'))
      await store.update(draft('/k/a', '2'), 2)
      await store.delete('/k/a')
      await store.create(draft('/k/a', '3'))
      const texts = [1, 2, 3, 4, 5].map((revision) => textOf(store.get('/k/a', revision)))
      expect(texts).toEqual([undefined, '1', '2', undefined, '3'])
      expect(() => store.get('/k/a', 6)).toThrow('the store is at 5, wanted 6')
    })

    storeTest(factory, 'compaction refuses what it took and keeps the rest', async (store) => {
      await store.create(draft('/k/a', '1'))
      await store.update(draft('/k/a', '2'), 2)
      await store.create(draft('/k/b', '1'))
      await store.delete('/k/b')
      store.compact(3)
      expect(store.oldestRevision).toBe(3)
      expect(() => store.get('/k/a', 2)).toThrow('revision is 2, wanted 3 or newer')
      expect(textOf(store.get('/k/a', 3))).toBe('2')
      expect(textOf(store.get('/k/b', 4))).toBe('1')
    })
  })
  describeHistory(factory)
}

function describeHistory(factory: StoreSubjectFactory): void {
  describe('history', () => {
    storeTest(factory, 'is bounded by number, size and age', async (store, subject) => {
      await store[Symbol.asyncDispose]()
      await using few = await subject.open({ changes: 10 })
      for (let index = 0; index < 50; index++) await few.create(draft(`/n/${index}`, 'x'))
      expect(few.statistics().historyChanges).toBeLessThanOrEqual(10)
      await few[Symbol.asyncDispose]()
      await using small = await subject.open({ bytes: 1000 })
      for (let index = 0; index < 50; index++) {
        await small.modify('/s/a', () => draft('/s/a', `${index}`.padEnd(100, '.')))
      }
      expect(small.statistics().historyBytes).toBeLessThanOrEqual(1000)
      await small[Symbol.asyncDispose]()
      await using young = await subject.open({ ageMs: 60_000 })
      const { revision } = young
      await young.create(draft('/t/a', 'x'))
      await subject.clock.advance(61_000)
      for (let index = 0; index < 50; index++) await young.create(draft(`/t/${index}`, 'x'))
      expect(young.oldestRevision).toBeGreaterThan(revision)
    })

    storeTest(factory, 'gives memory back', async (store) => {
      const bytes = 100_000
      for (let index = 0; index < 40; index++) {
        await store.modify('/k/a', () => draft('/k/a', `${index}`.padEnd(bytes, '.')))
      }
      expect(store.statistics().valueBytes).toBe(40 * bytes)
      store.compact(store.revision)
      await store.create(draft('/k/b', ''))
      await new Promise((resolve) => setImmediate(resolve))
      expect(store.statistics()).toMatchObject({ valueBytes: bytes, historyBytes: 0 })
      expect(store.statistics().reservedBytes).toBeLessThan(3 * 1024 * 1024)
    })
  })

  describe('synchronize', () => {
    storeTest(factory, 'shows what was acknowledged before', async (store) => {
      const { revision } = await store.create(draft('/k/a', '1'))
      expect(await store.synchronize()).toBe(revision)
    })

    storeTest(factory, 'waits for a revision, but not for ever', async (store, { clock }) => {
      const soon = store.synchronize(2)
      await store.create(draft('/k/a', '1'))
      expect(await soon).toBe(2)
      const never = expectRefusal(store.synchronize(99), 'FutureRevision')
      await clock.settle()
      await clock.advance(3_000)
      await never
    })
  })
}

function keysOf(store: Store, prefix: string): string[] {
  return store.list(prefix).entries.map(({ key }) => key)
}

function pad(index: number): string {
  return String(index).padStart(2, '0')
}
