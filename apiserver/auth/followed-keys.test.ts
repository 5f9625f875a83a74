/** Following keys: what is there, what comes and goes, and what was missed. */
import { expect, test } from 'vitest'
import type { Change, Entry, Store, WatchReceiver } from '../store/store.ts'
import { StoreError } from '../store/store-error.ts'
import { FollowedKeys } from './followed-keys.ts'

const entry = (key: string, revision: number): Entry => ({
  key,
  value: Buffer.alloc(0),
  labels: {},
  fields: {},
  revision,
  createRevision: revision,
  expiresAt: 0,
})

/** As much of a store as is followed. */
function storeOf(...keys: string[]) {
  const entries = keys.map((key) => entry(key, 1))
  let receiver: WatchReceiver | undefined
  const open = new Set<WatchReceiver>()
  const store = {
    list: () => ({ entries: [...entries], revision: 1, more: false, remaining: 0 }),
    watch(_: object, to: WatchReceiver) {
      receiver = to
      open.add(to)
      return { close: () => open.delete(to) }
    },
  }
  return {
    store: store as unknown as Store,
    entries,
    open,
    change: (change: Partial<Change>) => receiver!.change(change as Change),
    end: (error: StoreError) => receiver!.end(error),
  }
}

function follow(store: Store) {
  const seen: string[] = []
  const followed = new FollowedKeys(store, '/a/', {
    put: ({ key, revision }) => void seen.push(`${key}@${revision}`),
    remove: (key) => void seen.push(`-${key}`),
  })
  return { seen, followed }
}

test('what is there comes first, then what changes', () => {
  const { store, change } = storeOf('/a/x')
  const { seen } = follow(store)
  expect(change({ key: '/a/y', entry: entry('/a/y', 2) })).toBe(true)
  expect(change({ key: '/a/x', entry: undefined })).toBe(true)
  expect(seen).toEqual(['/a/x@1', '/a/y@2', '-/a/x'])
})

test('when history is lost, all is read again and what is gone is taken away', () => {
  const { store, entries, change, end } = storeOf('/a/x', '/a/y')
  const { seen } = follow(store)
  change({ key: '/a/z', entry: entry('/a/z', 2) })
  entries.splice(0, 1, entry('/a/new', 5))
  seen.length = 0
  end(new StoreError('Expired', 'compacted'))
  expect(seen).toEqual(['/a/new@5', '/a/y@1', '-/a/x', '-/a/z'])
})

test('when the store closes, or nobody listens any more, nothing is read again', () => {
  const { store, open, end } = storeOf('/a/x')
  const { seen, followed } = follow(store)
  end(new StoreError('Closed', 'closed'))
  expect(seen).toEqual(['/a/x@1'])
  followed[Symbol.dispose]()
  expect(open.size).toBe(0)
  end(new StoreError('Expired', 'compacted'))
  expect(seen).toEqual(['/a/x@1'])
})
