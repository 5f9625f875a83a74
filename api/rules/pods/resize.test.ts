/** Which resources a running pod may change. */
import { describe, expect, test } from 'vitest'
import { plainContainer, pod, problemsFrom } from './judged-pod.ts'
import { validateResize, withResizedContainers } from './resize.ts'

const resources = (cpu: string, memory = '1Gi', more: object = {}) => ({
  limits: { cpu, memory },
  requests: { cpu, memory },
  ...more,
})
const spec = (own: object, more: object = {}) => ({
  containers: [{ ...plainContainer, resources: own }],
  ...more,
})
const init = (own: object, restartPolicy?: string) => ({
  initContainers: [
    { name: 'i', image: 'i', resources: own, ...(restartPolicy && { restartPolicy }) },
  ],
})
const amounts = 'spec: Forbidden: only cpu and memory resources are mutable'

describe('a resize', () => {
  const before = spec(resources('1'))
  test.for([
    { name: 'up', before, after: spec(resources('2', '2Gi')), expected: [] },
    { name: 'down', before, after: spec(resources('500m', '512Mi')), expected: [] },
    {
      name: 'to another class',
      before,
      after: spec({ ...resources('1'), requests: { cpu: '500m', memory: '1Gi' } }),
      expected: ['spec: Invalid value: "": Pod QOS Class may not change as a result of resizing'],
    },
    {
      name: 'without limits',
      before: spec({ limits: { cpu: '2' }, requests: { cpu: '1', memory: '1Gi' } }),
      after: spec({ requests: { cpu: '1', memory: '1Gi' } }),
      expected: [
        'spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed',
      ],
    },
    {
      name: 'of something else',
      before: spec({ requests: { 'ephemeral-storage': '1Gi', cpu: '1' } }),
      after: spec({ requests: { 'ephemeral-storage': '2Gi', cpu: '1' } }),
      expected: [amounts],
    },
    {
      name: 'of a sidecar',
      before: { ...spec({}), ...init(resources('1'), 'Always') },
      after: { ...spec({}), ...init(resources('2'), 'Always') },
      expected: [],
    },
    {
      name: 'of an init container',
      before: { ...spec({}), ...init(resources('1')) },
      after: { ...spec({}), ...init(resources('2')) },
      expected: ['spec: Forbidden: resources for non-sidecar init containers are immutable'],
    },
    {
      name: 'of the pod as a whole',
      before: spec({}, { resources: resources('1') }),
      after: spec({}, { resources: resources('2') }),
      expected: [],
    },
    {
      name: 'that makes resources of the pod as a whole',
      before: spec({ requests: { cpu: '1' } }),
      after: spec({ requests: { cpu: '1' } }, { resources: { requests: { cpu: '2' } } }),
      expected: [amounts],
    },
    {
      name: 'of other containers',
      before,
      after: { containers: [...before.containers, { name: 'd', image: 'i' }] },
      expected: [amounts],
    },
    {
      name: 'for Windows',
      before: { ...before, os: { name: 'windows' } },
      after: { ...before, os: { name: 'windows' } },
      expected: [': Forbidden: windows pods cannot be resized'],
    },
  ])('$name', ({ before: old, after, expected }) => {
    const judge = problemsFrom((problems) => validateResize(pod(after), pod(old), problems))
    expect(judge).toEqual(expected)
  })

  test('on a node whose kubelet cannot', () => {
    const containerStatuses = [{ name: 'c', state: { running: {} } }]
    const previous = pod(before, {}, { containerStatuses })
    const next = pod(spec(resources('2')), {}, { containerStatuses })
    expect(problemsFrom((problems) => validateResize(next, previous, problems))).toEqual([
      'spec: Forbidden: Pod running on node without support for resize',
    ])
  })

  test('of a static pod', () => {
    const annotations = { 'kubernetes.io/config.mirror': 'x' }
    const previous = pod({ ...before, nodeName: 'n' }, { annotations })
    expect(problemsFrom((problems) => validateResize(previous, previous, problems))).toEqual([
      ': Forbidden: static pods cannot be resized',
    ])
  })
})

test('only resources are taken from a request', () => {
  const previous = pod({ ...spec(resources('1')), hostname: 'a' }).spec
  const next = pod({ ...spec(resources('2')), hostname: 'b' }).spec
  next.containers![0]!.image = 'other'
  const merged = withResizedContainers(next, previous)
  expect(merged).toEqual({
    ...previous,
    containers: [{ ...previous.containers![0], resources: next.containers![0]!.resources }],
  })
  const renamed = pod({ containers: [{ name: 'x', image: 'i' }] }).spec
  expect(withResizedContainers(renamed, previous)).toBe(renamed)
})
