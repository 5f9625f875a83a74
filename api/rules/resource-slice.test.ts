/** Resource slices: what drivers may offer. */
import { describe, expect, test } from 'vitest'
import { judged, judgedChange, posted } from '../judged.ts'
import { ResourceSlice } from '../kinds/resource/resource-slice.ts'
import { stampTaints } from './resource-slice.ts'

const spec = {
  driver: 'd.example.com',
  pool: { name: 'p', generation: 0, resourceSliceCount: 1 },
  nodeName: 'n',
}
const problemsOf = (change: object): string[] =>
  judged(ResourceSlice, { spec: { ...spec, ...change } })
const ofDevice = (device: object): string[] =>
  problemsOf({ devices: [{ name: 'gpu0', ...device }] }).map((each) =>
    each.replace('spec.devices[0]', ''),
  )

test.for([
  [{}, []],
  [
    { pool: { name: 'p', generation: -1, resourceSliceCount: 0 } },
    [
      'spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero',
      'spec.pool.generation: Invalid value: -1: must be greater than or equal to zero',
    ],
  ],
  [
    { nodeName: undefined },
    [
      'spec: Required value: exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required',
    ],
  ],
  [
    { allNodes: true },
    [
      'spec: Invalid value: "{`nodeName`, `allNodes`}": exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required, but multiple fields are set',
    ],
  ],
  [
    { nodeName: undefined, nodeSelector: { nodeSelectorTerms: [] } },
    [
      'spec.nodeSelector.nodeSelectorTerms: Required value: must have at least one node selector term',
      'spec.nodeSelector.nodeSelectorTerms: Invalid value: null: must have exactly one node selector term',
    ],
  ],
  [
    { allNodes: false },
    ['spec.allNodes: Invalid value: false: must be either unset or set to true'],
  ],
  [
    { devices: Array.from({ length: 129 }, (_, n) => ({ name: `d${n}` })) },
    ['spec.devices: Too many: 129: must have at most 128 items'],
  ],
  [
    {
      devices: Array.from({ length: 65 }, (_, n) => ({
        name: `d${n}`,
        taints: [{ key: 'a', effect: 'NoSchedule' }],
      })),
    },
    ['spec.devices: Too many: 65: must have at most 64 items'],
  ],
  [{ devices: [{ name: 'a' }, { name: 'a' }] }, ['spec.devices[1]: Duplicate value: "a"']],
  [
    { sharedCounters: [{ name: 's', counters: {} }] },
    ['spec.sharedCounters[0].counters: Required value'],
  ],
] as const)('a slice %#', ([change, problems]) => {
  expect(problemsOf(change)).toEqual(problems)
})

describe('a device', () => {
  test.for([
    [{ attributes: { model: { string: 'x' }, 'other.com/major': { int: 3 } } }, []],
    [
      { attributes: { model: {} } },
      ['.attributes[model]: Invalid value: "": exactly one value must be specified'],
    ],
    [
      { attributes: { model: { int: 1, string: 'x'.repeat(65) } } },
      [
        '.attributes[model].string: Too long: may not be more than 64 bytes',
        `.attributes[model]: Invalid value: {"int":1,"string":"${'x'.repeat(65)}"}: exactly one value must be specified`,
      ],
    ],
    [{ attributes: { v: { version: '1.2.3-a.1+b' } } }, []],
    [
      { attributes: { v: { version: '01.2.3' } } },
      [
        '.attributes[v].version: Invalid value: "01.2.3": must be a string compatible with semver.org spec 2.0.0',
      ],
    ],
    [
      { attributes: { 'a/b/c': { int: 1 } } },
      ['.attributes: Invalid value: "a/b/c": must not contain more than one slash'],
    ],
    [
      { taints: [{ key: 'a', effect: 'Never' }] },
      [
        '.taints[0].effect: Unsupported value: "Never": supported values: "NoExecute", "NoSchedule", "None"',
      ],
    ],
    [
      { allNodes: true },
      [
        ': Invalid value: "null": `nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec',
      ],
    ],
    [
      { bindingConditions: ['a', 'a'], bindingFailureConditions: ['a'] },
      [
        '.bindingConditions[1]: Duplicate value: "a"',
        '.bindingFailureConditions[0]: Invalid value: "a": bindingFailureConditions must not overlap with bindingConditions',
      ],
    ],
    [
      { bindingConditions: ['a'] },
      [
        '.bindingFailureConditions: Invalid value: null: bindingFailureConditions are required to use bindingConditions',
      ],
    ],
    [
      { consumesCounters: [{}] },
      [
        '.consumesCounters[0].counterSet: Required value',
        '.consumesCounters[0].counters: Required value',
      ],
    ],
  ] as const)('with %j', ([device, problems]) => {
    expect(ofDevice(device)).toEqual(problems)
  })

  test('says for itself which nodes can use it, when it may', () => {
    const change = { nodeName: undefined, perDeviceNodeSelection: true }
    expect(problemsOf({ ...change, devices: [{ name: 'a', nodeName: 'n' }] })).toEqual([])
    expect(problemsOf({ ...change, devices: [{ name: 'a' }] })).toEqual([
      'spec.devices[0]: Required value: exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec',
    ])
  })
})

describe('a capacity of 10Gi', () => {
  const ofPolicy = (requestPolicy: object, allowMultipleAllocations = true): string[] =>
    ofDevice({
      allowMultipleAllocations,
      capacity: { memory: { value: '10Gi', requestPolicy } },
    }).map((each) => each.replace('.capacity[memory].requestPolicy', ''))

  test.for([
    [{ default: '1Gi', validValues: ['1Gi', '2Gi'] }, []],
    [{ validValues: ['1Gi'] }, ['.default: Required value: required when validValues is defined']],
    [
      { default: '3Gi', validValues: ['2Gi', '1Gi', '20Gi', '1Gi'] },
      [
        '.validValues[1]: Invalid value: "1Gi": values must be sorted in ascending order',
        '.validValues[3]: Invalid value: "1Gi": values must be sorted in ascending order',
        '.validValues[2]: Invalid value: "20Gi": option is larger than capacity value: 10Gi',
        '.validValues[3]: Duplicate value: "1073741824"',
        '.validValues: Invalid value: "3Gi": default value is not valid according to the requestPolicy',
      ],
    ],
    [{ default: '1Gi', validRange: { min: '1Gi', max: '9Gi', step: '2Gi' } }, []],
    [
      { default: '1Gi', validValues: ['1Gi'], validRange: { min: '1Gi' } },
      [
        ': Forbidden: exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time',
      ],
    ],
    [
      { default: '1Gi', validRange: { min: '2Gi', max: '20Gi' } },
      [
        '.validRange.default: Invalid value: "1Gi": default is less than min: 2Gi',
        '.validRange.max: Invalid value: "20Gi": max is larger than capacity value: 10Gi',
      ],
    ],
    [
      { default: '2Gi', validRange: { min: '1Gi', step: '2Gi' } },
      [
        '.validRange.step: Invalid value: "2Gi": value is not a multiple of a given step (2Gi) from (1Gi)',
      ],
    ],
    [
      { default: '1Gi', validRange: { min: '1Gi', step: '0' } },
      ['.validRange.step: Invalid value: "0": must be greater than zero'],
    ],
    [
      { default: '1Gi', validRange: { min: '1Gi', step: '10Gi' } },
      [
        '.validRange.step: Invalid value: "10Gi": one step 11Gi is larger than capacity value: 10Gi',
      ],
    ],
  ] as const)('with the policy %j', ([policy, problems]) => {
    expect(ofPolicy(policy)).toEqual(problems)
  })

  test('has no policy when it is allocated as a whole', () => {
    expect(ofPolicy({ default: '1Gi' }, false)).toEqual([
      ': Forbidden: allowMultipleAllocations must be true',
    ])
  })
})

test('a slice stays with its driver, pool and node', () => {
  const next = {
    ...spec,
    driver: 'e.example.com',
    nodeName: 'm',
    pool: { ...spec.pool, name: 'q' },
  }
  expect(judgedChange(ResourceSlice, { spec }, { spec: next })).toEqual([
    'spec.pool.name: Invalid value: "q": field is immutable',
    'spec.driver: Invalid value: "e.example.com": field is immutable',
    'spec.nodeName: Invalid value: "m": field is immutable',
  ])
})

test('taints say since when they are there', () => {
  const [earlier, now] = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z']
  const taints = [
    { key: 'a', effect: 'NoSchedule' },
    { key: 'b', effect: 'NoSchedule', timeAdded: earlier },
  ]
  const slice = posted(ResourceSlice, { spec: { ...spec, devices: [{ name: 'a', taints }] } })
  stampTaints(slice.spec, now)
  expect(slice.spec.devices?.[0]?.taints?.map(({ timeAdded }) => timeAdded)).toEqual([now, earlier])
})
