/** What comparing, claiming and reconciling do for every kind of field. */
import { describe, expect, test } from 'vitest'
import { any, int32, listOf, mapOf, optional, type Schema, string, struct } from '../schema.ts'
import { compare, everything, SAME } from './compare.ts'
import { claimedFields, reconciledFields, withNamedFields } from './owned-fields.ts'
import { shapeOf } from './shape.ts'

const item = struct('test.v1.Item', '', {
  name: optional(1, string, ''),
  port: optional(2, int32, '', { default: 80 }),
  value: optional(3, string, ''),
})
const inner = struct('test.v1.Inner', '', {
  a: optional(1, string, ''),
  b: optional(2, string, ''),
})
const custom = { type: 'object' } as const
const schema: Schema = struct('test.v1.Thing', '', {
  text: optional(1, string, ''),
  inner: optional(2, inner, ''),
  whole: optional(3, inner, '', { atomic: true }),
  map: optional(4, mapOf(string), ''),
  list: optional(5, listOf(string), ''),
  set: optional(6, listOf(string, { listType: 'set' }), ''),
  items: optional(7, listOf(item, { keys: ['name', 'port'] }), ''),
  free: optional(8, any, ''),
  open: optional(9, { ...any, custom }, ''),
})
const shape = shapeOf(schema)

describe('compare()', () => {
  test.for<[string, object, object, object]>([
    ['a scalar', { text: 'a' }, { text: 'b' }, { modified: { 'f:text': {} } }],
    ['a new struct', {}, { inner: { a: '1' } }, { added: { 'f:inner': { '.': {}, 'f:a': {} } } }],
    ['an empty struct', {}, { inner: {} }, { added: { 'f:inner': {} } }],
    [
      'a field of a struct',
      { inner: {} },
      { inner: { a: '1' } },
      { added: { 'f:inner': { 'f:a': {} } } },
    ],
    ['null and empty', { inner: null }, { inner: {} }, { modified: { 'f:inner': {} } }],
    [
      'an atomic struct',
      { whole: { a: '1' } },
      { whole: { b: '1' } },
      { modified: { 'f:whole': {} } },
    ],
    [
      'an entry',
      { map: { a: '1' } },
      { map: { b: '1' } },
      { added: { 'f:map': { 'f:b': {} } }, removed: { 'f:map': { 'f:a': {} } } },
    ],
    ['a removed map', { map: { a: '1' } }, {}, { removed: { 'f:map': { '.': {}, 'f:a': {} } } }],
    ['an atomic list', { list: ['a'] }, { list: ['a', 'b'] }, { modified: { 'f:list': {} } }],
    [
      'a set',
      { set: ['a', 'b'] },
      { set: ['c', 'b'] },
      { added: { 'f:set': { 'v:"c"': {} } }, removed: { 'f:set': { 'v:"a"': {} } } },
    ],
    ['a moved item', { set: ['a', 'b'] }, { set: ['b', 'a'] }, {}],
    [
      'an item',
      { items: [{ name: 'a', port: 1 }] },
      { items: [{ name: 'a', port: 1, value: 'x' }] },
      { added: { 'f:items': { 'k:{"name":"a","port":1}': { 'f:value': {} } } } },
    ],
    [
      'a key by default',
      { items: [{ name: 'a', port: 80 }] },
      { items: [{ name: 'a' }] },
      { removed: { 'f:items': { 'k:{"name":"a","port":80}': { 'f:port': {} } } } },
    ],
    [
      'a second item of one key',
      { set: ['a'] },
      { set: ['a', 'a'] },
      { added: { 'f:set': { 'v:"a"': {} } }, removed: { 'f:set': { 'v:"a"': {} } } },
    ],
    [
      'items of one key',
      { set: ['a', 'a'] },
      { set: ['a', 'a', 'a'] },
      { modified: { 'f:set': { 'v:"a"': {} } } },
    ],
    ['free JSON', { free: { a: 1 } }, { free: { a: 2 } }, { modified: { 'f:free': {} } }],
    [
      'free JSON of custom resources',
      { open: { a: { b: [1] } } },
      { open: { a: { b: [2], c: 1 } } },
      {
        added: { 'f:open': { 'f:a': { 'f:c': {} } } },
        modified: { 'f:open': { 'f:a': { 'f:b': {} } } },
      },
    ],
    [
      'a map that becomes a text',
      { open: { a: 1 } },
      { open: 'x' },
      { modified: { 'f:open': {} }, removed: { 'f:open': { 'f:a': {} } } },
    ],
  ])('tells %s', ([_, before, after, expected]) => {
    expect(JSON.parse(JSON.stringify(compare(shape, before, after)))).toEqual(expected)
  })

  test('says SAME where nothing differs', () => {
    const value = { inner: { a: '1' }, items: [{ name: 'a' }], map: {}, open: { x: [1] } }
    expect(compare(shape, value, structuredClone(value))).toBe(SAME)
  })

  test('takes names of built-in properties for plain names', () => {
    const after = JSON.parse('{"map":{"__proto__":"x","constructor":"y"}}')
    expect(compare(shape, { map: {} }, after).added).toEqual({
      'f:map': { 'f:__proto__': {}, 'f:constructor': {} },
    })
    expect(compare(shape, { open: {} }, { open: { toString: 1 } }).added).toEqual({
      'f:open': { 'f:toString': {} },
    })
  })
})

test('everything() lists each field and what holds it', () => {
  expect(everything(shape, { inner: { a: '1' }, set: ['b', 'a'], map: { x: '1' } })).toEqual({
    '.': {},
    'f:inner': { '.': {}, 'f:a': {} },
    'f:map': { '.': {}, 'f:x': {} },
    'f:set': { '.': {}, 'v:"a"': {}, 'v:"b"': {} },
  })
})

describe('claimedFields()', () => {
  test.for<[object, object | undefined]>([
    [{}, undefined],
    [{ text: null }, { 'f:text': {} }],
    [{ inner: { a: '1' } }, { 'f:inner': { 'f:a': {} } }],
    [{ inner: {} }, { 'f:inner': {} }],
    [{ inner: null }, { 'f:inner': {} }],
    [{ map: { a: '1' } }, { 'f:map': { 'f:a': {} } }],
    [{ set: ['a'] }, { 'f:set': { 'v:"a"': {} } }],
    [{ set: [] }, undefined],
    [
      { items: [{ name: 'a', port: 1 }] },
      { 'f:items': { 'k:{"name":"a","port":1}': { '.': {}, 'f:name': {}, 'f:port': {} } } },
    ],
    [{ whole: { a: '1' } }, { 'f:whole': {} }],
    [{ open: { a: { b: [1] } } }, { 'f:open': { 'f:a': { '.': {}, 'f:b': {} } } }],
  ])('of %j are %j', ([value, fields]) => {
    expect(claimedFields(shape, value)).toEqual(fields)
  })
})

test('withNamedFields() adds the fields that lead to members', () => {
  const fields = {
    'f:inner': { 'f:a': {} },
    'f:map': { 'f:x': {} },
    'f:open': { 'f:a': { 'f:b': {} } },
  }
  expect(withNamedFields(shape, fields)).toEqual({
    'f:inner': { '.': {}, 'f:a': {} },
    'f:map': { '.': {}, 'f:x': {} },
    'f:open': { '.': {}, 'f:a': { 'f:b': {} } },
  })
})

test('reconciledFields() owns the whole of what is one by now', () => {
  const fields = { 'f:list': { 'v:"a"': {} }, 'f:inner': { 'f:a': {} } }
  expect(reconciledFields(shape, fields)).toEqual({ 'f:inner': { 'f:a': {} }, 'f:list': {} })
  const current = { 'f:inner': { 'f:a': {} }, 'f:list': {} }
  expect(reconciledFields(shape, current)).toBe(current)
})
