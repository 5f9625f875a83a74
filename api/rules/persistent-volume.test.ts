/** Persistent volumes: sources, changes, and volumes inside attachments. */
import { describe, expect, test } from 'vitest'
import { problemsOfChange, problemsOfNew } from '../check.ts'
import { decode } from '../decode.ts'
import { applyDefaults } from '../defaults.ts'
import { PersistentVolume } from '../kinds/core/persistent-volume.ts'
import { persistentVolumeSpec } from '../parts/core/persistent-volume.ts'
import { Path, Problems } from '../problems.ts'
import { checkInlineVolumeSpec } from './persistent-volume.ts'

const meta = { name: 'v', uid: 'u', resourceVersion: '1' }
const base = { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'] }
const onNode = (key: string) => ({
  required: {
    nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'In', values: ['a'] }] }],
  },
})

function stored(spec: object): PersistentVolume {
  const { schema } = PersistentVolume
  return applyDefaults(schema, decode(schema, { metadata: meta, spec: { ...base, ...spec } }))
}

const problemsOf = (spec: object): string[] =>
  problemsOfNew(PersistentVolume, stored(spec)).map(({ field, message }) => `${field}: ${message}`)
const changeProblems = (before: object, after: object): string[] =>
  problemsOfChange(PersistentVolume, stored(after), stored(before)).map(
    ({ field, message }) => `${field}: ${message.split('\n')[0]}`,
  )

const crowded = 'Forbidden: may not specify more than 1 volume type'
const csi = { driver: 'd.example.com', volumeHandle: 'h' }

test.for([
  [{ hostPath: { path: '/x' } }, []],
  [{}, ['spec: Required value: must specify a volume type']],
  [{ hostPath: { path: '/x' }, nfs: { server: 's', path: '/' } }, [`spec.nfs: ${crowded}`]],
  [{ nfs: { server: 's', path: '/' }, cephfs: { monitors: ['m'] } }, [`spec.cephFS: ${crowded}`]],
  [
    { hostPath: { path: '/x' }, capacity: { storage: '0', cpu: '1' } },
    [
      'spec.capacity: Unsupported value: {"cpu":"1","storage":"0"}: supported values: "storage"',
      'spec.capacity[storage]: Invalid value: "0": must be greater than zero',
    ],
  ],
  [
    { hostPath: { path: '//.' }, persistentVolumeReclaimPolicy: 'Recycle' },
    [
      "spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'",
    ],
  ],
  [
    { local: { path: '/x' } },
    ['spec.nodeAffinity: Required value: Local volume requires node affinity'],
  ],
  [{ local: { path: '/x' }, nodeAffinity: onNode('kubernetes.io/hostname') }, []],
  [
    { local: { path: '/x' }, nodeAffinity: {} },
    ['spec.nodeAffinity.required: Required value: must specify required node constraints'],
  ],
  [
    { csi: { ...csi, nodePublishSecretRef: { name: 'a' }, nodeStageSecretRef: {} } },
    ['spec.csi.nodePublishSecretRef.namespace: Required value'],
  ],
  [
    { hostPath: { path: '/x' }, volumeAttributesClassName: '' },
    [
      'spec.volumeAttributesClassName: Required value: an empty string is disallowed',
      'spec.csi: Required value: has to be specified when using volumeAttributesClassName',
    ],
  ],
  [
    {
      iscsi: {
        targetPortal: 'p'.repeat(63),
        iqn: 'x',
        lun: 1,
        initiatorName: 'iqn.2001-04.com.example:a',
        secretRef: {},
      },
    },
    [
      `spec.iscsi.targetportal: Invalid value: "${'p'.repeat(63)}": Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.`,
      'spec.iscsi.iqn: Invalid value: "x": must be valid format',
      'spec.iscsi.secretRef.name: Required value',
    ],
  ],
] as const)('a volume of %j', ([spec, expected]) => {
  expect(problemsOf(spec)).toEqual(expected)
})

describe('changes', () => {
  const nfs = { nfs: { server: 's', path: '/' } }
  const beta = 'failure-domain.beta.kubernetes.io/zone'
  const stable = 'topology.kubernetes.io/zone'
  test.for([
    ['the policy', nfs, { ...nfs, persistentVolumeReclaimPolicy: 'Delete' }, []],
    [
      'the source',
      nfs,
      { nfs: { server: 't', path: '/' } },
      [
        'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation',
      ],
    ],
    [
      'a secret for growing, given later',
      { csi },
      { csi: { ...csi, controllerExpandSecretRef: { name: 'a', namespace: 'b' } } },
      [],
    ],
    [
      'the mode',
      nfs,
      { ...nfs, volumeMode: 'Block' },
      ['volumeMode: Invalid value: "Block": field is immutable'],
    ],
    ['affinity where there was none', nfs, { ...nfs, nodeAffinity: onNode(stable) }, []],
    [
      'a label that became stable',
      { ...nfs, nodeAffinity: onNode(beta) },
      { ...nfs, nodeAffinity: onNode(stable) },
      [],
    ],
    [
      'any other affinity',
      { ...nfs, nodeAffinity: onNode(stable) },
      nfs,
      [
        'nodeAffinity: Invalid value: null: field is immutable, except for updating from beta label to GA',
      ],
    ],
  ] as const)('%s', ([, before, after, expected]) => {
    expect(changeProblems(before, after)).toEqual(expected)
  })
})

test('a volume inside an attachment says what the driver needs and no more', () => {
  const problems = new Problems()
  const inline = applyDefaults(
    persistentVolumeSpec,
    decode(persistentVolumeSpec, { ...base, hostPath: { path: '/x' }, storageClassName: 's' }),
  )
  checkInlineVolumeSpec(inline, Path.root.child('spec'), problems)
  expect(problems.list.map(({ field, message }) => `${field}: ${message}`)).toEqual([
    'spec.capacity: Forbidden: may not be specified in the context of inline volumes',
    'spec.csi: Required value: has to be specified in the context of inline volumes',
    'spec.storageClassName: Forbidden: may not be specified in the context of inline volumes',
  ])
})
