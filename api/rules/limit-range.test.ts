/** Limit ranges: defaults, and amounts in order. */
import { expect, test } from 'vitest'
import { decode } from '../decode.ts'
import { applyDefaults } from '../defaults.ts'
import { limitRangeSpec } from '../kinds/core/limit-range.ts'
import { Problems } from '../problems.ts'
import { validate } from '../validate.ts'

const stored = (...limits: object[]) =>
  applyDefaults(limitRangeSpec, decode(limitRangeSpec, { limits }))

function problemsOf(...limits: object[]): string[] {
  const problems = new Problems()
  validate(limitRangeSpec, stored(...limits), problems)
  return problems.list.map(({ field, message }) => `${field}: ${message}`)
}

test('containers get limits from the maximum and requests from limits, then from the minimum', () => {
  const posted = { type: 'Container', max: { cpu: '2' }, min: { cpu: '1', memory: '1Mi' } }
  expect(stored({ ...posted, default: { memory: '1Gi' } }).limits).toEqual([
    {
      ...posted,
      default: { cpu: '2', memory: '1Gi' },
      defaultRequest: { cpu: '2', memory: '1Gi' },
    },
  ])
  expect(stored({ type: 'Pod', max: { cpu: '1500u' } }).limits).toEqual([
    { type: 'Pod', max: { cpu: '2m' } },
  ])
})

test.for([
  [[{ type: 'Pod', max: { cpu: '2' } }], []],
  [
    [{ type: 'Pod' }, { type: 'Pod' }, { type: 'Other' }],
    [
      'limits[1].type: Duplicate value: "Pod"',
      'limits[2].type: Invalid value: "Other": must be a standard limit type or fully qualified',
    ],
  ],
  [
    [{ type: 'Pod', default: { cpu: '1' } }],
    ["limits[0].default: Forbidden: may not be specified when `type` is 'Pod'"],
  ],
  [
    [{ type: 'PersistentVolumeClaim', max: { cpu: '1' } }],
    [
      'limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided',
    ],
  ],
  [
    [{ type: 'Container', min: { cpu: '2' }, max: { cpu: '1' }, default: { cpu: '3' } }],
    [
      'limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
      'limits[0].defaultRequest[cpu]: Invalid value: "3": default request value 3 is greater than max value 1',
      'limits[0].default[cpu]: Invalid value: "1": default value 3 is greater than max value 1',
    ],
  ],
  [
    [
      {
        type: 'Container',
        max: { 'example.com/x': '2' },
        defaultRequest: { 'example.com/x': '1' },
      },
    ],
    [
      'limits[0].defaultRequest[example.com/x]: Invalid value: "1": default value 2 must equal to defaultRequest value 1 in example.com/x',
    ],
  ],
  [
    [
      {
        type: 'Pod',
        min: { memory: '1Gi' },
        max: { memory: '2Gi' },
        maxLimitRequestRatio: { memory: '3', cpu: '500m' },
      },
    ],
    [
      'limits[0].maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1',
      'limits[0].maxLimitRequestRatio[memory]: Invalid value: "3": ratio 3 is greater than max/min = 2.000000',
    ],
  ],
] as const)('%j', ([limits, expected]) => {
  expect(problemsOf(...limits)).toEqual(expected)
})
