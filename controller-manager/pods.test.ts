/** Which pods go first, and how new ones are made. */
import { expect, test } from 'vitest'
import type { Pod } from '#api/kinds/core/pod.ts'
import { inDeletionOrder, inGrowingBatches, podNamePrefix } from './pods.ts'

const NOW = Date.UTC(2030, 0, 1)

interface Facts {
  readonly node?: string
  readonly phase?: string
  readonly readyAt?: string
  readonly cost?: string
  readonly restarts?: number
  readonly createdAt?: string
}

const LONG_AGO = '2029-06-01T00:00:00Z'

function pod(name: string, facts: Facts = {}): Pod {
  const { node = name, phase = 'Running', readyAt = LONG_AGO, createdAt = LONG_AGO } = facts
  const annotations = facts.cost && { 'controller.kubernetes.io/pod-deletion-cost': facts.cost }
  const status = readyAt === '' ? 'False' : 'True'
  return {
    metadata: {
      name,
      uid: name,
      creationTimestamp: createdAt,
      ...(annotations && { annotations }),
    },
    spec: { ...(node && { nodeName: node }) },
    status: {
      phase,
      conditions: [{ type: 'Ready', status, lastTransitionTime: readyAt || LONG_AGO }],
      containerStatuses: [{ restartCount: facts.restarts ?? 0 }],
    },
  } as unknown as Pod
}

test.for<{ name: string; first: Facts; second: Facts }>([
  {
    name: 'no node before any node',
    first: { node: '', readyAt: '' },
    second: { phase: 'Pending', readyAt: '' },
  },
  { name: 'Pending before Unknown', first: { phase: 'Pending' }, second: { phase: 'Unknown' } },
  { name: 'Unknown before Running', first: { phase: 'Unknown' }, second: {} },
  { name: 'not ready before ready', first: { readyAt: '' }, second: { cost: '-9' } },
  { name: 'cheap before dear', first: { cost: '-1' }, second: {} },
  {
    name: 'cost before age',
    first: { cost: '1' },
    second: { cost: '2', readyAt: '2029-12-31T00:00:00Z' },
  },
  { name: 'a cost that is none counts as 0', first: { cost: '+1', restarts: 1 }, second: {} },
  { name: 'a cost too large counts as 0', first: { cost: '4294967296', restarts: 1 }, second: {} },
  {
    name: 'ready for less long',
    first: { readyAt: '2029-12-31T00:00:00Z' },
    second: { restarts: 9 },
  },
  {
    name: 'about as long: by UID',
    first: { readyAt: '2029-06-01T00:00:00Z' },
    second: { readyAt: '2029-06-02T00:00:00Z', restarts: 9 },
  },
  { name: 'more restarts', first: { restarts: 2 }, second: { restarts: 1 } },
  { name: 'younger', first: { createdAt: '2029-12-31T00:00:00Z' }, second: {} },
])('inDeletionOrder(): $name', ({ first, second }) => {
  const pods = [pod('a', first), pod('b', second)]
  for (const given of [pods, pods.toReversed()]) {
    expect(inDeletionOrder(given, given, NOW).map(({ metadata }) => metadata.name)).toEqual([
      'a',
      'b',
    ])
  }
})

test('inDeletionOrder() thins out the node with most pods that do the same', () => {
  const pods = [pod('a', { node: 'n1' }), pod('b', { node: 'n2' })]
  const sibling = pod('c', { node: 'n2', restarts: 5 })
  const order = inDeletionOrder(pods, [...pods, sibling], NOW)
  expect(order.map(({ metadata }) => metadata.name)).toEqual(['b', 'a'])
})

test.for([
  { name: 'all go well', count: 10, failAt: undefined, tried: 10 },
  { name: 'the first fails', count: 500, failAt: 1, tried: 1 },
  { name: 'the fifth fails, with its batch of four', count: 500, failAt: 5, tried: 7 },
  { name: 'nothing to do', count: 0, failAt: undefined, tried: 0 },
])('inGrowingBatches(): $name', async ({ count, failAt, tried }) => {
  let calls = 0
  const work = inGrowingBatches(count, async () => {
    if (++calls === failAt) throw new Error('no room')
  })
  if (failAt === undefined) await work
  else await expect(work).rejects.toThrow('no room')
  expect(calls).toBe(tried)
})

test('podNamePrefix() drops the dash where names must not have it', () => {
  expect(podNamePrefix('web')).toBe('web-')
  expect(podNamePrefix('Web')).toBe('Web')
})
