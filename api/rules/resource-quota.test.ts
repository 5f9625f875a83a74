/** Quotas: names, amounts and scopes. */
import { expect, test } from 'vitest'
import { problemsOfChange, problemsOfNew } from '../check.ts'
import { decode } from '../decode.ts'
import { applyDefaults } from '../defaults.ts'
import { ResourceQuota } from '../kinds/core/resource-quota.ts'

const metadata = { name: 'q', namespace: 'n', uid: 'u', resourceVersion: '1' }
const stored = (spec: object, status = {}) =>
  applyDefaults(ResourceQuota.schema, decode(ResourceQuota.schema, { metadata, spec, status }))
const lines = (problems: readonly { field: string; message: string }[]): string[] =>
  problems.map(({ field, message }) => `${field}: ${message}`)

const scopes = (...names: string[]) => JSON.stringify(names)

test.for([
  [{ hard: { pods: '2', 'count/deployments.apps': '3' }, scopes: [] }, []],
  [
    { hard: { pods: '-1', services: '1.5' } },
    [
      'spec.hard[pods]: Invalid value: "-1": must be greater than or equal to 0',
      'spec.hard[services]: Invalid value: "1500m": must be an integer',
    ],
  ],
  [
    { hard: { pods: '1', services: '1' }, scopes: ['Terminating', 'NotTerminating', 'X'] },
    [
      `spec.scopes: Invalid value: ${scopes('Terminating', 'NotTerminating', 'X')}: unsupported scope applied to resource`,
      `spec.scopes: Invalid value: ${scopes('Terminating', 'NotTerminating', 'X')}: unsupported scope applied to resource`,
      `spec.scopes: Invalid value: ${scopes('Terminating', 'NotTerminating', 'X')}: unsupported scope`,
      `spec.scopes: Invalid value: ${scopes('Terminating', 'NotTerminating', 'X')}: conflicting scopes`,
    ],
  ],
  [
    { hard: { 'requests.cpu': '1' }, scopes: ['BestEffort'] },
    ['spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource'],
  ],
  [{ hard: { persistentvolumeclaims: '1' }, scopes: ['VolumeAttributesClass'] }, []],
  [
    {
      hard: { pods: '1' },
      scopeSelector: {
        matchExpressions: [
          { scopeName: 'PriorityClass', operator: 'In' },
          { scopeName: 'PriorityClass', operator: 'Exists', values: ['a'] },
          { scopeName: 'X', operator: 'Y' },
        ],
      },
    },
    [
      "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
      "spec.scopeSelector.matchExpressions.values: Invalid value: [\"a\"]: must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
      'spec.scopeSelector.matchExpressions.scopeName: Invalid value: "X": unsupported scope',
      'spec.scopeSelector.matchExpressions.operator: Invalid value: "Y": not a valid selector operator',
    ],
  ],
] as const)('%j', ([spec, expected]) => {
  expect(lines(problemsOfNew(ResourceQuota, stored(spec)))).toEqual(expected)
})

test('scopes are fixed, in any order', () => {
  const two = stored({ scopes: ['NotBestEffort', 'Terminating'] })
  const turned = stored({ scopes: ['Terminating', 'NotBestEffort'] })
  expect(problemsOfChange(ResourceQuota, turned, two)).toEqual([])
  expect(lines(problemsOfChange(ResourceQuota, stored({ scopes: ['Terminating'] }), two))).toEqual([
    'spec.scopes: Invalid value: ["Terminating"]: field is immutable',
  ])
})

test('a status is judged too', () => {
  const status = { hard: { pods: '-3' }, used: { nothing: '1' } }
  expect(lines(problemsOfChange(ResourceQuota, stored({}, status), stored({})))).toEqual([
    'status.hard[pods]: Invalid value: "-3": must be greater than or equal to 0',
    'status.used[nothing]: Invalid value: "nothing": must be a standard resource type or fully qualified',
    'status.used[nothing]: Invalid value: "nothing": must be a standard resource for quota',
  ])
})
