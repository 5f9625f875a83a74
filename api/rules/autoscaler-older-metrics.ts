/** The form in which metrics of autoscalers are written in annotations, and the way back. */
import type {
  CrossVersionObjectReference,
  MetricIdentifier,
  MetricSpec,
  MetricTarget,
} from '../parts/autoscaling/metric-source.ts'
import type { MetricStatus } from '../parts/autoscaling/metric-status.ts'
import type { LabelSelector } from '../parts/meta/label-selector.ts'

/** A source or a status of the older form: one flat struct with a few names for the same things. */
interface OlderMetric {
  readonly target?: CrossVersionObjectReference
  readonly name?: string
  readonly container?: string
  readonly metricName?: string
  readonly selector?: LabelSelector
  readonly metricSelector?: LabelSelector
  readonly targetValue?: string
  readonly targetAverageValue?: string
  readonly averageValue?: string
  readonly targetAverageUtilization?: number
  readonly currentValue?: string
  readonly currentAverageValue?: string
  readonly currentAverageUtilization?: number
}
export type Older = { readonly type: MetricSpec['type'] } & {
  readonly [name in SourceName]?: OlderMetric
}
type SourceName = 'object' | 'pods' | 'resource' | 'containerResource' | 'external'

const noQuantity = '0'

export function olderSpec(metric: MetricSpec): Older {
  const { type, object, pods, resource, containerResource, external } = metric
  return {
    type,
    ...(object && {
      object: {
        target: object.describedObject,
        metricName: object.metric.name,
        targetValue: object.target.value ?? noQuantity,
        ...defined({ selector: object.metric.selector, averageValue: object.target.averageValue }),
      },
    }),
    ...(pods && {
      pods: {
        metricName: pods.metric.name,
        targetAverageValue: pods.target.averageValue ?? noQuantity,
        ...defined({ selector: pods.metric.selector }),
      },
    }),
    ...(resource && { resource: { name: resource.name, ...olderUse(resource.target) } }),
    ...(containerResource && {
      containerResource: {
        name: containerResource.name,
        ...olderUse(containerResource.target),
        container: containerResource.container,
      },
    }),
    ...(external && {
      external: {
        metricName: external.metric.name,
        ...defined({
          metricSelector: external.metric.selector,
          targetValue: external.target.value,
          targetAverageValue: external.target.averageValue,
        }),
      },
    }),
  }
}

function olderUse({ averageUtilization, averageValue }: MetricTarget): OlderMetric {
  return defined({
    targetAverageUtilization: averageUtilization,
    targetAverageValue: averageValue,
  })
}

export function newerSpec({ type, ...sources }: Older): object {
  const { object, pods, resource, containerResource, external } = sources
  return {
    type,
    ...(object && {
      object: {
        describedObject: object.target,
        metric: metricOf(object.metricName, object.selector),
        target: {
          type: object.averageValue === undefined ? 'Value' : 'AverageValue',
          ...defined({ value: object.targetValue, averageValue: object.averageValue }),
        },
      },
    }),
    ...(pods && {
      pods: {
        metric: metricOf(pods.metricName, pods.selector),
        target: { type: 'AverageValue', ...defined({ averageValue: pods.targetAverageValue }) },
      },
    }),
    ...(resource && { resource: { name: resource.name, target: useOf(resource) } }),
    ...(containerResource && {
      containerResource: {
        name: containerResource.name,
        container: containerResource.container,
        target: useOf(containerResource),
      },
    }),
    ...(external && {
      external: {
        metric: metricOf(external.metricName, external.metricSelector),
        target: {
          type: external.targetValue === undefined ? 'AverageValue' : 'Value',
          ...defined({
            value: external.targetValue,
            averageValue: external.targetAverageValue,
          }),
        },
      },
    }),
  }
}

function useOf({ targetAverageUtilization, targetAverageValue }: OlderMetric): MetricTarget {
  return {
    type: targetAverageUtilization === undefined ? 'AverageValue' : 'Utilization',
    ...defined({
      averageUtilization: targetAverageUtilization,
      averageValue: targetAverageValue,
    }),
  }
}

function metricOf(name = '', selector: LabelSelector | undefined): MetricIdentifier {
  return { name, ...defined({ selector }) }
}

export function olderStatus(status: MetricStatus): Older {
  const { type, object, pods, resource, containerResource, external } = status
  const use = ({ current }: NonNullable<typeof resource>): OlderMetric => ({
    ...defined({ currentAverageUtilization: current.averageUtilization }),
    currentAverageValue: current.averageValue ?? noQuantity,
  })
  return {
    type,
    ...(object && {
      object: {
        target: object.describedObject,
        metricName: object.metric.name,
        currentValue: object.current.value ?? noQuantity,
        ...defined({
          selector: object.metric.selector,
          averageValue: object.current.averageValue,
        }),
      },
    }),
    ...(pods && {
      pods: {
        metricName: pods.metric.name,
        currentAverageValue: pods.current.averageValue ?? noQuantity,
        ...defined({ selector: pods.metric.selector }),
      },
    }),
    ...(resource && { resource: { name: resource.name, ...use(resource) } }),
    ...(containerResource && {
      containerResource: {
        name: containerResource.name,
        ...use(containerResource),
        container: containerResource.container,
      },
    }),
    ...(external && {
      external: {
        metricName: external.metric.name,
        ...defined({ metricSelector: external.metric.selector }),
        currentValue: external.current.value ?? noQuantity,
        ...defined({ currentAverageValue: external.current.averageValue }),
      },
    }),
  }
}

export function newerStatus({ type, ...sources }: Older): object {
  const { object, pods, resource, containerResource, external } = sources
  const use = (older: OlderMetric) =>
    defined({
      averageUtilization: older.currentAverageUtilization,
      averageValue: older.currentAverageValue,
    })
  return {
    type,
    ...(object && {
      object: {
        metric: metricOf(object.metricName, object.selector),
        current: defined({ value: object.currentValue, averageValue: object.averageValue }),
        describedObject: object.target,
      },
    }),
    ...(pods && {
      pods: {
        metric: metricOf(pods.metricName, pods.selector),
        current: defined({ averageValue: pods.currentAverageValue }),
      },
    }),
    ...(resource && { resource: { name: resource.name, current: use(resource) } }),
    ...(containerResource && {
      containerResource: {
        name: containerResource.name,
        container: containerResource.container,
        current: use(containerResource),
      },
    }),
    ...(external && {
      external: {
        metric: metricOf(external.metricName, external.metricSelector),
        current: defined({
          value: external.currentValue,
          averageValue: external.currentAverageValue,
        }),
      },
    }),
  }
}

function defined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(value).filter(([, each]) => each !== undefined)
  return Object.fromEntries(entries) as never
}
