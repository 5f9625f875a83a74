/** The examples of RFC 7386, and what upstream adds. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import { applyMergePatch } from './merge-patch.ts'

describe('applyMergePatch()', () => {
  // The examples of RFC 7386, but for those in which the whole is no object.
  test.for<[object, unknown, unknown]>([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
    [{ a: 'b' }, ['c'], ['c']],
  ])('%j and %j give %j', ([document, patch, result]) => {
    expect(applyMergePatch(structuredClone(document), patch)).toEqual(result)
  })

  test.for([null, 1, 'x', true])('refuses %j', (patch) => {
    expect(() => applyMergePatch({}, patch)).toThrow('Invalid JSON Patch')
  })

  test('takes names of built-in properties for plain names', () => {
    const patch = JSON.parse('{"__proto__":{"x":1},"constructor":{"prototype":{"y":1}}}')
    const result = applyMergePatch({}, patch) as object
    expect(Object.keys(result)).toEqual(['__proto__', 'constructor'])
    expect(JSON.stringify(result)).toBe(JSON.stringify(patch))
    expect(({} as { x?: number }).x).toBeUndefined()
  })

  test('changes nothing when it says what is there already', () => {
    const value = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }))
    fc.assert(
      fc.property(value, (document) => {
        const once = applyMergePatch(structuredClone(document), document)
        expect(applyMergePatch(structuredClone(once) as object, document)).toEqual(once)
      }),
      fuzz(200),
    )
  })

  test('shares nothing with the patch', () => {
    const patch = { a: { b: [{ c: 1 }] } }
    const result = applyMergePatch({}, patch) as typeof patch
    result.a.b[0]!.c = 2
    expect(patch.a.b[0]!.c).toBe(1)
  })
})
