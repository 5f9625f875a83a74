/** Autoscalers of v1 and v2: nothing is lost on the way there and back. */
import { describe, expect, test } from 'vitest'
import { decode } from '../decode.ts'
import { applyDefaults } from '../defaults.ts'
import { HorizontalPodAutoscaler as Newer } from '../kinds/autoscaling/horizontal-pod-autoscaler.ts'
import { HorizontalPodAutoscaler as Older } from '../kinds/autoscaling/horizontal-pod-autoscaler-v1.ts'
import { newerAutoscaler, olderAutoscaler } from './autoscaler-versions.ts'

const scaleTargetRef = { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' }
const metadata = { name: 'h', namespace: 'x', annotations: { mine: 'kept' } }
const cpu = {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } },
}
const metrics = [
  cpu,
  {
    type: 'Resource',
    resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '100Mi' } },
  },
  {
    type: 'Pods',
    pods: {
      metric: { name: 'qps', selector: { matchLabels: { a: 'b' } } },
      target: { type: 'AverageValue', averageValue: '1k' },
    },
  },
  {
    type: 'Object',
    object: {
      describedObject: { kind: 'Service', name: 's', apiVersion: 'v1' },
      target: { type: 'Value', value: '2k' },
      metric: { name: 'r' },
    },
  },
  { type: 'External', external: { metric: { name: 'q' }, target: { type: 'Value', value: '30' } } },
  {
    type: 'ContainerResource',
    containerResource: {
      name: 'cpu',
      target: { type: 'Utilization', averageUtilization: 70 },
      container: 'a',
    },
  },
]
const status = {
  currentReplicas: 2,
  desiredReplicas: 3,
  currentMetrics: [
    {
      type: 'Resource',
      resource: { name: 'cpu', current: { averageValue: '90m', averageUtilization: 45 } },
    },
    { type: 'Pods', pods: { metric: { name: 'qps' }, current: { averageValue: '7' } } },
    { type: 'External', external: { metric: { name: 'q' }, current: { value: '12' } } },
  ],
  conditions: [
    {
      type: 'AbleToScale',
      status: 'True',
      lastTransitionTime: '2026-01-01T00:00:00Z',
      reason: 'R',
    },
  ],
}

function newer(spec: object, more: object = {}) {
  const object = decode(Newer.schema, {
    kind: 'HorizontalPodAutoscaler',
    apiVersion: 'autoscaling/v2',
    metadata,
    spec: { scaleTargetRef, maxReplicas: 5, ...spec },
    ...more,
  })
  return applyDefaults(Newer.schema, object)
}

describe('v2 to v1', () => {
  test('a target for the cpu has a field, everything else an annotation', () => {
    const behavior = { scaleDown: { stabilizationWindowSeconds: 7, tolerance: '0.05' } }
    const older = olderAutoscaler(newer({ metrics, behavior }, { status }))
    expect(older.spec).toEqual({
      scaleTargetRef,
      minReplicas: 1,
      maxReplicas: 5,
      targetCPUUtilizationPercentage: 60,
    })
    expect(older.status).toEqual({
      currentReplicas: 2,
      desiredReplicas: 3,
      currentCPUUtilizationPercentage: 45,
    })
    const { annotations } = older.metadata
    expect(Object.keys(annotations ?? {})).toEqual([
      'mine',
      'autoscaling.alpha.kubernetes.io/metrics',
      'autoscaling.alpha.kubernetes.io/current-metrics',
      'autoscaling.alpha.kubernetes.io/conditions',
      'autoscaling.alpha.kubernetes.io/behavior',
    ])
    expect(JSON.parse(annotations!['autoscaling.alpha.kubernetes.io/metrics']!)[0]).toEqual({
      type: 'Resource',
      resource: { name: 'memory', targetAverageValue: '100Mi' },
    })
    expect(JSON.parse(annotations!['autoscaling.alpha.kubernetes.io/behavior']!).ScaleDown).toEqual(
      {
        StabilizationWindowSeconds: 7,
        SelectPolicy: 'Max',
        Policies: [{ Type: 'Percent', Value: 100, PeriodSeconds: 15 }],
        Tolerance: '50m',
      },
    )
  })

  test('and back again, nothing is lost', () => {
    const object = newer({ metrics, behavior: { scaleUp: {} } }, { status })
    expect(newerAutoscaler(olderAutoscaler(object))).toEqual(object)
  })

  test('an object of v2 that v1 can hold has no annotations of ours', () => {
    const older = olderAutoscaler(newer({ metrics: [cpu] }))
    expect(older.metadata.annotations).toEqual({ mine: 'kept' })
  })
})

describe('v1 to v2', () => {
  const older = (spec: object, annotations?: Record<string, string>) => {
    const object = decode(Older.schema, {
      metadata: { name: 'h', ...(annotations && { annotations }) },
      spec: { scaleTargetRef, maxReplicas: 5, ...spec },
    })
    return applyDefaults(Older.schema, object)
  }

  test('the cpu is the metric when there is no other', () => {
    const object = older({})
    expect(object.spec.targetCPUUtilizationPercentage).toBe(80)
    expect(newerAutoscaler(object).spec.metrics).toEqual([
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
      },
    ])
  })

  test('an annotation with metrics stands for the cpu', () => {
    const text = JSON.stringify([
      { type: 'Pods', pods: { metricName: 'qps', targetAverageValue: '7' } },
    ])
    const object = older({}, { 'autoscaling.alpha.kubernetes.io/metrics': text })
    expect(object.spec.targetCPUUtilizationPercentage).toBeUndefined()
    expect(newerAutoscaler(object).spec.metrics).toEqual([
      {
        type: 'Pods',
        pods: { metric: { name: 'qps' }, target: { type: 'AverageValue', averageValue: '7' } },
      },
    ])
  })

  test.for(['', '{', '5', 'null', '[null]', '[{"type":"Pods","pods":{"metricName":7}}]'])(
    'an annotation that says %j is passed by',
    (text) => {
      const object = older({}, { 'autoscaling.alpha.kubernetes.io/metrics': text })
      expect(newerAutoscaler(object).spec.metrics).toHaveLength(1)
    },
  )
})
