/** What a HorizontalPodAutoscaler last saw of its metrics. */
import { always, int32, optional, quantity, type Stored, string, struct } from '../../schema.ts'
import { crossVersionObjectReference, metricIdentifier, metricSourceType } from './metric-source.ts'

export const metricValueStatus = struct(
  'autoscaling.v2.MetricValueStatus',
  'The value that a metric has.',
  {
    value: optional(1, quantity, 'The value of the metric as a whole.'),
    averageValue: optional(2, quantity, 'The value of the metric for each pod.'),
    averageUtilization: optional(
      3,
      int32,
      'What each pod uses on average, in percent of what it requests.',
    ),
  },
)
export interface MetricValueStatus extends Stored<typeof metricValueStatus> {}

const currentDoc = 'The value that was seen.'
const metricDoc = 'Which metric it is.'
const resourceDoc = 'Name of the resource, such as cpu or memory.'

export const objectMetricStatus = struct(
  'autoscaling.v2.ObjectMetricStatus',
  'A metric of some other object.',
  {
    metric: always(1, metricIdentifier, metricDoc),
    current: always(2, metricValueStatus, currentDoc),
    describedObject: always(3, crossVersionObjectReference, 'The object that has the metric.'),
  },
)
export interface ObjectMetricStatus extends Stored<typeof objectMetricStatus> {}

export const podsMetricStatus = struct(
  'autoscaling.v2.PodsMetricStatus',
  'A metric that every pod has, averaged over the pods.',
  {
    metric: always(1, metricIdentifier, metricDoc),
    current: always(2, metricValueStatus, currentDoc),
  },
)
export interface PodsMetricStatus extends Stored<typeof podsMetricStatus> {}

export const resourceMetricStatus = struct(
  'autoscaling.v2.ResourceMetricStatus',
  'What the pods use of a resource, averaged over the pods.',
  {
    name: always(1, string, resourceDoc),
    current: always(2, metricValueStatus, currentDoc),
  },
)
export interface ResourceMetricStatus extends Stored<typeof resourceMetricStatus> {}

export const containerResourceMetricStatus = struct(
  'autoscaling.v2.ContainerResourceMetricStatus',
  'What one container of each pod uses of a resource, averaged over the pods.',
  {
    name: always(1, string, resourceDoc),
    current: always(2, metricValueStatus, currentDoc),
    container: always(3, string, 'Name of the container.'),
  },
)
export interface ContainerResourceMetricStatus
  extends Stored<typeof containerResourceMetricStatus> {}

export const externalMetricStatus = struct(
  'autoscaling.v2.ExternalMetricStatus',
  'A metric from outside the cluster.',
  {
    metric: always(1, metricIdentifier, metricDoc),
    current: always(2, metricValueStatus, currentDoc),
  },
)
export interface ExternalMetricStatus extends Stored<typeof externalMetricStatus> {}

export const metricStatus = struct(
  'autoscaling.v2.MetricStatus',
  'What was seen of one metric. Exactly the field that the type names is set.',
  {
    type: always(
      1,
      metricSourceType,
      'Kind of metric: Object, Pods, Resource, ContainerResource or External.',
    ),
    object: optional(2, objectMetricStatus, 'A metric of some other object.'),
    pods: optional(3, podsMetricStatus, 'A metric that every pod has.'),
    resource: optional(4, resourceMetricStatus, 'What the pods use of a resource.'),
    containerResource: optional(
      7,
      containerResourceMetricStatus,
      'What one container of each pod uses of a resource.',
    ),
    external: optional(5, externalMetricStatus, 'A metric from outside the cluster.'),
  },
)
export interface MetricStatus extends Stored<typeof metricStatus> {}
