/** Claims: what they ask for, where their data comes from, and their changes. */
import { describe, expect, test } from 'vitest'
import { problemsOfChange, problemsOfNew } from '../check.ts'
import { decode } from '../decode.ts'
import { applyDefaults } from '../defaults.ts'
import { PersistentVolumeClaim } from '../kinds/core/persistent-volume-claim.ts'

const meta = { name: 'c', namespace: 'n', uid: 'u', resourceVersion: '1' }
const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }

function stored(posted: object): PersistentVolumeClaim {
  const { schema } = PersistentVolumeClaim
  return applyDefaults(schema, decode(schema, { metadata: meta, ...posted }))
}

const problemsOf = (posted: object): string[] =>
  problemsOfNew(PersistentVolumeClaim, stored(posted)).map(
    ({ field, message }) => `${field}: ${message}`,
  )
const changeProblems = (before: object, after: object): string[] =>
  problemsOfChange(PersistentVolumeClaim, stored(after), stored(before)).map(
    ({ field, message }) => `${field}: ${message.split('\n')[0]}`,
  )

test.for([
  [spec, []],
  [
    {},
    [
      'spec.accessModes: Required value: at least 1 access mode is required',
      'spec.resources[storage]: Required value',
    ],
  ],
  [
    { ...spec, accessModes: ['ReadWriteOncePod', 'ReadWriteMany'] },
    ['spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes'],
  ],
  [
    { ...spec, accessModes: ['X'] },
    [
      'spec.accessModes: Unsupported value: "X": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
    ],
  ],
  [
    { ...spec, resources: { requests: { storage: '0' } } },
    ['spec.resources[storage]: Invalid value: "0": must be greater than zero'],
  ],
  [
    { ...spec, volumeMode: 'X' },
    ['spec.volumeMode: Unsupported value: "X": supported values: "Block", "Filesystem"'],
  ],
  [
    { ...spec, dataSource: { kind: 'Pod', name: '' } },
    [
      'spec.dataSource.name: Required value',
      'spec.dataSource: Invalid value: "Pod": must be \'PersistentVolumeClaim\' when referencing the default apiGroup',
    ],
  ],
  [
    {
      ...spec,
      dataSource: { kind: 'PersistentVolumeClaim', name: 'a' },
      dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'b' },
    },
    ['spec: Invalid value: {}: must match dataSourceRef'],
  ],
] as const)('a claim of %j', ([posted, expected]) => {
  expect(problemsOf({ spec: posted })).toEqual(expected)
})

describe('data sources', () => {
  const prepared = (claim: object) => {
    const object = decode(PersistentVolumeClaim.schema, { metadata: meta, spec: claim })
    PersistentVolumeClaim.prepareCreate?.(object)
    return { dataSource: object.spec.dataSource, dataSourceRef: object.spec.dataSourceRef }
  }
  const claim = { apiGroup: null, kind: 'PersistentVolumeClaim', name: 'a' }
  const own = { apiGroup: 'example.com', kind: 'Image', name: 'a' }
  test.for([
    [{ dataSource: claim }, { dataSource: claim, dataSourceRef: claim }],
    [{ dataSourceRef: own }, { dataSource: own, dataSourceRef: own }],
    [{ dataSource: own }, {}],
    [{ dataSourceRef: { ...own, namespace: 'x' } }, { dataSourceRef: { ...own, namespace: 'x' } }],
  ])('%j', ([posted, expected]) => {
    expect(prepared(posted as object)).toEqual(expected)
  })
})

describe('changes', () => {
  const immutable =
    'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'
  const grown = { ...spec, resources: { requests: { storage: '2Gi' } } }
  const bound = { status: { phase: 'Bound', capacity: { storage: '1Gi' } } }
  test.for([
    ['nothing', { spec }, { spec }, []],
    [
      'the same amount in other words',
      { spec },
      { spec: { ...spec, resources: { requests: { storage: '1073741824' } } } },
      [],
    ],
    ['modes', { spec }, { spec: { ...spec, accessModes: ['ReadOnlyMany'] } }, [immutable]],
    ['growth while unbound', { spec }, { spec: grown }, [immutable]],
    ['growth when bound', { spec, ...bound }, { spec: grown, ...bound }, []],
    [
      'back after a failed growth, but not below the volume',
      { spec: grown, ...bound },
      { spec, ...bound },
      ['spec.resources.requests.storage: Forbidden: field can not be less than status.capacity'],
    ],
    ['the volume once', { spec }, { spec: { ...spec, volumeName: 'v' } }, []],
    [
      'the volume twice',
      { spec: { ...spec, volumeName: 'v' } },
      { spec: { ...spec, volumeName: 'w' } },
      [immutable],
    ],
    ['a default class later', { spec }, { spec: { ...spec, storageClassName: 's' } }, []],
    [
      'the class',
      { spec: { ...spec, storageClassName: 's' } },
      { spec: { ...spec, storageClassName: 't' } },
      [immutable],
    ],
    [
      'the mode',
      { spec },
      { spec: { ...spec, volumeMode: 'Block' } },
      [immutable, 'volumeMode: Invalid value: "Block": field is immutable'],
    ],
    [
      'the class of attributes when bound',
      { spec: { ...spec, volumeAttributesClassName: 'a' }, ...bound },
      { spec: { ...spec, volumeAttributesClassName: 'b' }, ...bound },
      [],
    ],
  ] as const)('%s', ([, before, after, expected]) => {
    expect(changeProblems(before, after)).toEqual(expected)
  })
})

test('warnings name fractions of bytes and annotations of long ago', () => {
  const claim = stored({
    metadata: { ...meta, annotations: { 'volume.beta.kubernetes.io/storage-class': 's' } },
    spec: { ...spec, resources: { requests: { storage: '1500m' } } },
  })
  expect(PersistentVolumeClaim.warnings?.(claim, undefined)).toEqual([
    'metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "storageClassName" attribute instead',
    'spec.resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer',
  ])
})
