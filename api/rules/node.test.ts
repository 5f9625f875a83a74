/** Nodes: ranges, taints, and what stays once it is set. */
import { describe, expect, test } from 'vitest'
import { problemsOfChange, problemsOfNew } from '../check.ts'
import { decode } from '../decode.ts'
import { applyDefaults } from '../defaults.ts'
import { Node } from '../kinds/core/node.ts'

const metadata = { name: 'n', uid: 'u', resourceVersion: '1' }
const stored = (spec: object, status = {}) =>
  applyDefaults(Node.schema, decode(Node.schema, { metadata, spec, status }))
const lines = (problems: readonly { field: string; message: string }[]): string[] =>
  problems.map(({ field, message }) => `${field}: ${message}`)

test.for([
  [{ podCIDR: '10.0.0.0/24' }, { podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.0.0/24'] }],
  [
    { podCIDRs: ['10.0.0.0/24', 'fd00::/64'] },
    { podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.0.0/24', 'fd00::/64'] },
  ],
  [
    { podCIDR: '10.1.0.0/24', podCIDRs: ['10.0.0.0/24'] },
    { podCIDR: '10.1.0.0/24', podCIDRs: ['10.1.0.0/24'] },
  ],
  [{}, {}],
])('ranges for pods of %j', ([posted, expected]) => {
  expect(stored(posted as object).spec).toEqual(expected)
})

test('pods may use all that a node has, unless it says less', () => {
  const capacity = { cpu: '4', memory: '1500u' }
  expect(stored({}, { capacity }).status.allocatable).toEqual({ cpu: '4', memory: '2m' })
  const allocatable = { cpu: '3' }
  expect(stored({}, { capacity, allocatable }).status.allocatable).toEqual(allocatable)
})

test.for([
  [
    {
      taints: [
        { key: 'a', effect: 'NoSchedule' },
        { key: 'a', effect: 'NoExecute' },
      ],
    },
    [],
  ],
  [
    {
      taints: [
        { key: 'a', effect: 'X' },
        { key: 'b', value: '-', effect: '' },
        { key: 'c', effect: 'NoSchedule' },
        { key: 'c', effect: 'NoSchedule', value: 'v' },
      ],
    },
    [
      'metadata.taints[0].effect: Unsupported value: "X": supported values: "NoExecute", "NoSchedule", "PreferNoSchedule"',
      "metadata.taints[1].value: Invalid value: \"-\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
      'metadata.taints[1].effect: Required value',
      'metadata.taints[3]: Duplicate value: {"Key":"c","Value":"v","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair',
    ],
  ],
  [
    { podCIDRs: ['10.0.0.0/24', '10.0.0.0/24'] },
    [
      'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.0.0/24"]: may specify no more than one CIDR for each IP family',
      'spec.podCIDRs[1]: Duplicate value: "10.0.0.0/24"',
    ],
  ],
  [
    { podCIDRs: ['10.0.0.1/24'] },
    [
      'spec.podCIDRs[0]: Invalid value: "10.0.0.1/24": must not have bits set beyond the prefix length',
    ],
  ],
] as const)('a node of %j', ([spec, expected]) => {
  expect(lines(problemsOfNew(Node, stored(spec)))).toEqual(expected)
})

describe('changes', () => {
  test.for([
    [{}, { podCIDR: '10.0.0.0/24', providerID: 'a' }, []],
    [
      { podCIDR: '10.0.0.0/24', providerID: 'a' },
      {},
      [
        'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
        'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
      ],
    ],
    [{}, { externalID: 'a' }, ['spec.externalID: Forbidden: may not be updated']],
    [
      {},
      {
        configSource: { configMap: { namespace: 'a', name: '', kubeletConfigKey: 'k', uid: 'u' } },
      },
      [
        'spec.configSource.configMap.uid: Forbidden: uid must not be set in spec',
        'spec.configSource.configMap.name: Required value: name must be set',
      ],
    ],
  ] as const)('%j to %j', ([before, after, expected]) => {
    expect(lines(problemsOfChange(Node, stored(after), stored(before)))).toEqual(expected)
  })

  test('no address twice', () => {
    const address = { type: 'InternalIP', address: '10.0.0.1' }
    const next = stored({}, { addresses: [address, address] })
    expect(lines(problemsOfChange(Node, next, stored({})))).toEqual([
      'status.addresses[1]: Duplicate value: {"Type":"InternalIP","Address":"10.0.0.1"}',
    ])
  })
})
