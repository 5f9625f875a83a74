/** Watches: what concerns them, back-pressure, catching up, and how they end. */
import { describe, expect } from 'vitest'
import type { Store, WatchReceiver } from '../store.ts'
import { draft, lineOf, Recorder, type StoreSubjectFactory, storeTest, textOf } from './subject.ts'

export function describeWatches(factory: StoreSubjectFactory): void {
  describe('watches', () => {
    storeTest(factory, 'hear of their prefix or key alone', async (store) => {
      const after = store.revision
      const folder = new Recorder(store, { prefix: '/pods/a/', after })
      const one = new Recorder(store, { prefix: '/pods/a/x', after })
      const all = new Recorder(store, { prefix: '/pods/', after })
      for (const key of ['/pods/a/x', '/pods/a/xy', '/pods/b/x', '/nodes/a']) {
        await store.create(draft(key, '1'))
      }
      expect(folder.changes.map(({ key }) => key)).toEqual(['/pods/a/x', '/pods/a/xy'])
      expect(one.changes.map(({ key }) => key)).toEqual(['/pods/a/x'])
      expect(all.changes).toHaveLength(3)
      // What is derived from a change can be shared: everybody gets the same object.
      expect(all.changes[0]).toBe(one.changes[0])
    })

    storeTest(
      factory,
      'with a field hear of objects that have, get or lose the value',
      async (store) => {
        const match = { field: 'node', value: 'n1' }
        const mine = new Recorder(store, { prefix: '/pods/', after: store.revision, match })
        const on = (node: string, text = node) => draft('/pods/a', text, { fields: { node } })
        await store.create(on('n0'))
        await store.update(on('n1'), 2)
        await store.update(on('n1', 'again'), 3)
        await store.update(on('n2'), 4)
        await store.delete('/pods/a')
        const lines = [
          '3 updated /pods/a n0>n1',
          '4 updated /pods/a n1>again',
          '5 updated /pods/a again>n2',
        ]
        expect(mine.lines).toEqual(lines)
        const late = new Recorder(store, { prefix: '/pods/', after: 1, match })
        await late.reach(6)
        expect(late.lines).toEqual(lines)
        for (const { watch } of [mine, late]) watch.close()
        await store.create(on('n1'))
        expect(mine.changes).toHaveLength(3)
      },
    )

    storeTest(factory, 'read what they are told of', async (store) => {
      const seen: (string | undefined)[] = []
      const receiver: WatchReceiver = {
        change: ({ key, revision }) => {
          expect(store.revision).toBe(revision)
          seen.push(textOf(store.get(key)))
          return true
        },
        end: () => {},
      }
      store.watch({ prefix: '/k/', after: store.revision }, receiver)
      const texts = ['1', '2', '3']
      await Promise.all(texts.map((text) => store.create(draft(`/k/${text}`, text))))
      expect(seen).toEqual(texts)
    })

    storeTest(factory, 'from a future revision begin there', async (store) => {
      const later = new Recorder(store, { prefix: '/k/', after: 3 })
      for (const name of ['a', 'b', 'c']) await store.create(draft(`/k/${name}`, '1'))
      expect(later.lines).toEqual(['4 created /k/c ->1'])
    })

    storeTest(factory, 'that fail end alone', async (store) => {
      const broken: WatchReceiver & { reason?: string } = {
        change: () => {
          throw new Error('no room')
        },
        end: ({ message }) => {
          broken.reason = message
        },
      }
      store.watch({ prefix: '/k/', after: store.revision }, broken)
      const other = new Recorder(store, { prefix: '/k/', after: store.revision })
      await store.create(draft('/k/a', '1'))
      await store.create(draft('/k/b', '1'))
      expect(broken.reason).toBe('watch: the receiver failed')
      expect(other.changes).toHaveLength(2)
      expect(store.statistics().watches).toBe(1)
    })

    storeTest(factory, 'end when the store closes', async (store) => {
      const watch = new Recorder(store, { prefix: '/k/', after: store.revision })
      await store[Symbol.asyncDispose]()
      expect(watch.ended).toMatchObject({ code: 'Closed' })
    })

    storeTest(factory, 'that are closed hear nothing more', async (store) => {
      const watch = new Recorder(store, { prefix: '/k/', after: store.revision })
      watch.watch.close()
      watch.watch.resume()
      await store.create(draft('/k/a', '1'))
      expect(watch.changes).toEqual([])
      expect(watch.ended).toBeUndefined()
      expect(store.statistics()).toMatchObject({ watches: 0, watchesBehind: 0 })
    })
  })
  describeSlowWatches(factory)
}

function describeSlowWatches(factory: StoreSubjectFactory): void {
  describe('slow watches', () => {
    storeTest(factory, 'pause, catch up and lose nothing', async (store) => {
      const fast = new Recorder(store, { prefix: '/k/', after: store.revision })
      const slow = new Recorder(store, { prefix: '/k/', after: store.revision })
      slow.pauseAt = 1
      await writeMany(store, 2_500)
      expect(slow.changes).toHaveLength(1)
      expect(store.statistics()).toMatchObject({ watches: 2, watchesBehind: 1 })
      slow.pauseAt = 1_200
      slow.watch.resume()
      await slow.reach(1_201)
      expect(slow.changes).toHaveLength(1_200)
      slow.pauseAt = Number.POSITIVE_INFINITY
      slow.watch.resume()
      await writeMany(store, 10)
      await slow.reach(store.revision)
      expect(slow.lines).toEqual(fast.lines)
      expect(store.statistics().watchesBehind).toBe(0)
    })

    storeTest(factory, 'are given a revision whole', async (store) => {
      const steps = (round: number) =>
        Array.from({ length: 5 }, (_, index) => {
          return { type: 'put', draft: draft(`/k/${round}-${index}`, 'x') } as const
        })
      const live = new Recorder(store, { prefix: '/k/', after: store.revision })
      live.pauseAt = 2
      await store.transact(steps(1))
      await store.transact(steps(2))
      expect(live.changes).toHaveLength(5)
      const behind = new Recorder(store, { prefix: '/k/', after: 1 })
      behind.pauseAt = 7
      await behind.reach(3)
      expect(behind.changes).toHaveLength(10)
      live.watch.resume()
      await live.reach(3)
      expect(live.changes.map(lineOf)).toEqual(behind.changes.map(lineOf))
    })

    storeTest(factory, 'that resume before the pause takes hold stay live', async (store) => {
      const first = new Recorder(store, { prefix: '/k/', after: store.revision })
      first.pauseAt = 1
      const resumer: WatchReceiver = {
        change: () => {
          first.watch.resume()
          return true
        },
        end: () => {},
      }
      store.watch({ prefix: '/k/', after: store.revision }, resumer)
      await store.create(draft('/k/a', '1'))
      first.pauseAt = Number.POSITIVE_INFINITY
      await store.create(draft('/k/b', '1'))
      expect(first.changes).toHaveLength(2)
    })
  })
}

async function writeMany(store: Store, count: number): Promise<void> {
  const from = store.revision
  const create = (_: unknown, index: number) => store.create(draft(`/k/${from + index}`, 'x'))
  await Promise.all(Array.from({ length: count }, create))
}
