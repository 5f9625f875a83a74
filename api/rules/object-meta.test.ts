/** Metadata rules: every message, its place, and the order in which they come. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import { pathSegmentName } from '../names.ts'
import { Path, Problems } from '../problems.ts'
import {
  type Metadata,
  type ObjectMetaRules,
  validateFieldManager,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from './object-meta.ts'

const at = Path.root.child('metadata')

const printed = (problems: Problems): string[] =>
  problems.list.map(({ field, message }) => `${field}: ${message}`)

function problemsOf(meta: Metadata, rules: Partial<ObjectMetaRules> = {}): string[] {
  const problems = new Problems()
  const base = { name: 'a', namespace: 'default' }
  validateObjectMeta({ ...base, ...meta }, { namespaced: true, at, ...rules }, problems)
  return printed(problems)
}

function changeProblems(next: Metadata, previous: Metadata): string[] {
  const problems = new Problems()
  const base = { name: 'a', namespace: 'n', uid: 'u', resourceVersion: '1' }
  validateObjectMetaUpdate({ ...base, ...next }, { ...base, ...previous }, at, problems)
  return printed(problems)
}

const keyHint =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const valueHint =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
const subdomainHint =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const owner = { apiVersion: 'v1', kind: 'Pod', name: 'x', uid: 'u1' }
const entry = {
  manager: 'm',
  operation: 'Update',
  apiVersion: 'v1',
  fieldsType: 'FieldsV1',
} as const

describe('a new object', () => {
  test.for<[meta: Metadata, wanted: string[]]>([
    [{}, []],
    [{ generateName: 'web-', name: 'web-x7k2q', labels: { a: '' }, finalizers: ['a.io/b'] }, []],
    [{ name: '' }, ['metadata.name: Required value: name or generateName is required']],
    [
      { generateName: 'A_', name: 'A_x7k2q' },
      [
        `metadata.generateName: Invalid value: "A_": ${subdomainHint}`,
        `metadata.name: Invalid value: "A_x7k2q": ${subdomainHint}`,
      ],
    ],
    [{ namespace: '' }, ['metadata.namespace: Required value']],
    [{ namespace: 'a.b' }, ['metadata.namespace: Invalid value: "a.b": must not contain dots']],
    [
      { generation: -1 },
      ['metadata.generation: Invalid value: -1: must be greater than or equal to 0'],
    ],
    [{ labels: { 'a b': 'c' } }, [`metadata.labels: Invalid value: "a b": name part ${keyHint}`]],
    [
      { labels: { 'A_b.com/x': 'c' } },
      [`metadata.labels: Invalid value: "A_b.com/x": prefix part ${subdomainHint}`],
    ],
    [{ labels: { a: '-x' } }, [`metadata.labels: Invalid value: "-x": ${valueHint}`]],
    [
      { labels: { a: 'a'.repeat(64) } },
      [`metadata.labels: Invalid value: "${'a'.repeat(64)}": must be no more than 63 bytes`],
    ],
    [{ annotations: { 'Upper.IO/Case': '-any value-' } }, []],
    [
      { annotations: { 'a/b/c': 'x' } },
      [
        `metadata.annotations: Invalid value: "a/b/c": a valid label key ${keyHint} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
      ],
    ],
    [{ annotations: { x: 'x'.repeat(262_143) } }, []],
    [
      { annotations: { x: 'é'.repeat(131_072) } },
      ['metadata.annotations: Too long: may not be more than 262144 bytes'],
    ],
    [
      { finalizers: ['Bad One'] },
      [
        `metadata.finalizers: Invalid value: "Bad One": name part ${keyHint}`,
        'metadata.finalizers[0]: Invalid value: "Bad One": name is neither a standard finalizer name nor is it fully qualified',
      ],
    ],
    [{ finalizers: ['kubernetes', 'orphan'] }, []],
    [
      { finalizers: ['orphan', 'foregroundDeletion'] },
      [
        'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set',
      ],
    ],
    [{ ownerReferences: [owner, { ...owner, uid: 'u2', controller: true }] }, []],
    [
      { ownerReferences: [{ apiVersion: 'a/b/c', kind: '', name: '', uid: '' }] },
      [
        'metadata.ownerReferences.apiVersion: Invalid value: "a/b/c": version must not be empty',
        'metadata.ownerReferences.kind: Invalid value: "": must not be empty',
        'metadata.ownerReferences.name: Invalid value: "": must not be empty',
        'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
      ],
    ],
    [{ managedFields: [entry, { ...entry, operation: 'Apply', fieldsType: '' }] }, []],
  ])('%# %o', ([meta, wanted]) => {
    expect(problemsOf(meta)).toEqual(wanted)
  })

  test('has one controller at most', () => {
    const first = { ...owner, controller: true }
    const second = { ...first, kind: 'Job', name: 'y', uid: 'u2' }
    const [problem, ...rest] = problemsOf({ ownerReferences: [first, second] })
    expect(rest).toEqual([])
    expect(problem).toMatch(/^metadata\.ownerReferences: Invalid value: /)
    expect(problem).toMatch(
      /: Only one reference can have Controller set to true\. Found "true" in references for Pod\/x and Job\/y$/,
    )
  })

  test('is not owned by an Event of the core group', () => {
    const [problem] = problemsOf({ ownerReferences: [{ ...owner, kind: 'Event' }] })
    expect(problem).toMatch(/: \/v1, Kind=Event is disallowed from being an owner$/)
    const other = { ...owner, apiVersion: 'events.k8s.io/v1', kind: 'Event' }
    expect(problemsOf({ ownerReferences: [other] })).toEqual([])
  })

  test('has managed fields of the known shape', () => {
    const bad = {
      manager: `\t${'m'.repeat(128)}`,
      operation: 'Nope',
      fieldsType: 'X',
      subresource: 's'.repeat(257),
    } as unknown as typeof entry
    const place = 'metadata.managedFields[1]'
    expect(problemsOf({ managedFields: [entry, bad] })).toEqual([
      `${place}.operation: Invalid value: "Nope": must be \`Apply\` or \`Update\``,
      `${place}.fieldsType: Invalid value: "X": must be \`FieldsV1\``,
      `${place}.manager: Too long: may not be more than 128 bytes`,
      `${place}.manager: Invalid value: ${JSON.stringify(bad.manager)}: invalid character U+0009 (at position 0)`,
      `${place}.subresource: Too long: may not be more than 256 bytes`,
    ])
  })

  test('without namespaces has none', () => {
    expect(problemsOf({}, { namespaced: false })).toEqual([
      'metadata.namespace: Forbidden: not allowed on this type',
    ])
    expect(problemsOf({ namespace: '' }, { namespaced: false })).toEqual([])
  })

  test('follows the rules of its kind', () => {
    expect(problemsOf({ name: 'a:B' }, { nameRule: pathSegmentName })).toEqual([])
    expect(problemsOf({ name: 'a%b' }, { nameRule: pathSegmentName })).toEqual([
      `metadata.name: Invalid value: "a%b": may not contain '%'`,
    ])
    expect(problemsOf({ finalizers: ['mine'] }, { customResource: true })).toEqual([])
    expect(problemsOf({ finalizers: ['mine'] })).toHaveLength(1)
  })

  test('is told everything at once, in order', () => {
    const fields = problemsOf({
      managedFields: [{ ...entry, fieldsType: 'X' }],
      finalizers: ['-'],
      ownerReferences: [{ ...owner, uid: '' }],
      annotations: { '': '' },
      labels: { a: '-' },
      generation: -1,
      namespace: 'A',
      name: 'A',
    }).map((problem) => problem.replace(/: .*/, ''))
    expect([...new Set(fields)]).toEqual([
      'metadata.name',
      'metadata.namespace',
      'metadata.generation',
      'metadata.labels',
      'metadata.annotations',
      'metadata.ownerReferences.uid',
      'metadata.finalizers',
      'metadata.managedFields[0].fieldsType',
      'metadata.finalizers[0]',
    ])
  })
})

describe('a changed object', () => {
  const time = '2024-01-01T00:00:00Z'

  test.for<[next: Metadata, previous: Metadata, wanted: string[]]>([
    [{}, {}, []],
    [{ finalizers: ['a/b'] }, {}, []],
    [{ finalizers: [] }, { finalizers: ['a/b'] }, []],
    [
      { resourceVersion: '' },
      {},
      ['metadata.resourceVersion: Invalid value: "": must be specified for an update'],
    ],
    [
      { generation: 1 },
      { generation: 2 },
      ['metadata.generation: Invalid value: 1: must not be decremented'],
    ],
    [{ name: 'b' }, {}, ['metadata.name: Invalid value: "b": field is immutable']],
    [{ namespace: '' }, {}, ['metadata.namespace: Invalid value: "": field is immutable']],
    [{ uid: 'v' }, {}, ['metadata.uid: Invalid value: "v": field is immutable']],
    [
      { deletionTimestamp: time },
      {},
      [`metadata.deletionTimestamp: Invalid value: "${time}": field is immutable`],
    ],
    [
      { deletionGracePeriodSeconds: 0 },
      {},
      ['metadata.deletionGracePeriodSeconds: Invalid value: 0: field is immutable'],
    ],
    [
      {},
      { creationTimestamp: time, deletionTimestamp: time, deletionGracePeriodSeconds: 30 },
      [
        'metadata.creationTimestamp: Invalid value: null: field is immutable',
        'metadata.deletionTimestamp: Invalid value: null: field is immutable',
        'metadata.deletionGracePeriodSeconds: Invalid value: null: field is immutable',
      ],
    ],
    [
      { deletionTimestamp: time, finalizers: ['z/z', 'y/b', 'x/a'] },
      { deletionTimestamp: time, finalizers: ['x/a'] },
      [
        'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"y/b", "z/z"}',
      ],
    ],
    [
      { deletionTimestamp: time, finalizers: [] },
      { deletionTimestamp: time, finalizers: ['x/a'] },
      [],
    ],
  ])('%# %o after %o', ([next, previous, wanted]) => {
    expect(changeProblems(next, previous)).toEqual(wanted)
  })
})

test('a field manager is printable and short', () => {
  const problemsOfManager = (manager: string): string[] => {
    const problems = new Problems()
    validateFieldManager(manager, Path.root.child('fieldManager'), problems)
    return printed(problems)
  }
  expect(problemsOfManager('')).toEqual([])
  expect(problemsOfManager('kubectl-édit (日本) 😀')).toEqual([])
  expect(problemsOfManager('é\u00a0x\u200b')).toEqual([
    'fieldManager: Invalid value: "é\u00a0x\u200b": invalid character U+00A0 (at position 2)',
    'fieldManager: Invalid value: "é\u00a0x\u200b": invalid character U+200B (at position 5)',
  ])
})

test('an unchanged object with a version has no problem of change', () => {
  const metas = fc.record({
    generation: fc.nat(),
    finalizers: fc.array(fc.string()),
    deletionTimestamp: fc.constantFrom('', '2024-01-01T00:00:00Z'),
    deletionGracePeriodSeconds: fc.nat(),
  })
  fc.assert(
    fc.property(metas, (meta) => {
      expect(changeProblems(meta, meta)).toEqual([])
    }),
    fuzz(200),
  )
})
