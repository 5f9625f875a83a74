/** Reads metrics from the servers that have them, all of them behind the API server. */
import { PodMetrics } from '#api/kinds/metrics/pod-metrics.ts'
import { formatSelector, type LabelSelector, selectorFromObject } from '#api/label-selector.ts'
import type {
  CrossVersionObjectReference,
  MetricIdentifier,
} from '#api/parts/autoscaling/metric-source.ts'
import { milliValue } from '#api/quantity.ts'
import { isReason, qualified } from '#api/status.ts'
import { parseDuration, timeToEpoch } from '#api/time.ts'
import type { Client } from '#client/rest.ts'
import type { DiscoveredResource } from '../discovered-resources.ts'
import { messageOf } from '../pods.ts'
import type { Sample, Samples } from './horizontal-pod-autoscaler-replicas.ts'

export interface MetricSource {
  readonly client: Client
  readonly signal: AbortSignal
  readonly namespace: string
}

const DEFAULT_WINDOW_MS = 60_000
const NANOS_PER_MS = 1_000_000n
/** The newer first; servers have one or both. */
const customVersions = ['v1beta2', 'v1beta1']

/** What pods use of a resource, or one container of each. */
export async function resourceSamples(
  { client, signal, namespace }: MetricSource,
  resource: string,
  selector: LabelSelector,
  container: string,
): Promise<Samples> {
  const labelSelector = formatSelector(selector)
  const items = await asked('resource metrics API', PodMetrics, () =>
    client.list(PodMetrics, { namespace, labelSelector, signal }),
  )
  if (items.length === 0) throw new Error('no metrics returned from resource metrics API')
  const samples = new Map<string, Sample>()
  for (const item of items) {
    const value = valueIn(item, resource, container)
    if (value === undefined) continue
    const windowMs = Number(parseDuration(item.window) / NANOS_PER_MS)
    const timestampMs = epochMs(item.timestamp)
    samples.set(item.metadata.name, { value, timestampMs, windowMs })
  }
  return samples
}

/** Undefined where a container says nothing about the resource: the pod counts as missing. */
function valueIn(
  { metadata, containers }: PodMetrics,
  resource: string,
  container: string,
): number | undefined {
  const counted = (containers ?? []).filter(({ name }) => !container || name === container)
  if (container && counted.length === 0) {
    const { namespace, name } = metadata
    throw new Error(`container ${container} not present in metrics for pod ${namespace}/${name}`)
  }
  let sum = 0
  for (const { usage } of counted) {
    const amount = usage?.[resource]
    if (amount === undefined) return undefined
    sum += Number(milliValue(amount))
  }
  return sum
}

const epochMs = (text: string | null | undefined): number =>
  text ? timeToEpoch(text).seconds * 1000 : 0

interface MetricValue {
  readonly describedObject?: { readonly name?: string }
  readonly timestamp?: string | null
  readonly windowSeconds?: number
  readonly value: string
}

/** A metric that every pod has. */
export async function podSamples(
  source: MetricSource,
  { name, selector }: MetricIdentifier,
  pods: LabelSelector,
): Promise<Samples> {
  const path = `namespaces/${source.namespace}/pods/*/${encodeURIComponent(name)}`
  const query = { labelSelector: formatSelector(pods), ...metricSelector(selector) }
  const items = await customValues(source, path, query)
  return new Map(
    items.map(({ describedObject, timestamp, windowSeconds, value }) => [
      describedObject?.name ?? '',
      {
        value: Number(milliValue(value)),
        timestampMs: epochMs(timestamp),
        windowMs: windowSeconds === undefined ? DEFAULT_WINDOW_MS : windowSeconds * 1000,
      },
    ]),
  )
}

/** A metric of some other object, in thousandths. */
export async function objectValue(
  source: MetricSource,
  { name, selector }: MetricIdentifier,
  resource: DiscoveredResource,
  object: CrossVersionObjectReference,
): Promise<number> {
  const { namespace } = source
  const metric = encodeURIComponent(name)
  const isNamespace = object.kind === 'Namespace' && resource.group === ''
  const place = isNamespace
    ? `namespaces/${object.name}/metrics`
    : `namespaces/${namespace}/${qualified(resource)}/${encodeURIComponent(object.name)}`
  const [item] = await customValues(source, `${place}/${metric}`, metricSelector(selector))
  return Number(milliValue(item!.value))
}

async function customValues(
  { client, signal }: MetricSource,
  path: string,
  query: Readonly<Record<string, string>>,
): Promise<readonly MetricValue[]> {
  const api = 'custom metrics API'
  for (const version of customVersions) {
    const url = urlOf(`/apis/custom.metrics.k8s.io/${version}/${path}`, query)
    try {
      const items = await valuesAt(client, url, signal)
      if (items.length > 0) return items
    } catch (error) {
      if (isUnserved(error)) continue
      throw failure(api, messageOf(error), error)
    }
    throw new Error(`no metrics returned from ${api}`)
  }
  throw failure(api, 'no custom metrics API (custom.metrics.k8s.io) registered')
}

/** Values from outside the cluster, in thousandths. */
export async function externalValues(
  { client, signal, namespace }: MetricSource,
  { name, selector }: MetricIdentifier,
): Promise<readonly number[]> {
  const path = `/apis/external.metrics.k8s.io/v1beta1/namespaces/${namespace}`
  const labelSelector = selector ? formatSelector(selectorFromObject(selector)) : ''
  const query = { ...(labelSelector && { labelSelector }) }
  const url = urlOf(`${path}/${encodeURIComponent(name)}`, query)
  const resource = { group: 'external.metrics.k8s.io', plural: name }
  const items = await asked('external metrics API', resource, () => valuesAt(client, url, signal))
  if (items.length === 0) throw new Error('no metrics returned from external metrics API')
  return items.map(({ value }) => Number(milliValue(value)))
}

function metricSelector(selector: MetricIdentifier['selector']) {
  const text = selector ? formatSelector(selectorFromObject(selector)) : ''
  return text ? { metricLabelSelector: text } : {}
}

function urlOf(path: string, query: Readonly<Record<string, string>>): string {
  const text = new URLSearchParams(query).toString()
  return text ? `${path}?${text}` : path
}

async function valuesAt(
  client: Client,
  url: string,
  signal: AbortSignal,
): Promise<readonly MetricValue[]> {
  const body = await client.raw(url, { accept: 'application/json', signal })
  return (JSON.parse(body.toString()) as { items?: MetricValue[] | null }).items ?? []
}

interface Named {
  readonly group: string
  readonly plural?: string
}

async function asked<T>(api: string, { group, plural }: Named, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    const missing = `the server could not find the requested resource (get ${plural}.${group})`
    throw failure(api, isUnserved(error) ? missing : messageOf(error), error)
  }
}

const failure = (api: string, why: string, cause?: unknown): Error =>
  new Error(`unable to fetch metrics from ${api}: ${why}`, { cause })

/** Nobody serves the group; about a metric that is missing its server would say more. */
const isUnserved = (error: unknown): boolean =>
  isReason(error, 'NotFound') && error.message.includes('the server answered 404')
