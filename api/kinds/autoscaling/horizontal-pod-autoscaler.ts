/** FIXME: one sentence. */
import { defineKind, statusSubresource } from '../../kind.ts'
import { labelSelector } from '../../parts/meta/label-selector.ts'
import {
  always,
  int32,
  int64,
  listOf,
  omitEmpty,
  optional,
  quantity,
  required,
  type Stored,
  string,
  struct,
  time,
  wordOf,
} from '../../schema.ts'

export const crossVersionObjectReference = struct(
  'autoscaling.v2.CrossVersionObjectReference',
  '',
  {
    kind: always(1, string, ''),
    name: always(2, string, ''),
    apiVersion: omitEmpty(3, string, ''),
  },
)
export interface CrossVersionObjectReference extends Stored<typeof crossVersionObjectReference> {}

export const metricTarget = struct('autoscaling.v2.MetricTarget', '', {
  type: always(1, wordOf('Utilization', 'Value', 'AverageValue'), ''),
  value: optional(2, quantity, ''),
  averageValue: optional(3, quantity, ''),
  averageUtilization: optional(4, int32, ''),
})
export interface MetricTarget extends Stored<typeof metricTarget> {}

export const metricIdentifier = struct('autoscaling.v2.MetricIdentifier', '', {
  name: always(1, string, ''),
  selector: optional(2, labelSelector, ''),
})
export interface MetricIdentifier extends Stored<typeof metricIdentifier> {}

export const objectMetricSource = struct('autoscaling.v2.ObjectMetricSource', '', {
  describedObject: always(1, crossVersionObjectReference, ''),
  target: always(2, metricTarget, ''),
  metric: always(3, metricIdentifier, ''),
})
export interface ObjectMetricSource extends Stored<typeof objectMetricSource> {}

export const podsMetricSource = struct('autoscaling.v2.PodsMetricSource', '', {
  metric: always(1, metricIdentifier, ''),
  target: always(2, metricTarget, ''),
})
export interface PodsMetricSource extends Stored<typeof podsMetricSource> {}

export const resourceMetricSource = struct('autoscaling.v2.ResourceMetricSource', '', {
  name: always(
    1,
    wordOf(
      'cpu',
      'memory',
      'storage',
      'ephemeral-storage',
      'pods',
      'services',
      'replicationcontrollers',
      'resourcequotas',
      'secrets',
      'configmaps',
      'persistentvolumeclaims',
      'services.nodeports',
      'services.loadbalancers',
      'requests.cpu',
      'requests.memory',
      'requests.storage',
      'requests.ephemeral-storage',
      'limits.cpu',
      'limits.memory',
      'limits.ephemeral-storage',
    ),
    '',
  ),
  target: always(2, metricTarget, ''),
})
export interface ResourceMetricSource extends Stored<typeof resourceMetricSource> {}

export const containerResourceMetricSource = struct(
  'autoscaling.v2.ContainerResourceMetricSource',
  '',
  {
    name: always(
      1,
      wordOf(
        'cpu',
        'memory',
        'storage',
        'ephemeral-storage',
        'pods',
        'services',
        'replicationcontrollers',
        'resourcequotas',
        'secrets',
        'configmaps',
        'persistentvolumeclaims',
        'services.nodeports',
        'services.loadbalancers',
        'requests.cpu',
        'requests.memory',
        'requests.storage',
        'requests.ephemeral-storage',
        'limits.cpu',
        'limits.memory',
        'limits.ephemeral-storage',
      ),
      '',
    ),
    target: always(2, metricTarget, ''),
    container: always(3, string, ''),
  },
)
export interface ContainerResourceMetricSource
  extends Stored<typeof containerResourceMetricSource> {}

export const externalMetricSource = struct('autoscaling.v2.ExternalMetricSource', '', {
  metric: always(1, metricIdentifier, ''),
  target: always(2, metricTarget, ''),
})
export interface ExternalMetricSource extends Stored<typeof externalMetricSource> {}

export const metricSpec = struct('autoscaling.v2.MetricSpec', '', {
  type: always(1, wordOf('Object', 'Pods', 'Resource', 'ContainerResource', 'External'), ''),
  object: optional(2, objectMetricSource, ''),
  pods: optional(3, podsMetricSource, ''),
  resource: optional(4, resourceMetricSource, ''),
  containerResource: optional(7, containerResourceMetricSource, ''),
  external: optional(5, externalMetricSource, ''),
})
export interface MetricSpec extends Stored<typeof metricSpec> {}

export const hpaScalingPolicy = struct('autoscaling.v2.HPAScalingPolicy', '', {
  type: always(1, wordOf('Pods', 'Percent'), ''),
  value: always(2, int32, ''),
  periodSeconds: always(3, int32, ''),
})
export interface HPAScalingPolicy extends Stored<typeof hpaScalingPolicy> {}

export const hpaScalingRules = struct('autoscaling.v2.HPAScalingRules', '', {
  stabilizationWindowSeconds: optional(3, int32, ''),
  selectPolicy: optional(1, wordOf('Max', 'Min', 'Disabled'), ''),
  policies: omitEmpty(2, listOf(hpaScalingPolicy, { listType: 'atomic' }), ''),
  tolerance: optional(4, quantity, ''), // gate: HPAConfigurableTolerance
})
export interface HPAScalingRules extends Stored<typeof hpaScalingRules> {}

export const horizontalPodAutoscalerBehavior = struct(
  'autoscaling.v2.HorizontalPodAutoscalerBehavior',
  '',
  {
    scaleUp: optional(1, hpaScalingRules, ''),
    scaleDown: optional(2, hpaScalingRules, ''),
  },
)
export interface HorizontalPodAutoscalerBehavior
  extends Stored<typeof horizontalPodAutoscalerBehavior> {}

export const horizontalPodAutoscalerSpec = struct(
  'autoscaling.v2.HorizontalPodAutoscalerSpec',
  '',
  {
    scaleTargetRef: always(1, crossVersionObjectReference, ''),
    minReplicas: optional(2, int32, ''),
    maxReplicas: required(3, int32, ''),
    metrics: omitEmpty(4, listOf(metricSpec, { listType: 'atomic' }), ''),
    behavior: optional(5, horizontalPodAutoscalerBehavior, ''),
  },
)
export interface HorizontalPodAutoscalerSpec extends Stored<typeof horizontalPodAutoscalerSpec> {}

export const metricValueStatus = struct('autoscaling.v2.MetricValueStatus', '', {
  value: optional(1, quantity, ''),
  averageValue: optional(2, quantity, ''),
  averageUtilization: optional(3, int32, ''),
})
export interface MetricValueStatus extends Stored<typeof metricValueStatus> {}

export const objectMetricStatus = struct('autoscaling.v2.ObjectMetricStatus', '', {
  metric: always(1, metricIdentifier, ''),
  current: always(2, metricValueStatus, ''),
  describedObject: always(3, crossVersionObjectReference, ''),
})
export interface ObjectMetricStatus extends Stored<typeof objectMetricStatus> {}

export const podsMetricStatus = struct('autoscaling.v2.PodsMetricStatus', '', {
  metric: always(1, metricIdentifier, ''),
  current: always(2, metricValueStatus, ''),
})
export interface PodsMetricStatus extends Stored<typeof podsMetricStatus> {}

export const resourceMetricStatus = struct('autoscaling.v2.ResourceMetricStatus', '', {
  name: always(
    1,
    wordOf(
      'cpu',
      'memory',
      'storage',
      'ephemeral-storage',
      'pods',
      'services',
      'replicationcontrollers',
      'resourcequotas',
      'secrets',
      'configmaps',
      'persistentvolumeclaims',
      'services.nodeports',
      'services.loadbalancers',
      'requests.cpu',
      'requests.memory',
      'requests.storage',
      'requests.ephemeral-storage',
      'limits.cpu',
      'limits.memory',
      'limits.ephemeral-storage',
    ),
    '',
  ),
  current: always(2, metricValueStatus, ''),
})
export interface ResourceMetricStatus extends Stored<typeof resourceMetricStatus> {}

export const containerResourceMetricStatus = struct(
  'autoscaling.v2.ContainerResourceMetricStatus',
  '',
  {
    name: always(
      1,
      wordOf(
        'cpu',
        'memory',
        'storage',
        'ephemeral-storage',
        'pods',
        'services',
        'replicationcontrollers',
        'resourcequotas',
        'secrets',
        'configmaps',
        'persistentvolumeclaims',
        'services.nodeports',
        'services.loadbalancers',
        'requests.cpu',
        'requests.memory',
        'requests.storage',
        'requests.ephemeral-storage',
        'limits.cpu',
        'limits.memory',
        'limits.ephemeral-storage',
      ),
      '',
    ),
    current: always(2, metricValueStatus, ''),
    container: always(3, string, ''),
  },
)
export interface ContainerResourceMetricStatus
  extends Stored<typeof containerResourceMetricStatus> {}

export const externalMetricStatus = struct('autoscaling.v2.ExternalMetricStatus', '', {
  metric: always(1, metricIdentifier, ''),
  current: always(2, metricValueStatus, ''),
})
export interface ExternalMetricStatus extends Stored<typeof externalMetricStatus> {}

export const metricStatus = struct('autoscaling.v2.MetricStatus', '', {
  type: always(1, wordOf('Object', 'Pods', 'Resource', 'ContainerResource', 'External'), ''),
  object: optional(2, objectMetricStatus, ''),
  pods: optional(3, podsMetricStatus, ''),
  resource: optional(4, resourceMetricStatus, ''),
  containerResource: optional(7, containerResourceMetricStatus, ''),
  external: optional(5, externalMetricStatus, ''),
})
export interface MetricStatus extends Stored<typeof metricStatus> {}

export const horizontalPodAutoscalerCondition = struct(
  'autoscaling.v2.HorizontalPodAutoscalerCondition',
  '',
  {
    type: always(1, wordOf('ScalingActive', 'AbleToScale', 'ScalingLimited', 'ScaledToZero'), ''),
    status: always(2, wordOf('True', 'False', 'Unknown'), ''),
    lastTransitionTime: omitEmpty(3, time, ''),
    reason: omitEmpty(4, string, ''),
    message: omitEmpty(5, string, ''),
  },
)
export interface HorizontalPodAutoscalerCondition
  extends Stored<typeof horizontalPodAutoscalerCondition> {}

export const horizontalPodAutoscalerStatus = struct(
  'autoscaling.v2.HorizontalPodAutoscalerStatus',
  '',
  {
    observedGeneration: optional(1, int64, ''),
    lastScaleTime: optional(2, time, ''),
    currentReplicas: omitEmpty(3, int32, ''),
    desiredReplicas: always(4, int32, ''),
    currentMetrics: always(5, listOf(metricStatus, { listType: 'atomic' }), '', { mayOmit: true }),
    conditions: omitEmpty(
      6,
      listOf(horizontalPodAutoscalerCondition, {
        keys: ['type'],
        mergeKey: 'type',
        patch: 'merge',
      }),
      '',
    ),
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
  doc: '',
  fields: {
    spec: omitEmpty(2, horizontalPodAutoscalerSpec, ''),
    status: omitEmpty(3, horizontalPodAutoscalerStatus, ''),
  },
  // columns: Name, Reference, Targets, MinPods, MaxPods, Replicas, Age
})
export interface HorizontalPodAutoscaler extends Stored<typeof HorizontalPodAutoscaler> {}
