/** Tries the arithmetic of autoscaling: what pods count, and how fast numbers may change. */
import { describe, expect, test } from 'vitest'
import type { Pod } from '#api/kinds/core/pod.ts'
import type { HorizontalPodAutoscalerBehavior } from '#api/parts/autoscaling/scaling-behavior.ts'
import { epochToTime } from '#api/time.ts'
import { usualAutoscaling } from './autoscaler-settings.ts'
import {
  bounded,
  noHistory,
  stabilized,
  withRecommendation,
  withScaling,
} from './horizontal-pod-autoscaler-behavior.ts'
import { MetricError } from './horizontal-pod-autoscaler-proposals.ts'
import {
  byAverage,
  byShare,
  byUtilization,
  byValue,
  type Samples,
} from './horizontal-pod-autoscaler-replicas.ts'
import { combined } from './horizontal-pod-autoscaler-wanted.ts'

const NOW_MS = 1_000_000_000
const ago = (seconds: number): string => epochToTime(NOW_MS / 1000 - seconds)

interface PodWish {
  readonly phase?: string
  readonly ready?: 'True' | 'False'
  readonly startedAgo?: number
  readonly changedAgo?: number
  readonly cpu?: string | null
  readonly isGoing?: boolean
}

function pod(name: string, wish: PodWish = {}): Pod {
  const { phase = 'Running', ready = 'True', startedAgo = 9999, changedAgo = 9000 } = wish
  const { cpu = '100m', isGoing } = wish
  const requests = cpu === null ? {} : { cpu }
  return {
    metadata: { name, ...(isGoing && { deletionTimestamp: ago(1) }) },
    spec: { containers: [{ name: 'main', resources: { requests } }] },
    status: {
      phase,
      startTime: ago(startedAgo),
      conditions: [{ type: 'Ready', status: ready, lastTransitionTime: ago(changedAgo) }],
    },
  } as unknown as Pod
}

const pods = (count: number, wish: PodWish = {}): Pod[] =>
  Array.from({ length: count }, (_, at) => pod(`p${at}`, wish))
const samples = (...values: number[]): Samples =>
  new Map(values.map((value, at) => [`p${at}`, { value, timestampMs: NOW_MS, windowMs: 30_000 }]))
const settings = { ...usualAutoscaling, tolerances: { down: 0.1, up: 0.1 }, nowMs: NOW_MS }
const cpu = { resource: 'cpu', container: '', percent: 50 }

describe('by utilization of 50 %, with 100m requested', () => {
  const starting = { startedAgo: 60, changedAgo: 30 }
  test.for<[string, Pod[], Samples, number]>([
    ['twice as much means twice as many', pods(3), samples(100, 100, 100), 6],
    ['half as much means half as many', pods(4), samples(25, 25, 25, 25), 2],
    ['nearly right is right', pods(3), samples(54, 54, 54), 3],
    ['pods without metrics count as idle on the way up', pods(4), samples(100, 100), 4],
    ['and as busy on the way down', pods(4), samples(10, 10, 10), 3],
    ['no further down than they allow', pods(3), samples(10, 10), 3],
    [
      'pending pods count as idle',
      [...pods(2), pod('p2', { phase: 'Pending' })],
      samples(150, 150),
      6,
    ],
    [
      'failed ones not at all',
      [...pods(2), pod('p2', { phase: 'Failed' })],
      samples(100, 100, 1),
      4,
    ],
    [
      'nor those on their way out',
      [...pods(2), pod('p2', { isGoing: true })],
      samples(100, 100),
      4,
    ],
    [
      'nor starting ones on the way down',
      [...pods(2), pod('p2', { ...starting, ready: 'False' })],
      samples(10, 10, 900),
      1,
    ],
    [
      'one that became ready before its metric was measured counts',
      [...pods(2), pod('p2', { startedAgo: 60, changedAgo: 40 })],
      samples(100, 100, 100),
      6,
    ],
    [
      'one that became ready while it was measured counts as idle',
      [...pods(2), pod('p2', { startedAgo: 60, changedAgo: 10 })],
      samples(150, 150, 999),
      6,
    ],
  ])('%s', ([, some, found, want]) => {
    expect(byUtilization(some, found, some.length, cpu, settings).replicas).toBe(want)
  })

  test('what was seen is told as a share and as an average', () => {
    const found = byUtilization(pods(2), samples(100, 50), 2, cpu, settings)
    expect(found).toMatchObject({ utilization: 75, usage: 75 })
  })

  test.for<[string, Pod[], Samples, string]>([
    ['no pods', [], samples(1), 'no pods returned by selector while calculating replica count'],
    [
      'no request',
      [pod('p0', { cpu: null })],
      samples(1),
      'missing request for cpu in container main of Pod p0',
    ],
    [
      'no sample',
      pods(1),
      samples(),
      'did not receive metrics for targeted pods (pods might be unready)',
    ],
  ])('%s is a failure', ([, some, found, why]) => {
    expect(() => byUtilization(some, found, 1, cpu, settings)).toThrow(why)
  })
})

test('other targets: an average, a value, a share of a value', () => {
  const target = { resource: '', value: 1000 }
  expect(byAverage(pods(2), samples(3000, 1000), 2, target, settings)).toEqual({
    replicas: 4,
    usage: 2000,
  })
  expect(byAverage(pods(3), samples(500, 500), 3, target, settings).replicas).toBe(2)
  expect(byValue(pods(3), 20_000, 3, 10_000, settings)).toEqual({ replicas: 6, usage: 20_000 })
  expect(byValue([], 20_000, 0, 10_000, settings).replicas).toBe(2)
  expect(byShare(90_000, 3, 10_000, settings)).toEqual({ replicas: 9, usage: 30_000 })
  expect(byShare(32_000, 3, 10_000, settings).replicas).toBe(3)
})

test('tolerances may differ by direction', () => {
  const mine = { ...settings, tolerances: { down: 0, up: 0.5 } }
  const replicas = (value: number) =>
    byAverage(pods(10), samples(...Array(10).fill(value)), 10, { resource: '', value: 100 }, mine)
      .replicas
  expect([replicas(140), replicas(160), replicas(95)]).toEqual([10, 16, 10])
  expect(replicas(89)).toBe(9)
})

const both = (rules: object): HorizontalPodAutoscalerBehavior =>
  ({ scaleUp: rules, scaleDown: rules }) as never
const pod4 = { type: 'Pods', value: 4, periodSeconds: 60 }
const half = { type: 'Percent', value: 50, periodSeconds: 60 }
const moment = { nowMs: NOW_MS, downWindowMs: 300_000 }
const wish = (current: number, desired: number) => ({ current, desired, min: 2, max: 50 })

describe('bounds', () => {
  test.for<[string, [number, number], HorizontalPodAutoscalerBehavior | undefined, number, string]>(
    [
      ['within', [10, 12], undefined, 12, 'DesiredWithinRange'],
      ['too many', [40, 60], undefined, 50, 'TooManyReplicas'],
      ['too few', [10, 1], undefined, 2, 'TooFewReplicas'],
      ['doubled at most', [10, 30], undefined, 20, 'ScaleUpLimit'],
      ['but four at least', [1, 30], undefined, 4, 'ScaleUpLimit'],
      ['most of the policies', [10, 30], both({ policies: [pod4, half] }), 15, 'ScaleUpLimit'],
      [
        'least of them',
        [10, 30],
        both({ policies: [pod4, half], selectPolicy: 'Min' }),
        14,
        'ScaleUpLimit',
      ],
      ['none', [10, 30], both({ policies: [pod4], selectPolicy: 'Disabled' }), 10, 'ScaleUpLimit'],
      ['too many, soon', [48, 60], both({ policies: [pod4] }), 50, 'TooManyReplicas'],
      ['down by the most', [10, 3], both({ policies: [pod4, half] }), 5, 'ScaleDownLimit'],
      [
        'down by the least',
        [10, 3],
        both({ policies: [pod4, half], selectPolicy: 'Min' }),
        6,
        'ScaleDownLimit',
      ],
      [
        'not down',
        [10, 3],
        both({ policies: [pod4], selectPolicy: 'Disabled' }),
        10,
        'ScaleDownLimit',
      ],
      ['too few, soon', [5, 1], both({ policies: [pod4] }), 2, 'TooFewReplicas'],
      ['as it is', [10, 10], both({ policies: [pod4] }), 10, 'DesiredWithinRange'],
    ],
  )('%s', ([, [current, desired], behavior, replicas, reason]) => {
    const step = bounded(wish(current, desired), behavior, noHistory, NOW_MS)
    expect(step).toMatchObject({ replicas, reason })
  })

  test('what was done within the period counts', () => {
    const history = withScaling(noHistory, 7, 10, NOW_MS - 30_000)
    const rules = both({ policies: [pod4] })
    expect(bounded(wish(10, 30), rules, history, NOW_MS).replicas).toBe(11)
    expect(bounded(wish(10, 30), rules, history, NOW_MS + 31_000).replicas).toBe(14)
    const back = withScaling(history, 10, 9, NOW_MS - 10_000)
    expect(bounded(wish(9, 30), rules, back, NOW_MS).replicas).toBe(11)
  })
})

test('the highest of five minutes is kept on the way down, and windows can be chosen', () => {
  let history = withRecommendation(noHistory, 10, NOW_MS - 310_000)
  history = withRecommendation(history, 6, NOW_MS - 100_000)
  history = withRecommendation(history, 3, NOW_MS - 5000)
  expect(stabilized(wish(10, 2), undefined, history, moment)).toMatchObject({
    replicas: 6,
    reason: 'ScaleDownStabilized',
  })
  const quick = both({ stabilizationWindowSeconds: 0 })
  expect(stabilized(wish(10, 2), quick, history, moment)).toMatchObject({
    replicas: 2,
    reason: 'ReadyForNewScale',
  })
  const slow = both({ stabilizationWindowSeconds: 60 })
  expect(stabilized(wish(2, 9), slow, history, moment)).toMatchObject({
    replicas: 3,
    reason: 'ScaleUpStabilized',
  })
})

test('the metric that asks for most wins, and a broken one only keeps pods from going', () => {
  const result = (replicas: number, name: string) => ({ replicas, name, status: {} as never })
  const broken = new MetricError('FailedGetPodsMetric', 'it broke')
  expect(combined([result(3, 'a'), result(5, 'b')], 4)).toMatchObject({
    replicas: 5,
    metric: 'b',
    condition: { status: 'True', reason: 'ValidMetricFound' },
  })
  expect(combined([broken, result(5, 'b')], 4)).toMatchObject({ replicas: 5, metric: 'b' })
  const { replicas, condition, warnings } = combined([result(3, 'a'), broken], 4)
  expect(replicas).toBeUndefined()
  expect(condition).toEqual({
    status: 'False',
    reason: 'FailedGetPodsMetric',
    message: 'the HPA was unable to compute the replica count: it broke',
  })
  expect(warnings).toEqual([
    { reason: 'FailedGetPodsMetric', message: 'it broke' },
    {
      reason: 'FailedComputeMetricsReplicas',
      message: 'invalid metrics (1 invalid out of 2), first error is: it broke',
    },
  ])
})
