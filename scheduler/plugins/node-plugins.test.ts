/** Rules that look at one node and nothing else. */
import { describe, expect, test } from 'vitest'
import type { Toleration } from '#api/parts/core/pod-scheduling.ts'
import { aNode, aPod, type PodSpecInput, scoresOf, verdictsOf } from '#bench/scheduling-view.ts'
import { podInfo } from '../pod-info.ts'
import { imageLocality } from './image-locality.ts'
import { nodeAffinity } from './node-affinity.ts'
import { nodeName } from './node-name.ts'
import { nodePorts } from './node-ports.ts'
import { nodeResourcesBalancedAllocation } from './node-resources-balanced-allocation.ts'
import { nodeUnschedulable } from './node-unschedulable.ts'
import { prioritySort } from './priority-sort.ts'
import { schedulingGates } from './scheduling-gates.ts'
import { taintToleration } from './taint-toleration.ts'

test('NodeName: only the node that is named', () => {
  const nodes = [aNode('a'), aNode('b')]
  expect(verdictsOf(nodeName, aPod({ node: 'b' }), { nodes })).toEqual({
    a: "node(s) didn't match the requested node name",
    b: 'ok',
  })
})

test.for<[string, Toleration[], string]>([
  ['none', [], 'node(s) were unschedulable'],
  ['of the taint', [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists' }], 'ok'],
  ['of all', [{ operator: 'Exists' }], 'ok'],
  ['of another', [{ key: 'other', operator: 'Exists' }], 'node(s) were unschedulable'],
])('NodeUnschedulable: toleration %s', ([, tolerations, expected]) => {
  const nodes = [aNode('n', { spec: { unschedulable: true } })]
  expect(verdictsOf(nodeUnschedulable, aPod({ spec: { tolerations } }), { nodes })).toEqual({
    n: expected,
  })
})

test('TaintToleration: hard taints keep off, soft ones cost points', () => {
  const tainted = (name: string, ...effects: ('NoSchedule' | 'NoExecute' | 'PreferNoSchedule')[]) =>
    aNode(name, { spec: { taints: effects.map((effect, at) => ({ key: `t${at}`, effect })) } })
  const nodes = [
    tainted('none'),
    tainted('hard', 'NoSchedule'),
    tainted('leave', 'NoExecute'),
    tainted('soft', 'PreferNoSchedule'),
    tainted('softer', 'PreferNoSchedule', 'PreferNoSchedule'),
  ]
  const refused = 'node(s) had untolerated taint(s)'
  expect(verdictsOf(taintToleration, aPod(), { nodes })).toEqual({
    none: 'ok',
    hard: refused,
    leave: refused,
    soft: 'ok',
    softer: 'ok',
  })
  expect(scoresOf(taintToleration, aPod(), { nodes })).toMatchObject({
    none: 100,
    soft: 50,
    softer: 0,
  })
})

describe('NodeAffinity', () => {
  const nodes = [aNode('a', { labels: { disk: 'ssd' } }), aNode('b')]
  const elsewhere = "node(s) didn't match Pod's node affinity/selector"
  const named = (...values: string[]) => ({
    matchFields: values.map((value) => ({
      key: 'metadata.name',
      operator: 'In' as const,
      values: [value],
    })),
  })
  const requiring = (term: object): PodSpecInput => ({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] },
      },
    },
  })

  test.for<[string, PodSpecInput, string, string]>([
    ['nothing', {}, 'ok', 'ok'],
    ['a node selector', { nodeSelector: { disk: 'ssd' } }, 'ok', elsewhere],
    ['a field', requiring(named('b')), elsewhere, 'ok'],
    ['two names at once', requiring(named('a', 'b')), ...conflicts()],
  ])('requires %s', ([, spec, a, b]) => {
    expect(verdictsOf(nodeAffinity, aPod({ spec }), { nodes })).toEqual({ a, b })
  })

  function conflicts(): [string, string] {
    return ['pod affinity terms conflict', 'pod affinity terms conflict']
  }

  test('prefers by weight', () => {
    const prefer = (weight: number, key: string) => ({
      weight,
      preference: { matchExpressions: [{ key, operator: 'Exists' as const }] },
    })
    const spec: PodSpecInput = {
      affinity: {
        nodeAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            prefer(30, 'disk'),
            prefer(10, 'kubernetes.io/hostname'),
          ],
        },
      },
    }
    expect(scoresOf(nodeAffinity, aPod({ spec }), { nodes })).toEqual({ a: 100, b: 25 })
    expect(scoresOf(nodeAffinity, aPod(), { nodes })).toBeUndefined()
  })
})

test.for<[string, object, string]>([
  ['the same port', { hostPort: 80, protocol: 'TCP' }, 'taken'],
  ['another protocol', { hostPort: 80, protocol: 'UDP' }, 'ok'],
  ['another port', { hostPort: 81, protocol: 'TCP' }, 'ok'],
  ['the same address', { hostPort: 90, protocol: 'TCP', hostIP: '10.0.0.1' }, 'taken'],
  ['another address', { hostPort: 90, protocol: 'TCP', hostIP: '10.0.0.2' }, 'ok'],
  ['all addresses', { hostPort: 90, protocol: 'TCP' }, 'taken'],
  ['one address of all', { hostPort: 80, protocol: 'TCP', hostIP: '10.0.0.2' }, 'taken'],
])('NodePorts: %s', ([, port, expected]) => {
  const withPorts = (...ports: object[]): PodSpecInput => ({
    containers: [
      {
        name: 'main',
        image: 'image',
        resources: {},
        ports: ports.map((each) => ({ containerPort: 1, ...each })),
      },
    ],
  })
  const held = withPorts(
    { hostPort: 80, protocol: 'TCP' },
    { hostPort: 90, protocol: 'TCP', hostIP: '10.0.0.1' },
  )
  const wish = { nodes: [aNode('n')], pods: [aPod({ name: 'held', node: 'n', spec: held })] }
  const reason = "node(s) didn't have free ports for the requested pod ports"
  expect(verdictsOf(nodePorts, aPod({ spec: withPorts(port) }), wish)).toEqual({
    n: expected === 'taken' ? reason : 'ok',
  })
})

test('NodeResourcesBalancedAllocation: even use is better; no requests, no opinion', () => {
  const wish = {
    nodes: [aNode('even'), aNode('lean')],
    pods: [aPod({ name: 'x', node: 'lean', requests: { cpu: '2' } })],
  }
  const pod = aPod({ requests: { cpu: '1', memory: '2Gi' } })
  expect(scoresOf(nodeResourcesBalancedAllocation, pod, wish)).toEqual({ even: 100, lean: 75 })
  expect(scoresOf(nodeResourcesBalancedAllocation, aPod(), wish)).toBeUndefined()
})

test('ImageLocality: large images count, less where few nodes have them', () => {
  const gigabyte = 1024 ** 3
  const nodes = [
    aNode('large', { images: { 'image:latest': gigabyte } }),
    aNode('small', { images: { 'image:latest': 1024 } }),
    aNode('none'),
    aNode('other', { images: { 'else:latest': gigabyte } }),
  ]
  // Half of the nodes have it, so that half of its size counts: (512 - 23) of (1000 - 23) MiB.
  expect(scoresOf(imageLocality, aPod(), { nodes })).toEqual({
    large: 50,
    small: 0,
    none: 0,
    other: 0,
  })
})

test('SchedulingGates and PrioritySort', () => {
  const gated = podInfo(aPod({ spec: { schedulingGates: [{ name: 'a' }, { name: 'b' }] } }))
  expect(schedulingGates.gate?.(gated)).toBe('waiting for scheduling gates: [a b]')
  expect(schedulingGates.gate?.(podInfo(aPod()))).toBeUndefined()
  const [low, high] = [podInfo(aPod()), podInfo(aPod({ spec: { priority: 10 } }))]
  expect(prioritySort.order!(high, low)).toBeLessThan(0)
})
