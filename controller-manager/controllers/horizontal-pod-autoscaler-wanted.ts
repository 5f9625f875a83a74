/** What the metrics of an autoscaler ask for together: the most that any of them does. */
import type { HorizontalPodAutoscaler } from '#api/kinds/autoscaling/horizontal-pod-autoscaler.ts'
import { Scale } from '#api/kinds/autoscaling/scale.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { formatSelector, type LabelSelector, parseLabelSelector } from '#api/label-selector.ts'
import type { MetricSpec } from '#api/parts/autoscaling/metric-source.ts'
import type { MetricStatus } from '#api/parts/autoscaling/metric-status.ts'
import { qualified } from '#api/status.ts'
import type { ReconcileContext } from '#client/controller.ts'
import { keyOf, referenceFromKey } from '#client/resource.ts'
import type { DiscoveredResource } from '../discovered-resources.ts'
import type { FoundResources } from '../found-resources.ts'
import { messageOf } from '../pods.ts'
import {
  MetricError,
  type MetricResult,
  resultOf,
  type Workload,
} from './horizontal-pod-autoscaler-proposals.ts'
import type { Settings } from './horizontal-pod-autoscaler-replicas.ts'

export interface Said {
  readonly reason: string
  readonly message: string
}

export interface Wanted {
  /** Undefined when the metrics do not say. */
  readonly replicas: number | undefined
  /** The one that decided. */
  readonly metric: string
  readonly metrics: readonly MetricStatus[]
  readonly condition: Said & { readonly status: 'True' | 'False' }
  readonly warnings: readonly Said[]
}

/** Pure. Where a metric fails the others may still ask for more pods, but never for fewer. */
export function combined(
  results: readonly (MetricResult | MetricError)[],
  specReplicas: number,
): Wanted {
  const failures = results.filter((each) => each instanceof MetricError)
  const found = results.filter((each): each is MetricResult => !(each instanceof MetricError))
  const [first] = failures
  const best = found.reduce<MetricResult | undefined>(
    (most, each) => (most && most.replicas >= each.replicas && most.replicas !== 0 ? most : each),
    undefined,
  )
  // In the order of the metrics, also where one has nothing to show.
  const metrics = results.map((each) =>
    each instanceof MetricError ? ({ type: '' } as unknown as MetricStatus) : each.status,
  )
  const warnings = failures.map(({ reason, message }) => ({ reason, message }))
  if (first && (!best || best.replicas < specReplicas)) {
    const counts = `${failures.length} invalid out of ${results.length}`
    const all = `invalid metrics (${counts}), first error is: ${first.message}`
    const why = `the HPA was unable to compute the replica count: ${first.message}`
    return {
      replicas: undefined,
      metric: '',
      metrics,
      condition: { status: 'False', reason: first.reason, message: why },
      warnings: [...warnings, { reason: 'FailedComputeMetricsReplicas', message: all }],
    }
  }
  const metric = best?.name ?? ''
  const message = `the HPA was able to successfully calculate a replica count from ${metric}`
  const condition = { status: 'True', reason: 'ValidMetricFound', message } as const
  return { replicas: best?.replicas ?? 0, metric, metrics, condition, warnings }
}

export class Autoscaled {
  readonly #resources: FoundResources
  /** What each autoscaler selects, to find pods that more than one is about. */
  readonly #selectors = new Map<string, LabelSelector>()

  constructor(resources: FoundResources) {
    this.#resources = resources
  }

  forget(key: string): void {
    this.#selectors.delete(key)
  }

  async target(
    { metadata, spec }: HorizontalPodAutoscaler,
    { client, clock, signal }: ReconcileContext,
  ): Promise<{ scale: Scale; resource: DiscoveredResource }> {
    const { kind, name, apiVersion = '' } = spec.scaleTargetRef
    const resource = await this.#resources.of({ apiVersion, kind }, client, clock, { signal })
    if (!resource) {
      const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
      const missing = `no matches for kind ${JSON.stringify(kind)} in group ${JSON.stringify(group)}`
      throw new Error(`unable to determine resource for scale target reference: ${missing}`)
    }
    if (!resource.hasScale) {
      throw new Error(`${qualified(resource)} does not implement the scale subresource`)
    }
    const place = { name, namespace: metadata.namespace }
    const scale = await client.getSubresource(resource, place, 'scale', Scale, { signal })
    return { scale, resource }
  }

  async wanted(
    autoscaler: HorizontalPodAutoscaler,
    scale: Scale,
    settings: Omit<Settings, 'nowMs'>,
    context: ReconcileContext,
  ): Promise<Wanted> {
    const { namespace = '' } = autoscaler.metadata
    const selector = this.#selector(autoscaler, scale, context)
    if ('reason' in selector) return unusable(selector)
    const { client, clock, signal, cached } = context
    const workload: Workload = {
      pods: cached(Pod).matching(selector, namespace),
      selector,
      specReplicas: scale.spec.replicas ?? 0,
      statusReplicas: scale.status.replicas ?? 0,
    }
    const access = {
      context,
      resources: this.#resources,
      source: { client, signal, namespace },
      settings: { ...settings, nowMs: clock.now() },
    }
    const result = async (metric: MetricSpec): Promise<MetricResult | MetricError> => {
      try {
        return await resultOf(metric, workload, access)
      } catch (error) {
        signal.throwIfAborted()
        if (error instanceof MetricError) return error
        throw error
      }
    }
    const results = await Promise.all((autoscaler.spec.metrics ?? []).map(result))
    return combined(results, workload.specReplicas)
  }

  #selector(
    autoscaler: HorizontalPodAutoscaler,
    { status }: Scale,
    { cached }: ReconcileContext,
  ): LabelSelector | Refused {
    const key = keyOf(autoscaler)
    const { namespace = '' } = autoscaler.metadata
    this.#selectors.delete(key)
    if (!status.selector) {
      const message = "the HPA target's scale is missing a selector"
      return {
        reason: 'InvalidSelector',
        message,
        event: 'SelectorRequired',
        text: 'selector is required',
      }
    }
    let selector: LabelSelector
    try {
      selector = parseLabelSelector(status.selector)
    } catch (error) {
      const what = "couldn't convert selector into a corresponding internal selector object"
      const text = `${what}: ${messageOf(error)}`
      return { reason: 'InvalidSelector', message: text, event: 'InvalidSelector', text }
    }
    this.#selectors.set(key, selector)
    const pods = cached(Pod).matching(selector, namespace)
    const rivals = [...this.#selectors].filter(
      ([other, each]) =>
        referenceFromKey(other).namespace === namespace &&
        pods.some(({ metadata }) => each.matches(metadata.labels)),
    )
    if (rivals.length < 2) return selector
    const names = rivals.map(([other]) => `{${referenceFromKey(other).name} ${namespace}}`).sort()
    const text =
      `pods by selector ${formatSelector(selector)} are controlled by multiple HPAs: ` +
      `[${names.join(' ')}]`
    return { reason: 'AmbiguousSelector', message: text, event: 'AmbiguousSelector', text }
  }
}

/** Why pods cannot be told by the selector: as the condition has it, and as the event does. */
interface Refused extends Said {
  readonly event: string
  readonly text: string
}

const unusable = ({ reason, message, event, text }: Refused): Wanted => ({
  replicas: undefined,
  metric: '',
  metrics: [],
  condition: { status: 'False', reason, message },
  warnings: [
    { reason: event, message: text },
    { reason: 'FailedComputeMetricsReplicas', message: text },
  ],
})
