/** Config maps: keys, sizes, and what immutable ones refuse. */
import { expect, test } from 'vitest'
import { problemsOfChange, problemsOfNew } from '../../check.ts'
import { decode } from '../../decode.ts'
import { ConfigMap } from './config-map.ts'

const metadata = { name: 'c', namespace: 'n', uid: 'u', resourceVersion: '1' }
const stored = (posted: object): ConfigMap => decode(ConfigMap.schema, { metadata, ...posted })
const lines = (problems: readonly { field: string; message: string }[]): string[] =>
  problems.map(({ field, message }) => `${field}: ${message}`)

const keyRule =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"

test.for([
  [{}, []],
  [{ data: { 'a.b_C-1': '' }, binaryData: { c: 'AAA=' } }, []],
  [{ data: { 'a/b': '' } }, [`data[a/b]: Invalid value: "a/b": ${keyRule}`]],
  [{ binaryData: { '..': '' } }, [`binaryData[..]: Invalid value: "..": must not be '..'`]],
  [
    { data: { a: '' }, binaryData: { a: '' } },
    ['data[a]: Invalid value: "a": duplicate of key present in binaryData'],
  ],
] as const)('%j', ([posted, expected]) => {
  expect(lines(problemsOfNew(ConfigMap, stored(posted)))).toEqual(expected)
})

test('a megabyte is enough, counted in bytes', () => {
  const most = 'ü'.repeat(512 * 1024)
  expect(problemsOfNew(ConfigMap, stored({ data: { a: most } }))).toEqual([])
  expect(lines(problemsOfNew(ConfigMap, stored({ data: { a: most, b: 'x' } })))).toEqual([
    '[]: Too long: may not be more than 1048576 bytes',
  ])
})

test('what is immutable stays so', () => {
  const before = stored({ immutable: true, data: { a: '1' } })
  const relabelled = { ...before, metadata: { ...before.metadata, labels: { a: 'b' } } }
  expect(problemsOfChange(ConfigMap, relabelled, before)).toEqual([])
  expect(lines(problemsOfChange(ConfigMap, stored({ data: { a: '2' } }), before))).toEqual([
    'immutable: Forbidden: field is immutable when `immutable` is set',
    'data: Forbidden: field is immutable when `immutable` is set',
  ])
})
