/** Writes: what each verb refuses, what makes no revision, what deletes itself. */
import { describe, expect, test } from 'vitest'
import {
  draft,
  expectRefusal,
  Recorder,
  type StoreSubjectFactory,
  storeTest,
  textOf,
} from './subject.ts'

export function describeWrites(factory: StoreSubjectFactory): void {
  describe('writes', () => {
    storeTest(factory, 'create, update and delete tell what they found', async (store) => {
      const created = await store.create(draft('/k/a', '1'))
      expect(created).toMatchObject({ key: '/k/a', revision: 2, createRevision: 2 })
      const updated = await store.update(draft('/k/a', '2'), 2)
      expect(updated).toMatchObject({ revision: 3, createRevision: 2 })
      const deleted = await store.delete('/k/a', 3)
      expect(deleted).toMatchObject({ type: 'deleted', revision: 4, entry: undefined })
      expect(textOf(deleted.previous)).toBe('2')
      expect(store.get('/k/a')).toBeUndefined()
      const again = await store.create(draft('/k/a', '3'))
      expect(again).toMatchObject({ revision: 5, createRevision: 5 })
    })

    storeTest(factory, 'a wrong expectation is named for what it is', async (store) => {
      await store.create(draft('/k/a', '1'))
      await expectRefusal(store.create(draft('/k/a', '2')), 'KeyExists')
      await expectRefusal(store.update(draft('/k/b', '1'), 2), 'KeyNotFound')
      await expectRefusal(store.delete('/k/b'), 'KeyNotFound')
      await expectRefusal(store.delete('/k/a', 7), 'Conflict')
      await expectRefusal(store.update(draft('/k/a', '2'), 1), 'Conflict')
      expect(store.revision).toBe(2)
    })

    storeTest(factory, 'a write that changes nothing makes no revision', async (store) => {
      const attributes = { labels: { a: '1' }, fields: { f: '2' } }
      const entry = await store.create(draft('/k/a', 'same', attributes))
      const all = new Recorder(store, { prefix: '/', after: store.revision })
      expect(await store.update(draft('/k/a', 'same', attributes), entry.revision)).toBe(entry)
      expect(await store.modify('/k/a', () => draft('/k/a', 'same', attributes))).toBe(entry)
      expect(await store.modify('/k/a', () => undefined)).toBe(entry)
      expect(store.revision).toBe(entry.revision)
      await store.update(draft('/k/a', 'same', { labels: { a: '2' } }), entry.revision)
      expect(all.changes).toHaveLength(1)
    })

    storeTest(factory, 'a transaction of checks writes nothing', async (store) => {
      await store.create(draft('/k/a', '1'))
      expect(await store.transact([{ type: 'check', key: '/k/a', expected: 2 }])).toEqual([])
      await expectRefusal(store.transact([{ type: 'check', key: '/k/a', expected: 3 }]), 'Conflict')
      expect(store.revision).toBe(2)
    })

    storeTest(factory, 'the bytes kept are a copy', async (store) => {
      const value = Buffer.from('before')
      await store.create({ key: '/k/a', value })
      value.write('AFTER!')
      expect(textOf(store.get('/k/a'))).toBe('before')
    })

    storeTest(factory, 'an error within modify ends it', async (store) => {
      const edit = (): never => {
        throw new Error('not like this')
      }
      await expect(store.modify('/k/a', edit)).rejects.toThrow('not like this')
    })

    storeTest(factory, 'a closed store refuses everything new', async (store) => {
      const write = store.create(draft('/k/a', '1'))
      await store[Symbol.asyncDispose]()
      expect((await write).revision).toBe(2)
      await expectRefusal(store.create(draft('/k/b', '1')), 'Closed')
      await expectRefusal(store.synchronize(), 'Closed')
    })
  })
  describeBadInput(factory)
  describeExpiry(factory)
}

function describeBadInput(factory: StoreSubjectFactory): void {
  test.for([
    ['no leading slash', { key: 'k/a' }],
    ['a trailing slash', { key: '/k/' }],
    ['a zero character', { key: '/k/a\0' }],
    ['half a surrogate pair', { key: '/k/\ud800' }],
    ['a key without end', { key: `/k/${'x'.repeat(3000)}` }],
    ['a value without end', { value: Buffer.alloc(9 * 1024 * 1024) }],
    ['a lifetime that is no number', { ttlSeconds: Number.NaN }],
    ['a lifetime without end', { ttlSeconds: 1e12 }],
  ] as const)('refuses %s', async ([, bad]) => {
    await using subject = await factory()
    await using store = await subject.open()
    await expectRefusal(store.create({ ...draft('/k/a', '1'), ...bad }), 'Invalid')
    expect(store.revision).toBe(1)
  })

  storeTest(factory, 'refuses transactions that are empty, endless or ambiguous', async (store) => {
    const put = (name: string) => ({ type: 'put', draft: draft(`/k/${name}`, '1') }) as const
    await expectRefusal(store.transact([]), 'Invalid')
    const many = Array.from({ length: 129 }, (_, index) => put(`${index}`))
    await expectRefusal(store.transact(many), 'Invalid')
    await expectRefusal(store.transact([put('a'), put('a')]), 'Invalid')
  })
}

function describeExpiry(factory: StoreSubjectFactory): void {
  describe('time to live', () => {
    storeTest(factory, 'a key deletes itself when its time has come', async (store, { clock }) => {
      const all = new Recorder(store, { prefix: '/', after: store.revision })
      await store.create(draft('/e/a', '1', { ttlSeconds: 60 }), { relaxed: true })
      await store.create(draft('/e/b', '1', { ttlSeconds: 120 }), { relaxed: true })
      await clock.advance(59_000)
      expect(store.count('/e/')).toBe(2)
      await clock.advance(2_000)
      await store.synchronize(4)
      expect(all.lines.at(-1)).toBe('4 deleted /e/a 1>-')
      await clock.advance(60_000)
      await store.synchronize(5)
      expect(store.count('/e/')).toBe(0)
    })

    storeTest(factory, 'a later write decides anew', async (store, { clock }) => {
      await store.create(draft('/e/a', '1', { ttlSeconds: 10 }))
      await store.update(draft('/e/a', '2', { ttlSeconds: 100 }), 2)
      await store.create(draft('/e/b', '1', { ttlSeconds: 10 }))
      await store.update(draft('/e/b', '2'), 4)
      await clock.advance(50_000)
      expect(store.count('/e/')).toBe(2)
      await clock.advance(60_000)
      await store.synchronize(6)
      expect(store.list('/e/').entries.map(({ key }) => key)).toEqual(['/e/b'])
    })

    storeTest(factory, 'time passes while the store is closed', async (store, subject) => {
      await store.create(draft('/e/a', '1', { ttlSeconds: 10 }))
      await store[Symbol.asyncDispose]()
      subject.clock.jump(11_000)
      await using again = await subject.open()
      await subject.clock.advance(0)
      await again.synchronize(3)
      expect(again.get('/e/a')).toBeUndefined()
    })
  })
}
