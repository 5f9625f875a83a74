/** What a node lacks, and how much it would have left. */
import { expect, test } from 'vitest'
import type { Pod } from '#api/kinds/core/pod.ts'
import {
  aNode,
  aPod,
  type PodSpecInput,
  scoresOf,
  verdictsOf,
  viewOf,
} from '#bench/scheduling-view.ts'
import { podInfo } from '../pod-info.ts'
import { nodeResourcesFit } from './node-resources-fit.ts'

const node = aNode('n', { allocatable: { 'example.com/gpu': '2', 'ephemeral-storage': '10Gi' } })
const used = aPod({ name: 'used', node: 'n', requests: { cpu: '3', memory: '6Gi' } })
const container = (cpu: string, restartPolicy?: 'Always') => ({
  name: `c${cpu}`,
  image: 'image',
  resources: { requests: { cpu } },
  ...(restartPolicy && { restartPolicy }),
})
const withSpec = (spec: PodSpecInput): Pod => aPod({ spec })

test.for<[string, Pod, string]>([
  ['nothing asked for', aPod(), 'ok'],
  ['exactly what is left', aPod({ requests: { cpu: '1', memory: '2Gi' } }), 'ok'],
  ['too much of one', aPod({ requests: { cpu: '1001m' } }), 'Insufficient cpu'],
  [
    'too much of several',
    aPod({ requests: { memory: '3Gi', cpu: '2', 'ephemeral-storage': '11Gi' } }),
    'Insufficient cpu, Insufficient memory, Insufficient ephemeral-storage',
  ],
  ['an extended resource', aPod({ requests: { 'example.com/gpu': '2' } }), 'ok'],
  [
    'too much of it',
    aPod({ requests: { 'example.com/gpu': '3' } }),
    'Insufficient example.com/gpu',
  ],
  [
    'one that the node does not have',
    aPod({ requests: { 'example.com/tpu': '1' } }),
    'Insufficient example.com/tpu',
  ],
  ['zero of it', aPod({ requests: { 'example.com/tpu': '0' } }), 'ok'],
  [
    'the greatest init container',
    withSpec({ containers: [container('500m')], initContainers: [container('2')] }),
    'Insufficient cpu',
  ],
  [
    'a sidecar beside the containers',
    withSpec({ containers: [container('600m')], initContainers: [container('600m', 'Always')] }),
    'Insufficient cpu',
  ],
  [
    'overhead',
    withSpec({ containers: [container('900m')], overhead: { cpu: '200m' } }),
    'Insufficient cpu',
  ],
  [
    'the pod as a whole',
    withSpec({ containers: [container('500m')], resources: { requests: { cpu: '2' } } }),
    'Insufficient cpu',
  ],
])('filter: %s', ([, pod, expected]) => {
  expect(verdictsOf(nodeResourcesFit, pod, { nodes: [node], pods: [used] })).toEqual({
    n: expected,
  })
})

test('only what the empty node lacks is beyond help', () => {
  const view = viewOf({ nodes: [node], pods: [used] })
  const verdict = (cpu: string) => {
    const prepared = nodeResourcesFit.filter?.(podInfo(aPod({ requests: { cpu } })), view)
    if (!prepared || 'reasons' in prepared) throw new Error('wanted a filter')
    return prepared.test(view.snapshot.node('n')!)?.isUnresolvable
  }
  expect(verdict('4')).toBe(false)
  expect(verdict('5')).toBe(true)
})

test('the number of pods has a limit, too', () => {
  const full = aNode('n', { allocatable: { pods: '1' } })
  const wish = { nodes: [full], pods: [aPod({ name: 'other', node: 'n' })] }
  expect(verdictsOf(nodeResourcesFit, aPod(), wish)).toEqual({ n: 'Too many pods' })
})

test('score: the share that is left; who asks for nothing counts a little', () => {
  const nodes = [aNode('n'), aNode('m', { allocatable: { memory: '200Mi', cpu: '1' } })]
  const asking = aPod({ requests: { cpu: '1', memory: '2Gi' } })
  expect(scoresOf(nodeResourcesFit, asking, { nodes })).toEqual({ n: 75, m: 0 })
  // (90 + 0) / 2 on the small node: 100m of 1 and all of 200Mi are taken.
  expect(scoresOf(nodeResourcesFit, aPod(), { nodes })).toEqual({ n: 97, m: 45 })
})

const leaving = (on: string) => ({ type: 'pod removed', pod: podInfo(used), node: on }) as const

test.for<[string, Parameters<NonNullable<typeof nodeResourcesFit.helps>>[0], boolean]>([
  ['a pod leaves', leaving('free'), true],
  ['one leaves, and there is still too little', leaving('full'), false],
  ['one leaves, and less important ones could', leaving('low'), true],
  ['one leaves, and the room is promised', leaving('promised'), false],
  ['a pod comes', { type: 'pod', pod: podInfo(used) }, false],
  ['a node that is large enough', { type: 'node', node }, true],
  ['one that is not', { type: 'node', node: aNode('s', { allocatable: { cpu: '1' } }) }, false],
  ['a heartbeat', { type: 'node', node, previous: node }, false],
  [
    'more than before',
    { type: 'node', node, previous: aNode('n', { allocatable: { cpu: '1' } }) },
    true,
  ],
  [
    'the pod wants less',
    { type: 'self', previous: podInfo(aPod({ requests: { cpu: '8' } })) },
    true,
  ],
])('events: %s: %s', ([, event, expected]) => {
  const waiting = podInfo(aPod({ requests: { cpu: '2' } }))
  const heavy = (name: string, on: string, priority: number) =>
    aPod({ name, node: on, requests: { cpu: '3' }, spec: { priority } })
  const nodes = ['free', 'full', 'low', 'promised'].map((name) => aNode(name))
  const pods = [heavy('equal', 'full', 0), heavy('lower', 'low', -1)]
  const view = viewOf({ nodes, pods })
  view.nominations.set(podInfo(heavy('next', '', 0)), 'promised')
  expect(nodeResourcesFit.helps?.(event, waiting, view)).toBe(expected)
})
