/** HorizontalPodAutoscaler v1: the older form of the same objects, which knows the cpu alone. */
import { defineKind, statusSubresource } from '../../kind.ts'
import {
  defaultAutoscalerV1,
  newerAutoscaler,
  newerAutoscalerColumns,
} from '../../rules/autoscaler-versions.ts'
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
import { validate } from '../../validate.ts'
import { HorizontalPodAutoscaler as NewerAutoscaler } from './horizontal-pod-autoscaler.ts'

export const crossVersionObjectReference = struct(
  'autoscaling.v1.CrossVersionObjectReference',
  'An object of any kind in the same namespace.',
  {
    kind: always(1, string, 'Kind of the object.'),
    name: always(2, string, 'Name of the object.'),
    apiVersion: omitEmpty(3, string, 'API version of the object.'),
  },
  { atomic: true },
)
export interface CrossVersionObjectReference extends Stored<typeof crossVersionObjectReference> {}

export const horizontalPodAutoscalerSpec = struct(
  'autoscaling.v1.HorizontalPodAutoscalerSpec',
  'What to scale, and how far. Metrics beside the cpu are in an annotation.',
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
    targetCPUUtilizationPercentage: optional(
      4,
      int32,
      'What pods should use of the cpu they request, in percent. Defaults to 80.',
    ),
  },
)
export interface HorizontalPodAutoscalerSpec extends Stored<typeof horizontalPodAutoscalerSpec> {}

export const horizontalPodAutoscalerStatus = struct(
  'autoscaling.v1.HorizontalPodAutoscalerStatus',
  'What the autoscaler has seen and decided.',
  {
    observedGeneration: optional(1, int64, 'Generation that the controller has seen.'),
    lastScaleTime: optional(2, time, 'When the number of pods was last changed.'),
    currentReplicas: always(3, int32, 'Pods that there are.'),
    desiredReplicas: always(4, int32, 'Pods that the autoscaler last asked for.'),
    currentCPUUtilizationPercentage: optional(
      5,
      int32,
      'What pods use of the cpu they request, in percent.',
    ),
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
  doc: 'Scales a workload between two bounds. The older form, which knows the cpu alone.',
  fields: {
    spec: omitEmpty(2, horizontalPodAutoscalerSpec, 'What to scale, and how far.'),
    status: omitEmpty(3, horizontalPodAutoscalerStatus, 'What was last seen and decided.'),
  },
  defaults: (autoscaler) => defaultAutoscalerV1(autoscaler),
  validateWhole(autoscaler, at, problems) {
    validate(NewerAutoscaler.schema, newerAutoscaler(autoscaler), problems, at)
  },
  columns: newerAutoscalerColumns,
})
export interface HorizontalPodAutoscaler extends Stored<typeof HorizontalPodAutoscaler> {}
