/** What containers are given that say nothing, and how the pod tells of it. */
import { expect, test } from 'vitest'
import type { Pod } from '#api/kinds/core/pod.ts'
import type { LimitItem } from './limit-breaches.ts'
import { applyLimitDefaults } from './limit-defaults.ts'

const items = [
  { type: 'Pod', max: { cpu: '9' } },
  {
    type: 'Container',
    default: { memory: '256Mi', cpu: '1' },
    defaultRequest: { memory: '128Mi', cpu: '100m' },
  },
] as LimitItem[]

const pod = (containers: object[], initContainers?: object[]): Pod =>
  ({ metadata: { name: 'p' }, spec: { containers, initContainers } }) as unknown as Pod

test('what is missing is filled in and noted, what is there stays', () => {
  const given = pod(
    [
      { name: 'a', resources: {} },
      { name: 'b', resources: { limits: { cpu: '2' } } },
    ],
    [{ name: 'i', resources: { requests: { cpu: '5m', memory: '5' } } }],
  )
  applyLimitDefaults(given, items)
  const [a, b] = given.spec.containers!
  expect(a!.resources).toEqual({
    requests: { cpu: '100m', memory: '128Mi' },
    limits: { cpu: '1', memory: '256Mi' },
  })
  expect(b!.resources.limits).toEqual({ cpu: '2', memory: '256Mi' })
  expect(given.metadata.annotations).toEqual({
    'kubernetes.io/limit-ranger':
      'LimitRanger plugin set: cpu, memory request for container a; ' +
      'cpu, memory limit for container a; cpu, memory request for container b; ' +
      'memory limit for container b; cpu, memory limit for init container i',
  })
})

test('a pod that lacks nothing is not touched', () => {
  const amounts = { cpu: '1', memory: '1' }
  const given = pod([{ name: 'a', resources: { requests: amounts, limits: amounts } }])
  const before = structuredClone(given)
  applyLimitDefaults(given, items)
  expect(given).toEqual(before)
})
