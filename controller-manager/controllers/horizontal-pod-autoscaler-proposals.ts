/** What each metric of an autoscaler asks for, with what is to be said about it. */
import type { Pod } from '#api/kinds/core/pod.ts'
import type { LabelSelector } from '#api/label-selector.ts'
import type {
  MetricIdentifier,
  MetricSpec,
  MetricTarget,
} from '#api/parts/autoscaling/metric-source.ts'
import type { MetricStatus, MetricValueStatus } from '#api/parts/autoscaling/metric-status.ts'
import { milliValue, quantityFromMilli } from '#api/quantity.ts'
import type { ReconcileContext } from '#client/controller.ts'
import type { FoundResources } from '../found-resources.ts'
import { messageOf } from '../pods.ts'
import {
  externalValues,
  type MetricSource,
  objectValue,
  podSamples,
  resourceSamples,
} from './horizontal-pod-autoscaler-metrics.ts'
import {
  byAverage,
  byShare,
  byUtilization,
  byValue,
  type Proposal,
  type Settings,
} from './horizontal-pod-autoscaler-replicas.ts'

/** The workload as its scale shows it. */
export interface Workload {
  readonly pods: readonly Pod[]
  readonly selector: LabelSelector
  readonly specReplicas: number
  readonly statusReplicas: number
}

export interface MetricResult {
  readonly replicas: number
  readonly name: string
  readonly status: MetricStatus
}

/** `reason` becomes that of the condition and of the event. */
export class MetricError extends Error {
  override readonly name = 'MetricError'
  readonly reason: string

  constructor(reason: string, message: string, cause?: unknown) {
    super(message, { cause })
    this.reason = reason
  }
}

export interface Access {
  readonly context: ReconcileContext
  readonly resources: FoundResources
  readonly source: MetricSource
  readonly settings: Settings
}

export async function resultOf(
  metric: MetricSpec,
  workload: Workload,
  access: Access,
): Promise<MetricResult> {
  const { object, pods, resource, containerResource, external } = metric
  switch (metric.type) {
    case 'Resource':
      return failingAs('FailedGetResourceMetric', () =>
        resourceResult(metric, { ...resource!, container: '' }, workload, access),
      )
    case 'ContainerResource':
      return failingAs('FailedGetContainerResourceMetric', () =>
        resourceResult(metric, containerResource!, workload, access),
      )
    case 'Pods':
      return failingAs('FailedGetPodsMetric', () => podsResult(pods!, workload, access))
    case 'Object':
      return failingAs('FailedGetObjectMetric', () => objectResult(object!, workload, access))
    case 'External':
      return failingAs('FailedGetExternalMetric', () => externalResult(external!, workload, access))
    default: {
      const message = `unknown metric source type ${JSON.stringify(metric.type)}`
      throw new MetricError('InvalidMetricSourceType', message)
    }
  }
}

async function failingAs<T>(reason: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new MetricError(reason, messageOf(error), error)
  }
}

async function saying<T>(what: string, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new Error(`${what}: ${messageOf(error)}`, { cause: error })
  }
}

const milli = (text: string): number => Number(milliValue(text))
const amount = (milliUnits: number): string => quantityFromMilli(milliUnits, 'DecimalSI').text
const average = ({ usage }: Proposal): MetricValueStatus => ({ averageValue: amount(usage) })
const whole = ({ usage }: Proposal): MetricValueStatus => ({ value: amount(usage) })

interface ResourceTarget {
  readonly name: string
  readonly container: string
  readonly target: MetricTarget
}

async function resourceResult(
  { type }: MetricSpec,
  { name: resource, container, target }: ResourceTarget,
  { pods, selector, specReplicas }: Workload,
  { source, settings }: Access,
): Promise<MetricResult> {
  const { averageValue, averageUtilization: percent } = target
  const what = container ? `${resource} container resource` : `${resource} resource`
  const samplesOf = () =>
    saying(`unable to get metrics for resource ${resource}`, () =>
      resourceSamples(source, resource, selector, container),
    )
  const statusWith = (current: MetricValueStatus): MetricStatus =>
    container
      ? { type, containerResource: { name: resource, container, current } }
      : { type, resource: { name: resource, current } }
  if (averageValue !== undefined) {
    const found = await saying(`failed to get ${resource} usage`, async () =>
      byAverage(
        pods,
        await samplesOf(),
        specReplicas,
        { resource, value: milli(averageValue) },
        settings,
      ),
    )
    return { replicas: found.replicas, name: what, status: statusWith(average(found)) }
  }
  if (percent === undefined) {
    throw new Error(
      'invalid resource metric source: neither an average utilization target nor an average ' +
        'value (usage) target was set',
    )
  }
  const found = await saying(`failed to get ${resource} utilization`, async () =>
    byUtilization(
      pods,
      await samplesOf(),
      specReplicas,
      { resource, container, percent },
      settings,
    ),
  )
  const { utilization = 0, replicas } = found
  const status = statusWith({ ...average(found), averageUtilization: utilization })
  return { replicas, name: `${what} utilization (percentage of request)`, status }
}

async function podsResult(
  { metric, target }: NonNullable<MetricSpec['pods']>,
  { pods, selector, specReplicas }: Workload,
  { source, settings }: Access,
): Promise<MetricResult> {
  const wanted = milli(target.averageValue ?? '0')
  const found = await saying('failed to get pods metric value', async () => {
    const samples = await saying(`unable to get metric ${metric.name}`, () =>
      podSamples(source, metric, selector),
    )
    return byAverage(pods, samples, specReplicas, { resource: '', value: wanted }, settings)
  })
  return {
    replicas: found.replicas,
    name: `pods metric ${metric.name}`,
    status: { type: 'Pods', pods: { metric, current: average(found) } },
  }
}

async function objectResult(
  { metric, target, describedObject }: NonNullable<MetricSpec['object']>,
  { pods, specReplicas, statusReplicas }: Workload,
  { source, settings, resources, context }: Access,
): Promise<MetricResult> {
  const { kind, name } = describedObject
  const { client, clock, signal } = context
  // Upstream has the parts in this order, and people search for it.
  const where = `${kind} on ${source.namespace} ${name}`
  const usageOf = async (): Promise<number> => {
    try {
      const resource = await resources.of(describedObject, client, clock, { signal })
      if (!resource) throw new Error(`no matches for kind "${kind}"`)
      return await objectValue(source, metric, resource, describedObject)
    } catch (error) {
      throw new Error(`unable to get metric ${metric.name}: ${where}/${messageOf(error)}`)
    }
  }
  const statusWith = (current: MetricValueStatus): MetricStatus => ({
    type: 'Object',
    object: { metric, current, describedObject },
  })
  const { value, averageValue } = target
  if (target.type === 'Value' && value !== undefined) {
    const found = await saying('failed to get object metric value', async () =>
      byValue(pods, await usageOf(), specReplicas, milli(value), settings),
    )
    const { replicas } = found
    return { replicas, name: `${kind} metric ${metric.name}`, status: statusWith(whole(found)) }
  }
  if (target.type === 'AverageValue' && averageValue !== undefined) {
    const found = await saying(`failed to get ${metric.name} object metric`, async () =>
      byShare(await usageOf(), statusReplicas, milli(averageValue), settings),
    )
    return { replicas: found.replicas, name: external(metric), status: statusWith(average(found)) }
  }
  throw new Error(
    'invalid object metric source: neither a value target nor an average value target was set',
  )
}

async function externalResult(
  { metric, target }: NonNullable<MetricSpec['external']>,
  { pods, specReplicas, statusReplicas }: Workload,
  { source, settings }: Access,
): Promise<MetricResult> {
  const { namespace } = source
  const usageOf = () =>
    saying(
      `unable to get external metric ${namespace}/${metric.name}/${selectorText(metric)}`,
      async () => (await externalValues(source, metric)).reduce((sum, each) => sum + each, 0),
    )
  const statusWith = (current: MetricValueStatus): MetricStatus => ({
    type: 'External',
    external: { metric, current },
  })
  const { value, averageValue } = target
  if (averageValue !== undefined) {
    const found = await saying(`failed to get ${metric.name} external metric`, async () =>
      byShare(await usageOf(), statusReplicas, milli(averageValue), settings),
    )
    return { replicas: found.replicas, name: external(metric), status: statusWith(average(found)) }
  }
  if (value === undefined) {
    throw new Error(
      'invalid external metric source: neither a value target nor an average value target was set',
    )
  }
  const found = await saying(`failed to get external metric ${metric.name}`, async () =>
    byValue(pods, await usageOf(), specReplicas, milli(value), settings),
  )
  return { replicas: found.replicas, name: external(metric), status: statusWith(whole(found)) }
}

const external = (metric: MetricIdentifier): string =>
  `external metric ${metric.name}(${selectorText(metric)})`

/** As upstream prints it: the way Go prints such a selector. */
function selectorText({ selector }: MetricIdentifier): string {
  if (!selector) return 'nil'
  const labels = Object.entries(selector.matchLabels ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}: ${value},`)
  const rules = (selector.matchExpressions ?? []).map(
    ({ key, operator, values }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},` +
      `Values:[${(values ?? []).join(' ')}],},`,
  )
  const matchLabels = `MatchLabels:map[string]string{${labels.join(' ')}}`
  const expressions = `MatchExpressions:[]LabelSelectorRequirement{${rules.join('')}}`
  return `&LabelSelector{${matchLabels},${expressions},}`
}
