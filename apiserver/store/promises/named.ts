/** The promises that store.ts names, each under its own name. */
import { describe, expect } from 'vitest'
import {
  draft,
  expectRefusal,
  lineOf,
  Recorder,
  type StoreSubjectFactory,
  storeTest,
  textOf,
} from './subject.ts'

export function describeNamedPromises(factory: StoreSubjectFactory): void {
  describeOrder(factory)
  describeResumption(factory)
  describeDurability(factory)
}

function describeOrder(factory: StoreSubjectFactory): void {
  describe('ordered', () => {
    storeTest(factory, 'a watch sees every change once, by revision', async (store) => {
      const all = new Recorder(store, { prefix: '/', after: store.revision })
      const writers = Array.from({ length: 8 }, async (_, writer) => {
        for (let turn = 0; turn < 25; turn++) {
          const { key, revision } = await store.create(draft(`/w/${writer}-${turn}`, 'x'))
          if (turn % 2 === 0) await store.delete(key, revision)
        }
      })
      await Promise.all(writers)
      expect(all.changes).toHaveLength(8 * (25 + 13))
      const revisions = all.changes.map(({ revision }) => revision)
      expect(revisions).toEqual([...new Set(revisions)].toSorted((a, b) => a - b))
      expect(all.watch.revision).toBe(store.revision)
    })
  })

  describe('unique', () => {
    storeTest(
      factory,
      'an empty store is at revision 1 and each write takes the next',
      async (store) => {
        expect(store.revision).toBe(1)
        const revisions = []
        for (const name of ['a', 'b', 'c']) {
          revisions.push((await store.create(draft(`/k/${name}`, name))).revision)
        }
        expect(revisions).toEqual([2, 3, 4])
      },
    )

    storeTest(
      factory,
      'a reopened store goes on behind its last revision',
      async (store, subject) => {
        const { revision } = await store.create(draft('/k/a', '1'))
        await store[Symbol.asyncDispose]()
        await using again = await subject.open()
        expect(again.revision).toBe(revision)
        expect((await again.create(draft('/k/b', '1'))).revision).toBe(revision + 1)
      },
    )
  })

  describe('atomic', () => {
    storeTest(factory, 'a list and a watch from it miss and repeat nothing', async (store) => {
      const seen: Promise<string[]>[] = []
      for (let round = 0; round < 30; round++) {
        const writes = Array.from({ length: 4 }, (_, index) =>
          store.create(draft(`/k/${round}-${index}`, 'x')),
        )
        const { entries, revision } = store.list('/k/')
        const watch = new Recorder(store, { prefix: '/k/', after: revision })
        const keys = entries.map(({ key }) => key)
        const finish = async () => {
          await watch.reach(121)
          return [...keys, ...watch.changes.map(({ key }) => key)]
        }
        seen.push(finish())
        await Promise.all(writes)
      }
      for (const keys of await Promise.all(seen)) {
        expect(keys).toHaveLength(120)
        expect(new Set(keys).size).toBe(120)
      }
    })

    storeTest(factory, 'a transaction happens at one revision', async (store) => {
      const all = new Recorder(store, { prefix: '/k/', after: store.revision })
      const { revision } = await store.create(draft('/k/a', '1'))
      await store.transact([
        { type: 'put', draft: draft('/k/a', '2'), expected: revision },
        { type: 'put', draft: draft('/k/b', '1'), expected: 0 },
        { type: 'check', key: '/k/c', expected: 0 },
      ])
      expect(all.lines).toEqual(['2 created /k/a ->1', '3 updated /k/a 1>2', '3 created /k/b ->1'])
    })

    storeTest(factory, 'a transaction with one wrong expectation does nothing', async (store) => {
      await store.create(draft('/k/a', '1'))
      const before = store.revision
      const steps = [
        { type: 'put', draft: draft('/k/b', '1'), expected: 0 },
        { type: 'delete', key: '/k/a', expected: 99 },
      ] as const
      await expectRefusal(store.transact(steps), 'Conflict')
      expect(store.revision).toBe(before)
      expect(store.get('/k/b')).toBeUndefined()
    })
  })
}

function describeResumption(factory: StoreSubjectFactory): void {
  describe('resumable', () => {
    storeTest(
      factory,
      'a watch from any revision in history gets exactly the rest',
      async (store) => {
        const all = new Recorder(store, { prefix: '/', after: store.revision })
        for (let turn = 0; turn < 40; turn++) {
          const key = `/k/${turn % 7}`
          const current = store.get(key)
          if (current && turn % 3 === 0) await store.delete(key)
          else if (current) await store.update(draft(key, `${turn}`), current.revision)
          else await store.create(draft(key, `${turn}`))
        }
        for (let after = 1; after <= store.revision; after++) {
          const resumed = new Recorder(store, { prefix: '/k/', after })
          await resumed.reach(store.revision)
          const rest = all.changes.filter(({ revision }) => revision > after).map(lineOf)
          expect(resumed.lines).toEqual(rest)
          expect(resumed.changes.every((change) => all.changes.includes(change))).toBe(true)
        }
      },
    )

    storeTest(factory, 'a watch from before history is refused as Expired', async (store) => {
      for (const name of ['a', 'b', 'c']) await store.create(draft(`/k/${name}`, '1'))
      store.compact(3)
      expect(() => new Recorder(store, { prefix: '/k/', after: 2 })).toThrow(
        'revision is 2, wanted 3 or newer',
      )
      const kept = new Recorder(store, { prefix: '/k/', after: 3 })
      await kept.reach(4)
      expect(kept.lines).toEqual(['4 created /k/c ->1'])
    })

    storeTest(
      factory,
      'a watch that is too slow ends as Expired, never with a gap',
      async (store) => {
        const slow = new Recorder(store, { prefix: '/k/', after: store.revision })
        slow.pauseAt = 2
        for (let turn = 0; turn < 10; turn++) await store.create(draft(`/k/${turn}`, 'x'))
        expect(slow.changes).toHaveLength(2)
        store.compact(store.revision - 2)
        slow.watch.resume()
        await slow.reach(store.revision)
        expect(slow.ended).toMatchObject({ code: 'Expired' })
        expect(slow.changes).toHaveLength(2)
      },
    )
  })

  describe('bookmarkable', () => {
    storeTest(
      factory,
      'a quiet watch moves on with the store and resumes from there',
      async (store) => {
        const quiet = new Recorder(store, { prefix: '/quiet/', after: store.revision })
        for (let turn = 0; turn < 20; turn++) await store.create(draft(`/loud/${turn}`, 'x'))
        const bookmark = quiet.watch.revision
        expect(bookmark).toBe(store.revision)
        quiet.watch.close()
        store.compact(bookmark)
        const resumed = new Recorder(store, { prefix: '/quiet/', after: bookmark })
        await store.create(draft('/quiet/a', '1'))
        expect(resumed.lines).toEqual([`${bookmark + 1} created /quiet/a ->1`])
      },
    )
  })
}

function describeDurability(factory: StoreSubjectFactory): void {
  describe('durable', () => {
    storeTest(factory, 'a reopened store holds what was written', async (store, subject) => {
      const labels = { app: 'web', constructor: 'yes' }
      const fields = { 'spec.nodeName': 'n1' }
      await store.create(draft('/k/a', 'eins', { labels, fields }))
      const a = await store.update(draft('/k/a', 'zwei', { labels, fields }), 2)
      await store.create(draft('/k/ünï', '', { ttlSeconds: 60 }))
      await store.create(draft('/k/gone', 'x'))
      await store.delete('/k/gone')
      await store[Symbol.asyncDispose]()
      await using again = await subject.open()
      const found = again.get('/k/a')
      expect(textOf(found)).toBe('zwei')
      expect(found).toMatchObject({ revision: a.revision, createRevision: 2, expiresAt: 0 })
      expect({ ...found?.labels }).toEqual(labels)
      expect({ ...found?.fields }).toEqual(fields)
      expect(again.list('/k/').entries.map(({ key }) => key)).toEqual(['/k/a', '/k/ünï'])
      expect(again.get('/k/ünï')?.expiresAt).toBe(Math.floor(subject.clock.now() / 1000) + 60)
    })
  })

  describe('conflict-safe', () => {
    storeTest(factory, 'of many writers that expect one revision, one wins', async (store) => {
      const { revision } = await store.create(draft('/k/a', '0'))
      const writers = Array.from({ length: 16 }, async (_, index) => {
        try {
          return await store.update(draft('/k/a', `writer ${index}`), revision)
        } catch (error) {
          expect(error).toMatchObject({ code: 'Conflict' })
          // Whoever hears of the conflict can read what won.
          expect(store.get('/k/a')?.revision).toBe(revision + 1)
          return undefined
        }
      })
      const winners = (await Promise.all(writers)).filter((entry) => entry !== undefined)
      expect(winners).toHaveLength(1)
      expect(store.get('/k/a')).toBe(winners[0])
    })

    storeTest(factory, 'concurrent modify calls lose no increment', async (store) => {
      const increment = () =>
        store.modify('/k/n', (now) => draft('/k/n', `${Number(textOf(now) ?? 0) + 1}`))
      await Promise.all(Array.from({ length: 50 }, increment))
      expect(textOf(store.get('/k/n'))).toBe('50')
    })
  })
}
