/** settleAll() waits for everything and reports every failure. */
import { expect, test } from 'vitest'
import { settleAll } from './settle-all.ts'

test('gives the values in order', async () => {
  expect(await settleAll([Promise.resolve(1), 2, Promise.resolve(3)])).toEqual([1, 2, 3])
  expect(await settleAll([])).toEqual([])
})

test('waits for the slow ones before it throws', async () => {
  const slow = Promise.withResolvers<void>()
  let ended = false
  const all = settleAll([Promise.reject(new Error('first')), slow.promise]).finally(() => {
    ended = true
  })
  const outcome = expect(all).rejects.toThrow('first')
  await new Promise((resolve) => setImmediate(resolve))
  expect(ended).toBe(false)
  slow.resolve()
  await outcome
})

test('throws a single failure as it is, and keeps undefined values', async () => {
  const failure = new Error('only')
  await expect(settleAll([Promise.reject(failure), 1])).rejects.toBe(failure)
  expect(await settleAll([undefined, Promise.resolve(undefined)])).toEqual([undefined, undefined])
})

test('throws several failures together, each by name', async () => {
  const failures = [new Error('a'), new TypeError('b')]
  const all = settleAll([...failures.map((failure) => Promise.reject(failure)), 1])
  const error = await all.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(AggregateError)
  expect((error as AggregateError).errors).toEqual(failures)
  expect((error as AggregateError).message).toBe('2 of 3 failed: Error: a; TypeError: b')
})
