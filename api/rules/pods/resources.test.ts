/** Which resources containers and pods may ask for. */
import { describe, expect, test } from 'vitest'
import { pod, podOf, problemsOf } from './judged-pod.ts'

const at = 'spec.containers[0].resources'
const standard = 'must be a standard resource for containers'

describe('resources of containers', () => {
  test.for([
    { name: 'plain', resources: { limits: { cpu: '1', memory: '1Gi' } }, expected: [] },
    {
      name: 'request above limit',
      resources: { limits: { cpu: '1' }, requests: { cpu: '2' } },
      expected: [
        `${at}.requests: Invalid value: "2": must be less than or equal to cpu limit of 1`,
      ],
    },
    {
      name: 'negative',
      resources: { requests: { memory: '-1' } },
      expected: [`${at}.requests[memory]: Invalid value: "-1": must be greater than or equal to 0`],
    },
    {
      name: 'unknown name',
      resources: { requests: { foo: '1' } },
      expected: [
        `${at}.requests[foo]: Invalid value: "foo": must be a standard resource type or fully qualified`,
        `${at}.requests[foo]: Invalid value: "foo": ${standard}`,
      ],
    },
    {
      name: 'name of something else',
      resources: { requests: { pods: '1' } },
      expected: [`${at}.requests[pods]: Invalid value: "pods": ${standard}`],
    },
    {
      name: 'extended resource',
      resources: { limits: { 'example.com/gpu': '2' } },
      expected: [],
    },
    {
      name: 'part of an extended resource',
      resources: { limits: { 'example.com/gpu': '500m' } },
      expected: ['limits', 'requests'].map(
        (side) => `${at}.${side}[example.com/gpu]: Invalid value: "500m": must be an integer`,
      ),
    },
    {
      name: 'extended resource without limit',
      resources: { requests: { 'example.com/gpu': '1' } },
      expected: [
        `${at}.limits: Required value: Limit must be set for non overcommitable resources`,
      ],
    },
    {
      name: 'extended resource overcommitted',
      resources: { limits: { 'example.com/gpu': '2' }, requests: { 'example.com/gpu': '1' } },
      expected: [`${at}.requests: Invalid value: "1": must be equal to example.com/gpu limit of 2`],
    },
    {
      name: 'huge pages alone',
      resources: { limits: { 'hugepages-2Mi': '4Mi' } },
      expected: [`${at}: Forbidden: HugePages require cpu or memory`],
    },
    {
      name: 'part of a huge page',
      resources: { limits: { 'hugepages-2Mi': '3Mi', cpu: '1' } },
      expected: ['limits', 'requests'].map(
        (side) =>
          `${at}.${side}[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi`,
      ),
    },
    {
      name: 'huge pages of no size',
      resources: { limits: { 'hugepages-x': '2Mi', cpu: '1' } },
      expected: ['limits', 'requests'].map(
        (side) =>
          `${at}.${side}[hugepages-x]: Invalid value: "2Mi": 2Mi is not positive integer multiple of hugepages-x`,
      ),
    },
  ])('$name', ({ resources, expected }) => {
    expect(problemsOf(podOf({ resources }))).toEqual(expected)
  })

  test.for([
    { claims: [{ name: 'a' }, { name: 'b', request: 'x' }], expected: [] },
    { claims: [{ name: '' }], expected: [`${at}.claims[0]: Required value`] },
    {
      claims: [{ name: 'x' }],
      expected: [
        `${at}.claims[0]: Not found: "x": must be one of the names in pod.spec.resourceClaims: a, b`,
      ],
    },
    {
      claims: [{ name: 'a', request: 'x' }, { name: 'a' }, { name: 'a', request: 'y' }],
      expected: [`${at}.claims[1]: Duplicate value: "a"`, `${at}.claims[2]: Duplicate value: "a"`],
    },
    {
      claims: [
        { name: 'a', request: 'x' },
        { name: 'a', request: 'x' },
      ],
      expected: [`${at}.claims[1]: Duplicate value: "a/x"`],
    },
  ])('claims $claims', ({ claims, expected }) => {
    const resourceClaims = ['b', 'a'].map((name) => ({ name, resourceClaimName: 'r' }))
    expect(problemsOf(podOf({ resources: { claims } }, { resourceClaims }))).toEqual(expected)
  })

  test('a claim of a pod that has none', () => {
    expect(problemsOf(podOf({ resources: { claims: [{ name: 'x' }] } }))).toEqual([
      `${at}.claims[0]: Not found: "x": must be one of the names in pod.spec.resourceClaims which is empty`,
    ])
  })
})

test.for([
  { name: 'plain', resources: { limits: { cpu: '2', memory: '1Gi' } }, expected: [] },
  {
    name: 'names',
    resources: { limits: { 'ephemeral-storage': '1', 'example.com/gpu': '1' } },
    expected: ['ephemeral-storage', 'example.com/gpu'].map(
      (name) =>
        `spec.resources.limits[${name}]: Unsupported value: "${name}": supported values: "cpu", "hugepages-", "memory"`,
    ),
  },
  {
    name: 'less than the containers',
    resources: { limits: { cpu: '500m' }, requests: { cpu: '100m' } },
    expected: [
      'spec.resources.requests[cpu]: Invalid value: "100m": must be greater than or equal to aggregate container requests of 1',
      'spec.resources.containers[0][cpu].limits: Invalid value: "1": must be less than or equal to pod limits of 500m',
    ],
  },
  {
    name: 'claims',
    resources: { claims: [{ name: 'a' }] },
    expected: [
      'spec.resources.claims: Forbidden: claims cannot be set for Resources at pod-level',
      'spec.resources.requests[cpu]: Invalid value: "0": must be greater than or equal to aggregate container requests of 1',
    ],
  },
])('resources of the pod as a whole: $name', ({ resources, expected }) => {
  expect(problemsOf(podOf({ resources: { limits: { cpu: '1' } } }, { resources }))).toEqual(
    expected,
  )
})

test('overhead is a list of resources', () => {
  expect(problemsOf(pod({ overhead: { cpu: '-1', foo: '1' } }))).toEqual([
    'spec.overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
    'spec.overhead.limits[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
    `spec.overhead.limits[foo]: Invalid value: "foo": ${standard}`,
  ])
})
