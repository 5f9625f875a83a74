/** HorizontalPodAutoscaler: scales a workload so that metrics stay near their targets. */
import { defineKind, statusSubresource } from '../../kind.ts'
import { crossVersionObjectReference, metricSpec } from '../../parts/autoscaling/metric-source.ts'
import { metricStatus } from '../../parts/autoscaling/metric-status.ts'
import { horizontalPodAutoscalerBehavior } from '../../parts/autoscaling/scaling-behavior.ts'
import { conditionFields } from '../../parts/meta/condition-fields.ts'
import { targetsText } from '../../rules/autoscaler-targets.ts'
import {
  validateAutoscalerSpec,
  validateAutoscalerStatus,
} from '../../rules/horizontal-pod-autoscaler.ts'
import {
  always,
  int32,
  int64,
  listOf,
  omitEmpty,
  optional,
  required,
  type Stored,
  struct,
  time,
  wordOf,
} from '../../schema.ts'
import { ageColumn, column, nameColumn } from '../../table.ts'

/** What to aim for, in percent of the request, when nothing is said. */
export const defaultCpuUtilization = 80

export const horizontalPodAutoscalerSpec = struct(
  'autoscaling.v2.HorizontalPodAutoscalerSpec',
  'What to scale, by what, and how far.',
  {
    scaleTargetRef: always(
      1,
      crossVersionObjectReference,
      'The workload to scale, which must have a scale subresource.',
    ),
    minReplicas: optional(2, int32, 'The fewest pods to scale down to. Defaults to 1.', {
      default: 1,
    }),
    maxReplicas: required(3, int32, 'The most pods to scale up to.'),
    metrics: omitEmpty(
      4,
      listOf(metricSpec, { listType: 'atomic' }),
      'Metrics to scale by; the one that asks for most pods wins. Defaults to 80 % of cpu.',
    ),
    behavior: optional(
      5,
      horizontalPodAutoscalerBehavior,
      'How fast scaling goes, in either direction.',
    ),
  },
  {
    defaults(spec) {
      if (!spec.metrics?.length) spec.metrics = [cpuMetric(defaultCpuUtilization)]
    },
    validateWhole(spec, at, problems) {
      validateAutoscalerSpec(spec, at, problems)
    },
  },
)
export interface HorizontalPodAutoscalerSpec extends Stored<typeof horizontalPodAutoscalerSpec> {}

export function cpuMetric(averageUtilization: number): Stored<typeof metricSpec> {
  const target = { type: 'Utilization' as const, averageUtilization }
  return { type: 'Resource', resource: { name: 'cpu', target } }
}

export const horizontalPodAutoscalerCondition = struct(
  'autoscaling.v2.HorizontalPodAutoscalerCondition',
  'One aspect of the state of an autoscaler.',
  {
    type: always(
      1,
      wordOf('ScalingActive', 'AbleToScale', 'ScalingLimited', 'ScaledToZero'),
      'Which aspect this is: ScalingActive, AbleToScale, ScalingLimited or ScaledToZero.',
    ),
    ...conditionFields,
  },
)
export interface HorizontalPodAutoscalerCondition
  extends Stored<typeof horizontalPodAutoscalerCondition> {}

export const horizontalPodAutoscalerStatus = struct(
  'autoscaling.v2.HorizontalPodAutoscalerStatus',
  'What the autoscaler has seen and decided.',
  {
    observedGeneration: optional(1, int64, 'Generation that the controller has seen.'),
    lastScaleTime: optional(2, time, 'When the number of pods was last changed.'),
    currentReplicas: omitEmpty(3, int32, 'Pods that there are.'),
    desiredReplicas: always(4, int32, 'Pods that the autoscaler last asked for.'),
    currentMetrics: always(
      5,
      listOf(metricStatus, { listType: 'atomic' }),
      'What was last seen of the metrics, in their order.',
      { mayOmit: true },
    ),
    conditions: omitEmpty(
      6,
      listOf(horizontalPodAutoscalerCondition, {
        keys: ['type'],
        mergeKey: 'type',
        patch: 'merge',
      }),
      'Aspects of the state, one of each type.',
    ),
  },
  {
    validateUpdate(next, _previous, at, problems) {
      validateAutoscalerStatus(next, at, problems)
    },
  },
)
export interface HorizontalPodAutoscalerStatus
  extends Stored<typeof horizontalPodAutoscalerStatus> {}

export const HorizontalPodAutoscaler = defineKind({
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  shortNames: ['hpa'],
  categories: ['all'],
  scope: 'Namespaced',
  subresources: { ...statusSubresource },
  doc: 'Scales a workload between two bounds, so that metrics stay near their targets.',
  fields: {
    spec: omitEmpty(2, horizontalPodAutoscalerSpec, 'What to scale, by what, and how far.'),
    status: omitEmpty(3, horizontalPodAutoscalerStatus, 'What was last seen and decided.'),
  },
  columns: [
    nameColumn,
    column('Reference', 'string', 'The workload that is scaled.', ({ spec }) => {
      return `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`
    }),
    column('Targets', 'string', 'Present and wanted values of the metrics.', ({ spec, status }) =>
      targetsText(spec.metrics ?? [], status.currentMetrics ?? []),
    ),
    column('MinPods', 'string', 'The fewest pods.', ({ spec }) => `${spec.minReplicas}`),
    column('MaxPods', 'string', 'The most pods.', ({ spec }) => spec.maxReplicas),
    column('Replicas', 'string', 'Pods that there are.', ({ status }) => {
      return status.currentReplicas ?? 0
    }),
    ageColumn,
  ],
})
export interface HorizontalPodAutoscaler extends Stored<typeof HorizontalPodAutoscaler> {}
