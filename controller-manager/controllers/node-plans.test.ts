/** The rules about taints of nodes, and about how many nodes may lose their pods. */
import { describe, expect, test } from 'vitest'
import type { Node } from '#api/kinds/core/node.ts'
import { type Execution, wantedLabels, wantedTaints } from './node-taints.ts'
import { planZones, usualRates, ZoneLimits, zoneKeyOf } from './node-zones.ts'

const key = (name: string) => `node.kubernetes.io/${name}`
const UNREACHABLE = key('unreachable') as Execution

interface Given {
  readonly conditions?: Readonly<Record<string, string>>
  readonly taints?: readonly string[]
  readonly unschedulable?: boolean
}

const nodeWith = ({ conditions = {}, taints = [], unschedulable = false }: Given): Node =>
  ({
    metadata: { name: 'n' },
    spec: {
      unschedulable,
      taints: taints.map((each) => ({ key: each.split(':')[0], effect: each.split(':')[1] })),
    },
    status: {
      conditions: Object.entries(conditions).map(([type, status]) => ({ type, status })),
    },
  }) as unknown as Node

const notReady = `${key('not-ready')}:NoSchedule`
const unreachable = `${key('unreachable')}:NoSchedule`

test.for<{ name: string; given: Given; execution?: Execution; want?: string[] }>([
  { name: 'nothing to do', given: { conditions: { Ready: 'True' } } },
  { name: 'not ready', given: { conditions: { Ready: 'False' } }, want: [notReady] },
  { name: 'unknown', given: { conditions: { Ready: 'Unknown' } }, want: [unreachable] },
  {
    name: 'from one to the other',
    given: { conditions: { Ready: 'Unknown' }, taints: [notReady] },
    want: [unreachable],
  },
  { name: 'ready again', given: { conditions: { Ready: 'True' }, taints: [notReady] }, want: [] },
  {
    name: 'under pressure',
    given: { conditions: { DiskPressure: 'True', MemoryPressure: 'Unknown', PIDPressure: 'True' } },
    want: [`${key('disk-pressure')}:NoSchedule`, `${key('pid-pressure')}:NoSchedule`],
  },
  {
    name: 'cordoned',
    given: { unschedulable: true },
    want: [`${key('unschedulable')}:NoSchedule`],
  },
  {
    name: 'pods have to leave',
    given: { conditions: { Ready: 'Unknown' }, taints: [unreachable] },
    execution: UNREACHABLE,
    want: [unreachable, `${key('unreachable')}:NoExecute`],
  },
  {
    name: 'and may stay again',
    given: { taints: [`${key('unreachable')}:NoExecute`, `${key('not-ready')}:NoExecute`] },
    want: [],
  },
  {
    name: 'taints of others stay',
    given: { taints: ['example.com/mine:NoExecute', 'example.com/mine:NoSchedule', notReady] },
    want: ['example.com/mine:NoExecute', 'example.com/mine:NoSchedule'],
  },
  {
    name: 'a preference is none of ours',
    given: { taints: [`${key('not-ready')}:PreferNoSchedule`] },
  },
])('wantedTaints(): $name', ({ given, execution, want }) => {
  const taints = wantedTaints(nodeWith(given), execution, '2030-01-01T00:00:00Z')
  expect(taints?.map((each) => `${each.key}:${each.effect}`)).toEqual(want)
})

test.for([
  { name: 'none', labels: {}, want: undefined },
  {
    name: 'the older names follow',
    labels: { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'arm64' },
    want: { 'beta.kubernetes.io/os': 'linux', 'beta.kubernetes.io/arch': 'arm64' },
  },
  {
    name: 'as they should be',
    labels: { 'kubernetes.io/os': 'linux', 'beta.kubernetes.io/os': 'linux' },
    want: undefined,
  },
])('wantedLabels(): $name', ({ labels, want }) => {
  expect(wantedLabels({ metadata: { name: 'n', labels } } as unknown as Node)).toEqual(want)
})

const inZone = (zone: string, ready: number, notReadyCount: number, labels: object = {}): Node[] =>
  Array.from({ length: ready + notReadyCount }, (_, index) => {
    const node = nodeWith({ conditions: { Ready: index < ready ? 'True' : 'False' } })
    const own = { 'topology.kubernetes.io/zone': zone, ...labels }
    return { ...node, metadata: { ...node.metadata, labels: own } } as Node
  })

describe('planZones()', () => {
  test.for([
    { name: 'all is well', nodes: inZone('a', 3, 0), state: 'normal', rate: 0.1 },
    { name: 'two of three', nodes: inZone('a', 1, 2), state: 'normal', rate: 0.1 },
    {
      name: 'most of a small zone',
      nodes: inZone('a', 2, 3),
      state: 'partial disruption',
      rate: 0,
    },
    {
      name: 'most of a large zone',
      nodes: inZone('a', 23, 28),
      state: 'normal',
      rate: 0.1,
    },
    {
      name: 'more than most of a large zone',
      nodes: inZone('a', 20, 31),
      state: 'partial disruption',
      rate: 0.01,
    },
    {
      name: 'a whole zone, and not the only one',
      nodes: [...inZone('a', 0, 4), ...inZone('b', 1, 0)],
      state: 'full disruption',
      rate: 0.1,
    },
    {
      name: 'everything',
      nodes: [...inZone('a', 0, 4), ...inZone('b', 0, 1)],
      state: 'full disruption',
      rate: 0.1,
      all: true,
    },
    {
      name: 'excluded nodes do not count',
      nodes: [
        ...inZone('a', 0, 1),
        ...inZone('b', 3, 0, { 'node.kubernetes.io/exclude-disruption': '' }),
      ],
      state: 'full disruption',
      rate: 0.1,
      all: true,
    },
  ])('$name', ({ nodes, state, rate, all = false }) => {
    const zones = planZones(nodes, usualRates)
    expect(zones.byKey.get('/a')).toEqual({ state, rate })
    expect(zones.areAllDisrupted).toBe(all)
  })

  test('no nodes are no disruption', () => {
    expect(planZones([], usualRates).areAllDisrupted).toBe(false)
  })

  test('older labels count where newer ones are missing', () => {
    const labels = {
      'failure-domain.beta.kubernetes.io/zone': 'old',
      'topology.kubernetes.io/region': 'new',
    }
    expect(zoneKeyOf({ metadata: { name: 'n', labels } } as unknown as Node)).toBe('new/old')
  })
})

test('ZoneLimits: one node in ten seconds in each zone, and at once when the rate says so', () => {
  const limits = new ZoneLimits()
  expect(limits.take('a', 0.1, 0)).toBe(0)
  expect(limits.take('a', 0.1, 1000)).toBe(9000)
  expect(limits.take('b', 0.1, 1000)).toBe(0)
  expect(limits.take('a', 0, 1000)).toBeUndefined()
  expect(limits.take('a', 0.1, 10_000)).toBe(0)
  expect(limits.take('a', 0.01, 20_000)).toBe(0)
  expect(limits.take('a', 0.01, 30_000)).toBe(90_000)
  // From then on it is the usual rate again.
  expect(limits.take('a', 0.1, 31_000)).toBe(10_000)
})
