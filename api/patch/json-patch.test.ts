/** Every operation and error of JSON patches, their limits, and what hostile ones try. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import { isReason, StatusError } from '../status.ts'
import { applyJsonPatch, decodedJsonPatch, type Operation } from './json-patch.ts'

const patched = (document: object, ...operations: Operation[]): unknown =>
  applyJsonPatch(document, operations)

describe('applyJsonPatch()', () => {
  test.for<[string, object, Operation, unknown]>([
    ['adds a field', { a: 1 }, { op: 'add', path: '/b', value: 2 }, { a: 1, b: 2 }],
    ['replaces by adding', { a: 1 }, { op: 'add', path: '/a', value: 2 }, { a: 2 }],
    ['adds null when nothing is given', {}, { op: 'add', path: '/a' }, { a: null }],
    ['inserts an item', { l: [1, 3] }, { op: 'add', path: '/l/1', value: 2 }, { l: [1, 2, 3] }],
    ['appends an item', { l: [1] }, { op: 'add', path: '/l/-', value: 2 }, { l: [1, 2] }],
    ['appends at the end', { l: [1] }, { op: 'add', path: '/l/1', value: 2 }, { l: [1, 2] }],
    ['counts from the end', { l: [1, 2] }, { op: 'remove', path: '/l/-1' }, { l: [1] }],
    ['adds last at -1', { l: [1, 2] }, { op: 'add', path: '/l/-1', value: 3 }, { l: [1, 2, 3] }],
    ['removes a field', { a: 1, b: 2 }, { op: 'remove', path: '/a' }, { b: 2 }],
    ['replaces an item', { l: [1, 2] }, { op: 'replace', path: '/l/0', value: 9 }, { l: [9, 2] }],
    ['replaces what is not there', {}, { op: 'replace', path: '/a', value: 1 }, { a: 1 }],
    ['replaces the whole', { a: 1 }, { op: 'replace', path: '', value: [1] }, [1]],
    ['moves', { a: 1 }, { op: 'move', from: '/a', path: '/b' }, { b: 1 }],
    ['moves an item', { l: [1, 2] }, { op: 'move', from: '/l/1', path: '/l/0' }, { l: [2, 1] }],
    ['copies', { a: [1] }, { op: 'copy', from: '/a', path: '/b' }, { a: [1], b: [1] }],
    [
      'tests equality',
      { a: { x: 1, y: 2 } },
      { op: 'test', path: '/a', value: { y: 2, x: 1 } },
      { a: { x: 1, y: 2 } },
    ],
    ['tests for nothing', { a: 1 }, { op: 'test', path: '/b', value: null }, { a: 1 }],
    ['reads escapes', { 'a/b~c': 1 }, { op: 'remove', path: '/a~1b~0c' }, {}],
    ['unescapes once', { '~1': 1 }, { op: 'remove', path: '/~01' }, {}],
    ['needs no leading slash', { a: 1 }, { op: 'remove', path: 'x/a' }, {}],
  ])('%s', ([_, document, operation, result]) => {
    expect(patched(document, operation)).toEqual(result)
  })

  test.for<[string, object, Operation, string]>([
    ['no such operation', {}, { op: 'swap', path: '/a' }, 'Unexpected kind: swap'],
    ['no operation', {}, { path: '/a' }, 'Unexpected kind: unknown'],
    ['no path', {}, { op: 'add', value: 1 }, 'operation missing path field: missing value'],
    [
      'no parent',
      {},
      { op: 'add', path: '/a/b', value: 1 },
      'add operation does not apply: doc is missing path: "/a/b": missing value',
    ],
    [
      'a scalar as parent',
      { a: 1 },
      { op: 'add', path: '/a/b', value: 1 },
      'add operation does not apply: doc is missing path: "/a/b": missing value',
    ],
    [
      'nothing to remove',
      {},
      { op: 'remove', path: '/a' },
      'Unable to remove nonexistent key: a: missing value',
    ],
    [
      'no such item',
      { l: [] },
      { op: 'remove', path: '/l/7' },
      'Unable to access invalid index: 7: invalid index referenced',
    ],
    [
      'far before the start',
      { l: [1] },
      { op: 'remove', path: '/l/-2' },
      'Unable to access invalid index: -2: invalid index referenced',
    ],
    [
      'an item beyond the end',
      { l: [] },
      { op: 'add', path: '/l/1' },
      'Unable to access invalid index: 1: invalid index referenced',
    ],
    [
      'no index',
      { l: [1] },
      { op: 'remove', path: '/l/x' },
      'value was not a proper array index: \'x\': strconv.Atoi: parsing "x": invalid syntax',
    ],
    [
      'a failed test',
      { a: 1 },
      { op: 'test', path: '/a', value: 2 },
      'testing value /a failed: test failed',
    ],
    [
      'a scalar as the whole',
      {},
      { op: 'replace', path: '', value: 1 },
      'replace operation value must be object or array',
    ],
    [
      'into itself',
      { a: { b: 1 } },
      { op: 'move', from: '/a', path: '/a/b/c' },
      'move operation does not apply: doc is missing path: "/a/b/c": missing value',
    ],
  ])('refuses %s', ([_, document, operation, why]) => {
    const error = thrown(() => patched(document, operation))
    expect(error.message).toBe('the server rejected our request due to an error in our request')
    expect(error.toJSON()).toMatchObject({ code: 422, reason: 'Invalid', details: {} })
    expect((error.cause as Error).message).toBe(why)
  })

  test('leaves the operations as they are, so that they can be applied again', () => {
    const operation = { op: 'add', path: '/a', value: { b: 1 } }
    const more = { op: 'add', path: '/a/c', value: 2 }
    const expected = { a: { b: 1, c: 2 } }
    expect(patched({}, operation, more)).toEqual(expected)
    expect(patched({}, operation, more)).toEqual(expected)
  })

  test('takes names of built-in properties for plain names', () => {
    const path = '/__proto__'
    const result = patched(
      {},
      { op: 'add', path, value: { x: 1 } },
      { op: 'add', path: `${path}/y`, value: 2 },
    ) as object
    expect(Object.keys(result)).toEqual(['__proto__'])
    expect(({} as { x?: number }).x).toBeUndefined()
    expect(thrown(() => patched({}, { op: 'remove', path: '/constructor' }))).toBeInstanceOf(
      StatusError,
    )
    expect(thrown(() => patched({}, { op: 'add', path: '/toString/a', value: 1 }))).toBeInstanceOf(
      StatusError,
    )
  })

  test('bounds what copies add up to', () => {
    const text = 'x'.repeat(1_000_000)
    const copy = { op: 'copy', from: '/a', path: '/b' }
    expect(() => patched({ a: text }, copy, copy, copy)).not.toThrow()
    const error = thrown(() => patched({ a: text }, copy, copy, copy, copy))
    expect((error.cause as Error).message).toBe(
      'Unable to complete the copy, the accumulated size increase of copy is 4000008, exceeding the limit 3145728',
    )
  })

  test('bounds what inserts into long lists may move', () => {
    const list = Array.from({ length: 200_000 }, () => 0)
    const insert = { op: 'add', path: '/list/0', value: 1 }
    const operations = Array.from({ length: 1000 }, () => insert)
    const error = thrown(() => patched({ list }, ...operations))
    expect((error.cause as Error).message).toBe(
      'more than 100000000 items of lists would have to be moved',
    )
  })

  test('never nests deeper than any walk could go', () => {
    const doubling = Array.from({ length: 40 }, () => ({ op: 'copy', from: '/a', path: deepest }))
    const error = thrown(() => patched({ a: nested(60) }, ...doubling))
    expect((error.cause as Error).message).toMatch(/exceeded max depth|missing/)
    const growing = Array.from({ length: 200 }, (_, at) => [
      { op: 'add', path: `/s${at}`, value: nested(30) },
      { op: 'move', from: at ? `/s${at - 1}` : '/a', path: `/s${at}${'/x'.repeat(30)}` },
    ]).flat()
    expect((thrown(() => patched({ a: {} }, ...growing)).cause as Error).message).toBe(
      'exceeded max depth',
    )
  })

  test('fails in no other way than by refusing', () => {
    const step = fc.constantFrom(
      'a',
      'b',
      '0',
      '1',
      '-',
      '-1',
      '~0',
      '~1',
      '~',
      '',
      '__proto__',
      'length',
    )
    const path = fc
      .array(step, { maxLength: 4 })
      .map((steps) => steps.map((each) => `/${each}`).join(''))
    const operation = fc.record({
      op: fc.constantFrom('add', 'remove', 'replace', 'move', 'test', 'copy'),
      path,
      from: path,
      value: fc.jsonValue({ maxDepth: 2 }),
    })
    const document = fc.dictionary(
      fc.constantFrom('a', 'b', '__proto__'),
      fc.jsonValue({ maxDepth: 3 }),
    )
    fc.assert(
      fc.property(document, fc.array(operation, { maxLength: 6 }), (value, operations) => {
        try {
          applyJsonPatch(structuredClone(value), operations)
        } catch (error) {
          if (!isReason(error, 'Invalid')) throw error
        }
      }),
      fuzz(500),
    )
  })
})

describe('decodedJsonPatch()', () => {
  test('names unknown fields', () => {
    const value = [
      { op: 'test', path: '/a', foo: 1 },
      { op: 'test', path: '/a' },
    ]
    expect(decodedJsonPatch(value, true).unknown).toEqual(['[0].foo'])
  })

  test('takes null for no operations', () => {
    expect(decodedJsonPatch(null, true).operations).toEqual([])
  })

  test.for<[unknown, boolean, string]>([
    [
      {},
      true,
      'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    ],
    [{}, false, 'json: cannot unmarshal object into Go value of type jsonpatch.Patch'],
    [
      ['x'],
      true,
      'error decoding patch: json: cannot unmarshal string into Go value of type handlers.jsonPatchOp',
    ],
    [['x'], false, 'json: cannot unmarshal string into Go value of type jsonpatch.Operation'],
    [
      [{ op: 1 }],
      true,
      'error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string',
    ],
  ])('refuses %j', ([value, checksTypes, message]) => {
    expect(thrown(() => decodedJsonPatch(value, checksTypes)).toJSON()).toMatchObject({
      code: 400,
      message,
    })
  })

  test('bounds the operations', () => {
    const operations = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/a' }))
    expect(thrown(() => decodedJsonPatch(operations, true)).toJSON()).toMatchObject({
      code: 413,
      message:
        'Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001',
    })
  })
})

function nested(depth: number): object {
  let value: object = {}
  for (let at = 0; at < depth; at++) value = { x: value }
  return value
}

const deepest = `/a${'/x'.repeat(60)}/a`

function thrown(call: () => unknown): StatusError {
  try {
    call()
  } catch (error) {
    if (error instanceof StatusError) return error
    throw error
  }
  throw new Error('nothing was refused')
}
