/** The kinds of storage: defaults, rules and what never changes. */
import { describe, expect, test } from 'vitest'
import { problemsOfChange, problemsOfNew } from '../../check.ts'
import { decode } from '../../decode.ts'
import { applyDefaults } from '../../defaults.ts'
import type { Kind } from '../../kind.ts'
import { CSIDriver } from './csi-driver.ts'
import { CSINode } from './csi-node.ts'
import { CSIStorageCapacity } from './csi-storage-capacity.ts'
import { StorageClass } from './storage-class.ts'
import { VolumeAttachment } from './volume-attachment.ts'
import { VolumeAttributesClass } from './volume-attributes-class.ts'

const metadata = { name: 'a', uid: 'u', resourceVersion: '1' }

const stored = (kind: Kind, posted: object): object => {
  const namespace = kind.scope === 'Namespaced' ? { namespace: 'n' } : {}
  const object = { metadata: { ...metadata, ...namespace }, ...posted }
  return applyDefaults(kind.schema, decode(kind.schema, object))
}
const lines = (problems: readonly { field: string; message: string }[]): string[] =>
  problems.map(({ field, message }) => `${field}: ${message}`)
const problemsOf = (kind: Kind, posted: object): string[] =>
  lines(problemsOfNew(kind, stored(kind, posted)))
const changeProblems = (kind: Kind, before: object, after: object): string[] =>
  lines(problemsOfChange(kind, stored(kind, after), stored(kind, before)))

describe('StorageClass', () => {
  const provisioner = 'example.com/P'
  const zone = { key: 'zone', values: ['a', 'b'] }
  test('is defaulted', () => {
    expect(stored(StorageClass, { provisioner })).toMatchObject({
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'Immediate',
    })
  })
  test.for([
    [{ provisioner }, []],
    [{}, ['provisioner: Required value']],
    [
      { provisioner, parameters: { '': 'x' }, reclaimPolicy: 'Recycle', volumeBindingMode: 'X' },
      [
        'parameters: Invalid value: "": field can not be empty.',
        'reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"',
        'volumeBindingMode: Unsupported value: "X": supported values: "Immediate", "WaitForFirstConsumer"',
      ],
    ],
    [
      {
        provisioner,
        parameters: Object.fromEntries(Array.from({ length: 513 }, (_, at) => [`k${at}`, 'v'])),
      },
      ['parameters: Too long: may not be more than 512 bytes'],
    ],
    [
      {
        provisioner,
        allowedTopologies: [
          { matchLabelExpressions: [zone, { key: 'zone', values: ['a', 'a'] }] },
          { matchLabelExpressions: [zone] },
          { matchLabelExpressions: [{ key: 'zone', values: ['b', 'a'] }] },
          { matchLabelExpressions: [{ key: 'x', values: [] }] },
        ],
      },
      [
        'allowedTopologies[0].matchLabelExpressions[1].key: Duplicate value: "zone"',
        'allowedTopologies[0].matchLabelExpressions[1].values[1]: Duplicate value: "a"',
        'allowedTopologies[2].matchLabelExpressions: Duplicate value: ""',
        'allowedTopologies[3].matchLabelExpressions[0].values: Required value',
      ],
    ],
  ] as const)('%j', ([posted, expected]) => {
    expect(problemsOf(StorageClass, posted)).toEqual(expected)
  })
  test('hardly changes', () => {
    const after = {
      provisioner: 'example.com/q',
      reclaimPolicy: 'Retain',
      volumeBindingMode: 'WaitForFirstConsumer',
      allowVolumeExpansion: true,
    }
    expect(changeProblems(StorageClass, { provisioner }, after)).toEqual([
      'provisioner: Forbidden: updates to provisioner are forbidden.',
      'reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden.',
      'volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable',
    ])
  })
})

describe('VolumeAttributesClass', () => {
  const whole = { driverName: 'd.example.com', parameters: { iops: '1' } }
  test.for([
    [whole, []],
    [
      {},
      [
        'driverName: Required value',
        'parameters: Required value: must contain at least one key/value pair',
      ],
    ],
  ] as const)('%j', ([posted, expected]) => {
    expect(problemsOf(VolumeAttributesClass, posted)).toEqual(expected)
  })
  test('never changes', () => {
    const after = { driverName: 'e.example.com', parameters: { iops: '2' } }
    expect(changeProblems(VolumeAttributesClass, whole, after)).toEqual([
      'driverName: Forbidden: updates to driverName are forbidden.',
      'parameters: Forbidden: updates to parameters are forbidden.',
    ])
  })
})

describe('CSIDriver', () => {
  test('is defaulted', () => {
    expect(stored(CSIDriver, { spec: {} })).toMatchObject({
      spec: {
        attachRequired: true,
        podInfoOnMount: false,
        volumeLifecycleModes: ['Persistent'],
        storageCapacity: false,
        fsGroupPolicy: 'ReadWriteOnceWithFSType',
        requiresRepublish: false,
        seLinuxMount: false,
      },
    })
  })
  test('judges words, tokens and times', () => {
    const spec = {
      volumeLifecycleModes: ['X'],
      fsGroupPolicy: 'Y',
      tokenRequests: [{ audience: 'a', expirationSeconds: 1 }, { audience: 'a' }],
      nodeAllocatableUpdatePeriodSeconds: 9,
    }
    expect(problemsOf(CSIDriver, { spec })).toEqual([
      'spec.fsGroupPolicy: Unsupported value: "Y": supported values: "File", "None", "ReadWriteOnceWithFSType"',
      'spec.tokenRequests[0].expirationSeconds: Invalid value: 1: may not specify a duration less than 10 minutes',
      'spec.tokenRequests[1].audience: Duplicate value: "a"',
      'spec.volumeLifecycleModes: Unsupported value: "X": supported values: "Ephemeral", "Persistent"',
      'spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 9: must be greater than or equal to 10 seconds',
    ])
    expect(problemsOf(CSIDriver, { spec: { serviceAccountTokenInSecrets: false } })).toEqual([
      'spec.serviceAccountTokenInSecrets: Invalid value: false: serviceAccountTokenInSecrets is set but no tokenRequests are specified',
    ])
  })
  test('keeps what volumes rely on', () => {
    const spec = {
      attachRequired: false,
      volumeLifecycleModes: ['Ephemeral'],
      podInfoOnMount: true,
    }
    expect(changeProblems(CSIDriver, { spec: {} }, { spec })).toEqual([
      'spec.attachedRequired: Invalid value: false: field is immutable',
      'spec.volumeLifecycleModes: Invalid value: ["Ephemeral"]: field is immutable',
    ])
  })
})

describe('CSINode', () => {
  const driver = { name: 'd.example.com', nodeID: 'x', topologyKeys: ['a'] }
  test('judges drivers', () => {
    const drivers = [
      driver,
      { ...driver, nodeID: '', topologyKeys: ['a', 'a'], allocatable: { count: -1 } },
    ]
    expect(problemsOf(CSINode, { spec: { drivers } })).toEqual([
      'spec.drivers[1].nodeID: Required value',
      'spec.drivers[1].allocatable.count: Invalid value: -1: must be greater than or equal to 0',
      'spec.drivers[1].name: Duplicate value: "d.example.com"',
      'spec.drivers[1]: Duplicate value: "a"',
    ])
  })
  test('lets only the room of a driver change', () => {
    const before = { spec: { drivers: [driver] } }
    const roomy = { spec: { drivers: [{ ...driver, allocatable: { count: 3 } }] } }
    expect(changeProblems(CSINode, before, roomy)).toEqual([])
    const renamed = { spec: { drivers: [{ ...driver, nodeID: 'y' }] } }
    expect(changeProblems(CSINode, before, renamed)).toEqual([
      'spec.drivers: Invalid value: {"Name":"d.example.com","NodeID":"y","TopologyKeys":["a"],"Allocatable":null}: field is immutable',
    ])
  })
})

describe('VolumeAttachment', () => {
  const source = { persistentVolumeName: 'pv' }
  const spec = { attacher: 'd.example.com', nodeName: 'n', source }
  test.for([
    [{ spec }, []],
    [
      { spec: { ...spec, source: {} } },
      [
        'spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName',
      ],
    ],
    [
      { spec: { ...spec, source: { ...source, inlineVolumeSpec: {} } } },
      [
        'spec.source: Forbidden: must specify exactly one of inlineVolumeSpec and persistentVolumeName',
      ],
    ],
    [
      {
        spec,
        status: { attached: false, attachError: { message: 'm'.repeat(1025), errorCode: -1 } },
      },
      [
        'status.attachError.message: Too long: may not be more than 262144 bytes',
        'status.attachError.errorCode: Invalid value: -1: must be between 0 and 2147483647, inclusive',
      ],
    ],
  ] as const)('%j', ([posted, expected]) => {
    expect(problemsOf(VolumeAttachment, posted)).toEqual(expected)
  })
  test('is made once', () => {
    expect(
      changeProblems(VolumeAttachment, { spec }, { spec: { ...spec, nodeName: 'm' } }),
    ).toEqual([
      'spec: Invalid value: {"Attacher":"d.example.com","Source":{"PersistentVolumeName":"pv","InlineVolumeSpec":null},"NodeName":"m"}: field is immutable',
    ])
  })
})

describe('CSIStorageCapacity', () => {
  const whole = { storageClassName: 'fast', capacity: '1Ti' }
  test('counts what is left, which is never negative', () => {
    expect(problemsOf(CSIStorageCapacity, whole)).toEqual([])
    expect(problemsOf(CSIStorageCapacity, { ...whole, capacity: '-1' })).toEqual([
      'capacity: Invalid value: "-1": must be greater than or equal to 0',
    ])
  })
  test('is for one class and one place', () => {
    const after = { storageClassName: 'slow', capacity: '1Gi', nodeTopology: {} }
    expect(changeProblems(CSIStorageCapacity, whole, after)).toEqual([
      'nodeTopology: Invalid value: {}: field is immutable',
      'storageClassName: Invalid value: "slow": field is immutable',
    ])
  })
})
