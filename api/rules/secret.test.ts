/** Secrets: texts, types, sizes, and what immutable ones refuse. */
import { describe, expect, test } from 'vitest'
import { problemsOfChange, problemsOfNew } from '../check.ts'
import { decode } from '../decode.ts'
import { applyDefaults } from '../defaults.ts'
import { Secret } from '../kinds/core/secret.ts'

const metadata = { name: 's', namespace: 'n', uid: 'u', resourceVersion: '1' }
const stored = (posted: object): Secret =>
  applyDefaults(Secret.schema, decode(Secret.schema, { metadata, ...posted }))
const lines = (problems: readonly { field: string; message: string }[]): string[] =>
  problems.map(({ field, message }) => `${field}: ${message}`)

test('texts become bytes and win over what is there', () => {
  const posted = { data: { a: 'YQ==', b: 'YQ==' }, stringData: { b: 'bü' } }
  const { data, stringData, type } = stored(posted)
  expect({ data, stringData, type }).toEqual({ data: { a: 'YQ==', b: 'YsO8' }, type: 'Opaque' })
})

const redacted = 'Invalid value: "<secret contents redacted>"'

describe('types', () => {
  test.for([
    ['Opaque', {}, []],
    ['example.com/any', {}, []],
    ['kubernetes.io/tls', {}, ['data[tls.crt]: Required value', 'data[tls.key]: Required value']],
    ['kubernetes.io/tls', { 'tls.crt': '', 'tls.key': '' }, []],
    ['kubernetes.io/basic-auth', { username: 'u' }, []],
    [
      'kubernetes.io/basic-auth',
      {},
      ['data[username]: Required value', 'data[password]: Required value'],
    ],
    ['kubernetes.io/ssh-auth', {}, ['data[ssh-privatekey]: Required value']],
    [
      'kubernetes.io/service-account-token',
      {},
      ['metadata.annotations[kubernetes.io/service-account.name]: Required value'],
    ],
    ['kubernetes.io/dockercfg', {}, ['data[.dockercfg]: Required value']],
    ['kubernetes.io/dockerconfigjson', { '.dockerconfigjson': '{}' }, []],
    [
      'kubernetes.io/dockerconfigjson',
      { '.dockerconfigjson': '{' },
      [`data[.dockerconfigjson]: ${redacted}: unexpected end of JSON input`],
    ],
    [
      'kubernetes.io/dockerconfigjson',
      { '.dockerconfigjson': '[]' },
      [
        `data[.dockerconfigjson]: ${redacted}: json: cannot unmarshal array into Go value of type map[string]interface {}`,
      ],
    ],
  ] as const)('%s with %j', ([type, stringData, expected]) => {
    expect(lines(problemsOfNew(Secret, stored({ type, stringData })))).toEqual(expected)
  })
})

test('a megabyte is enough', () => {
  const most = Buffer.alloc(1024 * 1024).toString('base64')
  expect(problemsOfNew(Secret, stored({ data: { a: most } }))).toEqual([])
  expect(lines(problemsOfNew(Secret, stored({ data: { a: most, b: 'YQ==' } })))).toEqual([
    'data: Too long: may not be more than 1048576 bytes',
  ])
})

test('the type never changes, nor what is immutable', () => {
  const before = stored({ immutable: true, data: { a: 'YQ==' } })
  expect(problemsOfChange(Secret, before, before)).toEqual([])
  const after = stored({ type: 'x', data: { a: 'Yg==' } })
  expect(lines(problemsOfChange(Secret, after, before))).toEqual([
    'type: Invalid value: "x": field is immutable',
    'immutable: Forbidden: field is immutable when `immutable` is set',
    'data: Forbidden: field is immutable when `immutable` is set',
  ])
})
