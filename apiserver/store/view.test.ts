/** What only the view itself can show: memory moves in the background, and a pin holds a moment. */
import { expect, test } from 'vitest'
import { defaultHistoryLimits } from './history.ts'
import type { LogOperation } from './log.ts'
import { View } from './view.ts'

const MEGABYTE = 1024 * 1024

function put(key: string, value: Buffer): LogOperation {
  return { type: 'put', key, value, labels: '{}', fields: '{}', expiresAt: 0 }
}

function commit(view: View, ...operations: LogOperation[]): void {
  view.commit({ revision: view.revision + 1, time: 0, operations })
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

test('memory that deleted keys leave in pieces is put together again', async () => {
  const view = new View(defaultHistoryLimits)
  const keys = Array.from({ length: 1_500 }, (_, index) => `/k/${index}`)
  for (const [index, key] of keys.entries()) commit(view, put(key, Buffer.alloc(40_000, index)))
  const full = view.reservedBytes
  expect(full).toBeGreaterThan(55 * MEGABYTE)
  const kept = keys.filter((_, index) => index % 10 === 0)
  const windows = kept.map((key) => view.get(key)?.value)
  for (const key of keys) if (!kept.includes(key)) commit(view, { type: 'delete', key })
  view.compact(view.revision)
  await turns(5)
  commit(view, put('/k/more', Buffer.from('more')))
  await turns(5)
  expect(view.reservedBytes).toBeLessThan(full / 4)
  for (const [index, key] of kept.entries()) {
    const value = Buffer.alloc(40_000, keys.indexOf(key))
    expect(view.get(key)?.value.equals(value)).toBe(true)
    expect(windows[index]?.equals(value)).toBe(true)
  }
})

test('a pin shows one moment, page by page, whatever is written and compacted', () => {
  const view = new View({ ...defaultHistoryLimits, changes: 5 })
  for (let index = 0; index < 50; index++) commit(view, put(`/k/${index}`, Buffer.from('before')))
  const pinned = view.pin()
  for (let index = 0; index < 50; index++) {
    commit(view, put(`/k/${index}`, Buffer.from('after')), put(`/n/${index}`, Buffer.alloc(0)))
    commit(view, { type: 'delete', key: `/k/${index}` })
  }
  view.compact(view.revision)
  const texts: string[] = []
  let after = ''
  for (let page = pinned.page(after, 500); page.length > 0; page = pinned.page(after, 500)) {
    expect(page.length).toBeLessThan(10)
    texts.push(...page.map(({ value }) => value.toString()))
    after = page.at(-1)?.key ?? ''
  }
  expect(texts).toEqual(Array.from({ length: 50 }, () => 'before'))
  const held = view.history.length
  pinned[Symbol.dispose]()
  for (let index = 0; index < 100; index++) commit(view, put('/k/x', Buffer.from(`${index}`)))
  expect(held).toBeGreaterThan(100)
  expect(view.history.length).toBeLessThanOrEqual(5)
})
