/** How much a pod takes of each resource. */
import { expect, test } from 'vitest'
import { type Amounts, podLimits, podRequests } from './pod-resources.ts'
import { pod } from './pods/judged-pod.ts'

const shown = (amounts: Amounts) =>
  Object.fromEntries([...amounts].map(([name, { text }]) => [name, text]))
const container = (cpu: string, restartPolicy?: string) => ({
  name: 'x',
  image: 'i',
  resources: { requests: { cpu }, limits: { cpu } },
  ...(restartPolicy && { restartPolicy }),
})

test.for([
  { name: 'nothing', spec: {}, cpu: undefined },
  { name: 'a sum', spec: { containers: [container('1'), container('500m')] }, cpu: '1500m' },
  {
    name: 'the greatest init container',
    spec: {
      containers: [container('1')],
      initContainers: [container('3'), container('2')],
    },
    cpu: '3',
  },
  {
    name: 'sidecars beside everything after them',
    spec: {
      containers: [container('1')],
      initContainers: [container('2'), container('500m', 'Always'), container('2')],
    },
    cpu: '2500m',
  },
  {
    name: 'sidecars beside the containers',
    spec: { containers: [container('2')], initContainers: [container('1', 'Always')] },
    cpu: '3',
  },
  {
    name: 'the pod as a whole',
    spec: {
      containers: [container('1')],
      resources: { requests: { cpu: '4' }, limits: { cpu: '4' } },
    },
    cpu: '4',
  },
])('what a pod takes: $name', ({ spec, cpu }) => {
  const { spec: stored } = pod(spec)
  const expected = cpu === undefined ? {} : { cpu }
  expect(shown(podRequests(stored))).toEqual(expected)
  expect(shown(podLimits(stored))).toEqual(expected)
})

test('overhead is always asked for, and limited where there is a limit', () => {
  const spec = { containers: [container('1')], overhead: { cpu: '100m', memory: '10Mi' } }
  const { spec: stored } = pod(spec)
  expect(shown(podRequests(stored))).toEqual({ cpu: '1100m', memory: '10Mi' })
  expect(shown(podLimits(stored))).toEqual({ cpu: '1100m' })
})
