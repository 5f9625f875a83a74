/** Laws of sets of fields, and the forms in which clients may send them. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import { canonicalSet } from './canonical-set.ts'
import {
  difference,
  equalSets,
  type Fields,
  intersection,
  isMember,
  LEAF,
  setOf,
  union,
  without,
} from './field-set.ts'

const set = (value: object): Fields => canonicalSet(value) as Fields

/** The members of a set, each as the path to it. */
function membersOf(fields: Fields, path = ''): string[] {
  const own = path && isMember(fields) ? [path] : []
  const below = Object.entries(fields ?? {}).filter(([element]) => element !== '.')
  return [...own, ...below.flatMap(([element, child]) => membersOf(child, `${path}/${element}`))]
}

const element = fc.constantFrom(
  'f:a',
  'f:b',
  'f:ä',
  'k:{"n":1}',
  'k:{"n":"x"}',
  'v:1',
  'v:"x"',
  'i:0',
)
const treeOf = (depth: number): fc.Arbitrary<object> =>
  fc
    .tuple(
      fc.boolean(),
      depth ? fc.dictionary(element, treeOf(depth - 1), { maxKeys: 3 }) : fc.constant({}),
    )
    .map(([isSelf, children]) => ({ ...(isSelf && { '.': {} }), ...children }))
const arbitrarySet = treeOf(3).map((value) => set(value))

describe('sets of fields', () => {
  test('take part in union, intersection and difference member by member', () => {
    fc.assert(
      fc.property(arbitrarySet, arbitrarySet, (a, b) => {
        const [left, right] = [new Set(membersOf(a)), new Set(membersOf(b))]
        const all = (fields: Fields) => new Set(membersOf(fields))
        expect(all(union(a, b))).toEqual(left.union(right))
        expect(all(intersection(a, b))).toEqual(left.intersection(right))
        expect(all(difference(a, b))).toEqual(left.difference(right))
        const isBelow = (path: string) =>
          [...right].some((each) => `${path}/`.startsWith(`${each}/`))
        expect(membersOf(without(a, b))).toEqual(membersOf(a).filter((path) => !isBelow(path)))
      }),
      fuzz(500),
    )
  })

  test('stay in canonical form through all operations and through JSON', () => {
    fc.assert(
      fc.property(arbitrarySet, arbitrarySet, (a, b) => {
        for (const result of [union(a, b), intersection(a, b), difference(a, b), without(a, b)]) {
          const read = set(JSON.parse(JSON.stringify(result ?? {})))
          expect(JSON.stringify(read)).toBe(JSON.stringify(result))
          expect(equalSets(read, result)).toBe(true)
        }
      }),
      fuzz(300),
    )
  })

  test('are equal when they have the same members', () => {
    fc.assert(
      fc.property(arbitrarySet, arbitrarySet, (a, b) => {
        expect(equalSets(a, b)).toBe(JSON.stringify(a) === JSON.stringify(b))
      }),
      fuzz(200),
    )
  })

  test('are the same value where an operation changes nothing', () => {
    const a = set({ 'f:a': { '.': {}, 'f:b': {} }, 'f:c': {} })
    expect(union(a, set({ 'f:a': { 'f:b': {} } }))).toBe(a)
    expect(difference(a, set({ 'f:x': {} }))).toBe(a)
  })

  test('list fields, then items by key, by value and by index', () => {
    const elements = [
      'i:1',
      'v:true',
      'v:"a"',
      'v:2',
      'k:{"a":"x"}',
      'k:{"a":10}',
      'k:{"a":9}',
      'f:b',
      'f:a',
      'f:\u{1f600}',
      'f:\uffff',
    ]
    const sorted = setOf(
      false,
      elements.map((each) => [each, LEAF] as const),
    )
    expect(Object.keys(sorted!)).toEqual([
      'f:a',
      'f:b',
      'f:\uffff',
      'f:\u{1f600}',
      'k:{"a":9}',
      'k:{"a":10}',
      'k:{"a":"x"}',
      'v:2',
      'v:"a"',
      'v:true',
      'i:1',
    ])
  })
})

describe('canonicalSet()', () => {
  test.for<[object, Fields]>([
    [{}, undefined],
    [{ '.': {} }, undefined],
    [{ 'f:a': { '.': {} } }, { 'f:a': {} }],
    [{ 'k:{"b":1, "a":2}': {} }, { 'k:{"a":2,"b":1}': {} }],
    [{ 'k:{"a":"<"}': {} }, { 'k:{"a":"\\u003c"}': {} }],
    [{ 'k:{"a":1}': {}, 'k:{ "a":1}': { 'f:x': {} } }, { 'k:{"a":1}': { '.': {}, 'f:x': {} } }],
    [{ 'x:later': {}, 'f:a': {} }, { 'f:a': {} }],
    [{ 'f:__proto__': { 'f:a': {} } }, { 'f:__proto__': { 'f:a': {} } }],
  ])('%j becomes %j', ([value, canonical]) => {
    expect(JSON.stringify(canonicalSet(value))).toBe(JSON.stringify(canonical))
  })

  test.for<unknown>([
    null,
    [],
    'x',
    { a: {} },
    { 'f:a': null },
    { 'f:a': [] },
    { 'k:x': {} },
    { 'k:1': {} },
    { 'v:': {} },
    { 'i:x': {} },
  ])('%j is none', (value) => {
    expect(canonicalSet(value)).toBe('invalid')
  })
})
