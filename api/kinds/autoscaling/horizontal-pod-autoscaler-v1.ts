/** FIXME: one sentence. */
import { defineKind, statusSubresource } from '../../kind.ts'
import {
  always,
  int32,
  int64,
  omitEmpty,
  optional,
  required,
  type Stored,
  string,
  struct,
  time,
} from '../../schema.ts'

export const crossVersionObjectReference = struct(
  'autoscaling.v1.CrossVersionObjectReference',
  '',
  {
    kind: always(1, string, ''),
    name: always(2, string, ''),
    apiVersion: omitEmpty(3, string, ''),
  },
  { atomic: true },
)
export interface CrossVersionObjectReference extends Stored<typeof crossVersionObjectReference> {}

export const horizontalPodAutoscalerSpec = struct(
  'autoscaling.v1.HorizontalPodAutoscalerSpec',
  '',
  {
    scaleTargetRef: always(1, crossVersionObjectReference, ''),
    minReplicas: optional(2, int32, ''),
    maxReplicas: required(3, int32, ''),
    targetCPUUtilizationPercentage: optional(4, int32, ''),
  },
)
export interface HorizontalPodAutoscalerSpec extends Stored<typeof horizontalPodAutoscalerSpec> {}

export const horizontalPodAutoscalerStatus = struct(
  'autoscaling.v1.HorizontalPodAutoscalerStatus',
  '',
  {
    observedGeneration: optional(1, int64, ''),
    lastScaleTime: optional(2, time, ''),
    currentReplicas: always(3, int32, ''),
    desiredReplicas: always(4, int32, ''),
    currentCPUUtilizationPercentage: optional(5, int32, ''),
  },
)
export interface HorizontalPodAutoscalerStatus
  extends Stored<typeof horizontalPodAutoscalerStatus> {}

export const HorizontalPodAutoscaler = defineKind({
  group: 'autoscaling',
  version: 'v1',
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
