/** An ordered map does what a plain map and a sort would do, at every size of its chunks. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import { SortedKeys } from './sorted-keys.ts'

interface Marked {
  readonly text: string
  readonly isLive: boolean
}

const key = fc.integer({ min: 0, max: 1_500 }).map((number) => `/k/${number}`)
const step = fc.oneof(
  fc.record({ type: fc.constant('set' as const), key, isLive: fc.boolean() }),
  fc.record({ type: fc.constant('delete' as const), key }),
)

test('agrees with a map that is sorted for every question', () => {
  const property = fc.property(
    fc.array(step, { minLength: 1_200, maxLength: 2_500, size: 'max' }),
    key,
    key,
    (steps, one, other) => {
      const sorted = new SortedKeys<Marked>(({ isLive }) => isLive)
      const plain = new Map<string, Marked>()
      for (const [index, action] of steps.entries()) {
        if (action.type === 'delete') {
          sorted.delete(action.key)
          plain.delete(action.key)
        } else {
          const value = { text: `${index}`, isLive: action.isLive }
          sorted.set(action.key, value)
          plain.set(action.key, value)
        }
      }
      const keys = [...plain.keys()].sort()
      const scanned: string[] = []
      sorted.scan(one, (found, value) => {
        expect(value).toBe(plain.get(found))
        scanned.push(found)
        return true
      })
      expect(scanned).toEqual(keys.filter((each) => each >= one))
      const [from, to] = one < other ? [one, other] : [other, one]
      const live = keys.filter((each) => plain.get(each)?.isLive)
      expect(sorted.live).toBe(live.length)
      expect(sorted.countLive(from, to)).toBe(live.filter((k) => k >= from && k < to).length)
      expect(sorted.get(other)).toBe(plain.get(other))
    },
  )
  fc.assert(property, fuzz(30))
})

test('keys in order, backwards or shuffled fill the same map', () => {
  const ascending = Array.from({ length: 5_000 }, (_, index) => String(index).padStart(5, '0'))
  const orders = [
    ascending,
    ascending.toReversed(),
    ascending.toSorted((a, b) => (+a % 7) - (+b % 7)),
  ]
  for (const order of orders) {
    const sorted = new SortedKeys<string>(() => true)
    for (const each of order) sorted.set(each, each)
    const found: string[] = []
    sorted.scan('', (each) => found.push(each) > 0)
    expect(found).toEqual(ascending)
  }
})

test('a scan stops when told to', () => {
  const sorted = new SortedKeys<number>(() => true)
  for (let index = 0; index < 2_000; index++) sorted.set(`${index}`, index)
  let visits = 0
  sorted.scan('', () => ++visits < 3)
  expect(visits).toBe(3)
})
