/** HorizontalPodAutoscalers: what is refused, in both versions, in which words and order. */
import { describe, expect, test } from 'vitest'
import { judged, judgedChange, posted } from '../judged.ts'
import { HorizontalPodAutoscaler } from '../kinds/autoscaling/horizontal-pod-autoscaler.ts'
import { HorizontalPodAutoscaler as Older } from '../kinds/autoscaling/horizontal-pod-autoscaler-v1.ts'
import { targetsText } from './autoscaler-targets.ts'

const good = { scaleTargetRef: { kind: 'Deployment', name: 'd' }, maxReplicas: 3 }
const cpu = { name: 'cpu', target: { type: 'Utilization', averageUtilization: 5 } }
const populate = 'must populate information for the given metric source'
const eitherUse = 'must set either a target raw value or a target utilization'

test.for([
  [{}, []],
  [
    { scaleTargetRef: { kind: 'a/b' }, maxReplicas: 0 },
    [
      'spec.maxReplicas: Invalid value: 0: must be greater than 0',
      'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
      'spec.scaleTargetRef.kind: Invalid value: "a/b": may not contain \'/\'',
      'spec.scaleTargetRef.name: Required value',
    ],
  ],
  [
    { minReplicas: 5 },
    ['spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`'],
  ],
  [
    { minReplicas: 0 },
    [
      'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1',
      'spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas',
    ],
  ],
] as const)('both versions: %j', ([change, problems]) => {
  const spec = { ...good, ...change }
  expect(judged(HorizontalPodAutoscaler, { spec })).toEqual(problems)
  expect(judged(Older, { spec })).toEqual(problems)
})

describe('metrics', () => {
  const unsupported =
    '.type: Unsupported value: "X": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"'
  test.for([
    [{ type: 'Resource', resource: cpu }, []],
    [{ type: 'X' }, [unsupported, unsupported]],
    [{ type: 'Resource' }, [`.resource: Required value: ${populate}`]],
    [
      {
        type: 'Resource',
        resource: cpu,
        pods: { metric: { name: 'x' }, target: { type: 'AverageValue', averageValue: '1' } },
      },
      ['.pods: Forbidden: must populate the given metric source only'],
    ],
    [
      { type: 'Resource', resource: { name: '', target: { type: 'X', averageUtilization: 0 } } },
      [
        '.resource.name: Required value: must specify a resource name',
        '.resource.target.type: Invalid value: "X": must be either Utilization, Value, or AverageValue',
        '.resource.target.averageUtilization: Invalid value: 0: must be greater than 0',
      ],
    ],
    [
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization' } } },
      [`.resource.target.averageUtilization: Required value: ${eitherUse}`],
    ],
    [
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { ...cpu.target, averageValue: '-1' } },
      },
      [
        '.resource.target.averageValue: Invalid value: "-1": must be positive',
        '.resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization',
      ],
    ],
    [
      { type: 'Pods', pods: { metric: {}, target: { type: 'AverageValue' } } },
      [
        '.pods.metric.name: Required value: must specify a metric name',
        '.pods.target.averageValue: Required value: must specify a positive target averageValue',
      ],
    ],
    [
      {
        type: 'External',
        external: { metric: { name: 'q' }, target: { type: 'Value', value: 1, averageValue: 1 } },
      },
      [
        '.external.target.value: Forbidden: may not set both a target value for metric and a per-pod target',
      ],
    ],
    [
      { type: 'ContainerResource', containerResource: { ...cpu, container: '' } },
      ['.containerResource.container: Required value: must specify a container'],
    ],
    [
      { type: 'Object', object: { metric: { name: 'r' }, target: { type: 'Value' } } },
      [
        '.object.describedObject.kind: Required value',
        '.object.describedObject.name: Required value',
        '.object.target.averageValue: Required value: must set either a target value or averageValue',
      ],
    ],
  ] as const)('%j', ([metric, problems]) => {
    const found = judged(HorizontalPodAutoscaler, { spec: { ...good, metrics: [metric] } })
    expect(found.map((line) => line.replace('spec.metrics[0]', ''))).toEqual(problems)
  })
})

test('a behavior', () => {
  const behavior = {
    scaleUp: {
      stabilizationWindowSeconds: 4000,
      selectPolicy: 'X',
      policies: [{ type: 'Y', value: 0, periodSeconds: 1801 }],
      tolerance: '-1',
    },
  }
  expect(judged(HorizontalPodAutoscaler, { spec: { ...good, behavior } })).toEqual([
    'spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 4000: must be less than or equal to 3600',
    'spec.behavior.scaleUp.selectPolicy: Unsupported value: "X": supported values: "Disabled", "Max", "Min"',
    'spec.behavior.scaleUp.policies[0].type: Unsupported value: "Y": supported values: "Percent", "Pods"',
    'spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero',
    'spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800',
    'spec.behavior.scaleUp.tolerance: Invalid value: "-1": must be greater than or equal to 0',
  ])
})

test('a behavior in part is completed', () => {
  const spec = { ...good, behavior: { scaleUp: { stabilizationWindowSeconds: 7 } } }
  expect(posted(HorizontalPodAutoscaler, { spec }).spec.behavior).toEqual({
    scaleUp: {
      stabilizationWindowSeconds: 7,
      selectPolicy: 'Max',
      policies: [
        { type: 'Pods', value: 4, periodSeconds: 15 },
        { type: 'Percent', value: 100, periodSeconds: 15 },
      ],
    },
    scaleDown: {
      selectPolicy: 'Max',
      policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
    },
  })
})

test('a status counts from zero', () => {
  const after = { spec: good, status: { currentReplicas: -1, desiredReplicas: -1 } }
  expect(judgedChange(HorizontalPodAutoscaler, { spec: good }, after)).toEqual([
    'status.currentReplicas: Invalid value: -1: must be greater than or equal to 0',
    'status.desiredReplicas: Invalid value: -1: must be greater than or equal to 0',
  ])
})

test('targets that nothing was seen of', () => {
  expect(targetsText([], [])).toBe('<none>')
  const resource = { name: 'cpu', target: { type: 'Utilization' as const, averageUtilization: 80 } }
  expect(targetsText([{ type: 'Resource', resource }], [])).toBe('cpu: <unknown>/80%')
})
