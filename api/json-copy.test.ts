/** A copy is equal, shares nothing with what it was made from, and takes no key for special. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonCopy } from './json-copy.ts'

test('a copy has the same text as its original, and lives on when that is emptied', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const text = JSON.stringify(value)
      const copy = jsonCopy(value)
      empty(value)
      expect(JSON.stringify(copy)).toBe(text)
    }),
    { seed: 42, numRuns: 500 },
  )
})

test('a key named __proto__ is a key', () => {
  const copy = jsonCopy(JSON.parse('{"__proto__":{"a":{"b":1}},"constructor":null}'))
  expect(JSON.stringify(copy)).toBe('{"__proto__":{"a":{"b":1}},"constructor":null}')
  expect(copy.a).toBeUndefined()
})

test('fields that are undefined stay so', () => {
  const copy = jsonCopy({ a: undefined, b: [undefined] })
  expect(Object.keys(copy)).toEqual(['a', 'b'])
})

function empty(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  for (const child of Object.values(value)) empty(child)
  if (Array.isArray(value)) value.length = 0
  else for (const key of Object.keys(value)) delete (value as Record<string, unknown>)[key]
}
