/** Claims, classes and templates: what may be asked for, and what an allocation must be like. */
import { describe, expect, test } from 'vitest'
import { judged, judgedChange, posted } from '../judged.ts'
import { DeviceClass } from '../kinds/resource/device-class.ts'
import { ResourceClaim } from '../kinds/resource/resource-claim.ts'
import { ResourceClaimTemplate } from '../kinds/resource/resource-claim-template.ts'
import { dropDeallocatedDevices } from './device-allocation.ts'

const exactly = { deviceClassName: 'gpu' }
const request = { name: 'r', exactly }
const devices = { requests: [request] }
const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const reference =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"

test('a request is for one device unless it says otherwise', () => {
  const tolerations = [{ key: 'a' }]
  const requests = [
    { name: 'a', exactly: { ...exactly, tolerations } },
    { name: 'b', exactly: { ...exactly, allocationMode: 'All' } },
    { name: 'c', firstAvailable: [{ name: 'd', ...exactly, count: 3 }] },
  ]
  expect(posted(ResourceClaim, { spec: { devices: { requests } } }).spec.devices.requests).toEqual([
    {
      name: 'a',
      exactly: {
        ...exactly,
        allocationMode: 'ExactCount',
        count: 1,
        tolerations: [{ key: 'a', operator: 'Equal' }],
      },
    },
    { name: 'b', exactly: { ...exactly, allocationMode: 'All' } },
    {
      name: 'c',
      firstAvailable: [{ name: 'd', ...exactly, allocationMode: 'ExactCount', count: 3 }],
    },
  ])
})

test.for([
  [devices, []],
  [{ requests: [request, request] }, ['requests[1]: Duplicate value: "r"']],
  [
    { requests: [{ name: 'R', exactly: {} }] },
    [
      `requests[0].name: Invalid value: "R": ${label}`,
      'requests[0].exactly.deviceClassName: Required value',
    ],
  ],
  [
    { requests: [{ name: 'r' }] },
    ['requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required'],
  ],
  [
    { requests: [{ ...request, firstAvailable: [{ name: 'a', ...exactly }] }] },
    [
      'requests[0]: Invalid value: "null": exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set',
    ],
  ],
  [
    { requests: [{ name: 'r', exactly: { ...exactly, allocationMode: 'All', count: 2 } }] },
    [
      "requests[0].exactly.count: Invalid value: 2: must not be specified when allocationMode is 'All'",
    ],
  ],
  [
    { requests: [{ name: 'r', exactly: { ...exactly, allocationMode: 'Some' } }] },
    [
      'requests[0].exactly.allocationMode: Unsupported value: "Some": supported values: "All", "ExactCount"',
    ],
  ],
  [
    { requests: [{ name: 'r', exactly: { ...exactly, selectors: [{}] } }] },
    ['requests[0].exactly.selectors[0].cel: Required value'],
  ],
  [
    {
      requests: [
        { name: 'r', exactly: { ...exactly, tolerations: [{ operator: 'Exists', value: 'x' }] } },
      ],
    },
    [
      'requests[0].exactly.tolerations[0].value: Invalid value: "x": must be empty for operator `Exists`',
    ],
  ],
  [
    {
      ...devices,
      constraints: [{ requests: ['x', 'r/a', 'r', 'r', 'a/b/c'], matchAttribute: 'a' }],
    },
    [
      `constraints[0].requests[0]: Invalid value: "x": ${reference}`,
      `constraints[0].requests[1]: Invalid value: "r/a": ${reference}`,
      `constraints[0].requests[4]: Invalid value: "a/b/c": ${reference}`,
      'constraints[0].requests[3]: Duplicate value: "r"',
      'constraints[0].matchAttribute: Invalid value: "a": a fully qualified name must be a domain and a name separated by a slash',
    ],
  ],
  [
    { ...devices, config: [{}, { opaque: { driver: 'd.example.com' } }] },
    ['config[0].opaque: Required value', 'config[1].opaque.parameters: Required value'],
  ],
  [
    { requests: Array.from({ length: 33 }, (_, n) => ({ name: `r${n}`, exactly })) },
    ['requests: Too many: 33: must have at most 32 items'],
  ],
] as const)('a claim for %#', ([claim, problems]) => {
  expect(judged(ResourceClaim, { spec: { devices: claim } })).toEqual(
    problems.map((each) => `spec.devices.${each}`),
  )
})

test('a template passes on labels and annotations, and asks as a claim does', () => {
  const spec = {
    metadata: { name: 'x', labels: { a: 'b' } },
    spec: { devices: { requests: [{}] } },
  }
  expect(judged(ResourceClaimTemplate, { spec })).toEqual([
    'spec.metadata.name: Forbidden: cannot be set',
    `spec.spec.devices.requests[0].name: Invalid value: "": ${label}`,
    'spec.spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required',
  ])
})

test.for([ResourceClaim, ResourceClaimTemplate])('the spec of a $kind never changes', (kind) => {
  const wrap = (claim: object) =>
    kind.kind === 'ResourceClaim' ? { spec: claim } : { spec: { spec: claim } }
  const problems = judgedChange(kind, wrap({ devices }), wrap({ devices: { requests: [] } }))
  expect(problems).toEqual([expect.stringMatching(/^spec: Invalid value: .*: field is immutable$/)])
})

test.for([
  [{ extendedResourceName: 'example.com/gpu' }, []],
  [
    { extendedResourceName: 'cpu' },
    ['extendedResourceName: Invalid value: "cpu": must be a valid extended resource name'],
  ],
  [{ selectors: [{}] }, ['selectors[0].cel: Required value']],
  [
    { selectors: [{ cel: { expression: 'x'.repeat(10_241) } }] },
    ['selectors[0].cel.expression: Too long: may not be more than 10240 bytes'],
  ],
] as const)('a class %#', ([spec, problems]) => {
  expect(judged(DeviceClass, { spec })).toEqual(problems.map((each) => `spec.${each}`))
})

describe('the status of a claim', () => {
  const device = { driver: 'd.example.com', pool: 'n/p', device: 'gpu0' }
  const allocation = { devices: { results: [{ request: 'r', ...device }] } }
  const consumer = { resource: 'pods', name: 'p', uid: 'u' }
  const claim = (status: object, metadata = {}) => ({ metadata, spec: { devices }, status })

  test.for([
    [{ allocation, reservedFor: [consumer], devices: [device] }, []],
    [
      { reservedFor: [consumer] },
      ['reservedFor: Forbidden: may not be specified when `allocated` is not set'],
    ],
    [
      { allocation, reservedFor: [{}, consumer, consumer] },
      [
        'reservedFor[0].resource: Required value',
        'reservedFor[0].name: Required value',
        'reservedFor[0].uid: Required value',
        'reservedFor[2]: Duplicate value: "u"',
      ],
    ],
    [
      { allocation, devices: [{ ...device, device: 'other' }] },
      [
        'devices[0]: Invalid value: "d.example.com/n/p/other": must be an allocated device in the claim',
      ],
    ],
    [
      { allocation: { devices: { results: [{ ...device, request: 'x' }] } } },
      [`allocation.devices.results[0].request: Invalid value: "x": ${reference}`],
    ],
    [
      { allocation: { devices: { config: [{ source: 'Elsewhere' }] } } },
      [
        'allocation.devices.config[0].source: Unsupported value: "Elsewhere": supported values: "FromClaim", "FromClass"',
        'allocation.devices.config[0].opaque: Required value',
      ],
    ],
    [
      {
        allocation,
        devices: [{ ...device, networkData: { ips: ['10.0.0.1', '10.0.0.1/24', 'FE80::1/64'] } }],
      },
      [
        'devices[0].networkData.ips[0]: Invalid value: "10.0.0.1": must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)',
        'devices[0].networkData.ips[2]: Invalid value: "FE80::1/64": must be in canonical form ("fe80::1/64")',
      ],
    ],
    [
      { allocation: { devices: { results: [{ ...device, request: 'r', shareID: 'x' }] } } },
      [
        'allocation.devices.results[0].shareID: Invalid value: "x": error validating uid: invalid UUID length: 1',
      ],
    ],
  ] as const)('%#', ([status, problems]) => {
    expect(judgedChange(ResourceClaim, claim({}), claim(status))).toEqual(
      problems.map((each) => `status.${each}`),
    )
  })

  test('what is allocated stays so until it is given back', () => {
    const other = { devices: { results: [{ request: 'r', ...device, device: 'gpu1' }] } }
    const change = judgedChange(ResourceClaim, claim({ allocation }), claim({ allocation: other }))
    expect(change).toEqual([
      expect.stringMatching(/^status\.allocation: Invalid value: .*: field is immutable$/),
    ])
    expect(judgedChange(ResourceClaim, claim({ allocation }), claim({}))).toEqual([])
  })

  test('a claim that is to go gets no new consumers', () => {
    const deleted = { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 0 }
    const before = claim({ allocation }, deleted)
    const after = claim({ allocation, reservedFor: [consumer] }, deleted)
    expect(judgedChange(ResourceClaim, before, after)).toEqual([
      'status.reservedFor: Forbidden: new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set',
    ])
  })

  test('what drivers say goes with the device', () => {
    const previous = posted(ResourceClaim, claim({ allocation, devices: [device] })).status
    const next = posted(ResourceClaim, claim({ devices: [device] })).status
    dropDeallocatedDevices(next, previous)
    expect(next).toEqual({})
  })
})
