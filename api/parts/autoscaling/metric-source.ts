/** What a HorizontalPodAutoscaler looks at: metrics and the values it aims for. */
import {
  always,
  int32,
  omitEmpty,
  optional,
  quantity,
  type Stored,
  string,
  struct,
  wordOf,
} from '../../schema.ts'
import { labelSelector } from '../meta/label-selector.ts'

export const crossVersionObjectReference = struct(
  'autoscaling.v2.CrossVersionObjectReference',
  'An object of any kind in the same namespace.',
  {
    kind: always(1, string, 'Kind of the object.'),
    name: always(2, string, 'Name of the object.'),
    apiVersion: omitEmpty(3, string, 'API version of the object.'),
  },
)
export interface CrossVersionObjectReference extends Stored<typeof crossVersionObjectReference> {}

export const metricTarget = struct(
  'autoscaling.v2.MetricTarget',
  'The value that a metric should have. Scaling brings it about.',
  {
    type: always(
      1,
      wordOf('Utilization', 'Value', 'AverageValue'),
      'Which of the values counts: Utilization, Value or AverageValue.',
    ),
    value: optional(2, quantity, 'The value of the metric as a whole.'),
    averageValue: optional(3, quantity, 'The value of the metric for each pod.'),
    averageUtilization: optional(
      4,
      int32,
      'What each pod uses on average, in percent of what it requests. Only for resources.',
    ),
  },
)
export interface MetricTarget extends Stored<typeof metricTarget> {}

export const metricIdentifier = struct(
  'autoscaling.v2.MetricIdentifier',
  'Which metric is meant.',
  {
    name: always(1, string, 'Name of the metric.'),
    selector: optional(2, labelSelector, 'Labels of the metric, for servers that have several.'),
  },
)
export interface MetricIdentifier extends Stored<typeof metricIdentifier> {}

const targetDoc = 'The value to aim for.'
const metricDoc = 'Which metric it is.'
const resourceDoc = 'Name of the resource, such as cpu or memory.'

export const objectMetricSource = struct(
  'autoscaling.v2.ObjectMetricSource',
  'A metric of some other object, such as the requests that an Ingress serves.',
  {
    describedObject: always(1, crossVersionObjectReference, 'The object that has the metric.'),
    target: always(2, metricTarget, targetDoc),
    metric: always(3, metricIdentifier, metricDoc),
  },
)
export interface ObjectMetricSource extends Stored<typeof objectMetricSource> {}

export const podsMetricSource = struct(
  'autoscaling.v2.PodsMetricSource',
  'A metric that every pod has, averaged over the pods.',
  {
    metric: always(1, metricIdentifier, metricDoc),
    target: always(2, metricTarget, targetDoc),
  },
)
export interface PodsMetricSource extends Stored<typeof podsMetricSource> {}

export const resourceMetricSource = struct(
  'autoscaling.v2.ResourceMetricSource',
  'What the pods use of a resource, averaged over the pods.',
  {
    name: always(1, string, resourceDoc),
    target: always(2, metricTarget, targetDoc),
  },
)
export interface ResourceMetricSource extends Stored<typeof resourceMetricSource> {}

export const containerResourceMetricSource = struct(
  'autoscaling.v2.ContainerResourceMetricSource',
  'What one container of each pod uses of a resource, averaged over the pods.',
  {
    name: always(1, string, resourceDoc),
    target: always(2, metricTarget, targetDoc),
    container: always(3, string, 'Name of the container.'),
  },
)
export interface ContainerResourceMetricSource
  extends Stored<typeof containerResourceMetricSource> {}

export const externalMetricSource = struct(
  'autoscaling.v2.ExternalMetricSource',
  'A metric from outside the cluster, such as the length of a queue in a cloud.',
  {
    metric: always(1, metricIdentifier, metricDoc),
    target: always(2, metricTarget, targetDoc),
  },
)
export interface ExternalMetricSource extends Stored<typeof externalMetricSource> {}

export const metricSourceType = wordOf(
  'Object',
  'Pods',
  'Resource',
  'ContainerResource',
  'External',
)

export const metricSpec = struct(
  'autoscaling.v2.MetricSpec',
  'A metric to scale by. Exactly the field that the type names is set.',
  {
    type: always(
      1,
      metricSourceType,
      'Kind of metric: Object, Pods, Resource, ContainerResource or External.',
    ),
    object: optional(2, objectMetricSource, 'A metric of some other object.'),
    pods: optional(3, podsMetricSource, 'A metric that every pod has.'),
    resource: optional(4, resourceMetricSource, 'What the pods use of a resource.'),
    containerResource: optional(
      7,
      containerResourceMetricSource,
      'What one container of each pod uses of a resource.',
    ),
    external: optional(5, externalMetricSource, 'A metric from outside the cluster.'),
  },
)
export interface MetricSpec extends Stored<typeof metricSpec> {}
