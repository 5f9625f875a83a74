/** Scales workloads so that their metrics stay near what they aim for. */
import { findCondition, withCondition } from '#api/conditions.ts'
import {
  HorizontalPodAutoscaler,
  type HorizontalPodAutoscalerCondition,
  type HorizontalPodAutoscalerStatus,
} from '#api/kinds/autoscaling/horizontal-pod-autoscaler.ts'
import { Scale } from '#api/kinds/autoscaling/scale.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import type { MetricStatus } from '#api/parts/autoscaling/metric-status.ts'
import { sameJson } from '#api/patch/same-json.ts'
import { milliValue } from '#api/quantity.ts'
import { epochToTime } from '#api/time.ts'
import { type Controller, defineController, type ReconcileContext } from '#client/controller.ts'
import { keyOf } from '#client/resource.ts'
import type { DiscoveredResource } from '../discovered-resources.ts'
import { FoundResources } from '../found-resources.ts'
import { messageOf } from '../pods.ts'
import { type AutoscalerSettings, usualAutoscaling } from './autoscaler-settings.ts'
import {
  bounded,
  type History,
  noHistory,
  stabilized,
  withRecommendation,
  withScaling,
} from './horizontal-pod-autoscaler-behavior.ts'
import { Autoscaled, type Wanted } from './horizontal-pod-autoscaler-wanted.ts'

/** What is known of one autoscaler besides its object; a restart begins anew, as upstream does. */
interface Memory {
  history: History
  spec: HorizontalPodAutoscaler['spec']
  ranAt: number
}

/** As metrics change while nothing in the API does, each comes again and again. */
export function horizontalPodAutoscalerController(
  settings: AutoscalerSettings = usualAutoscaling,
): Controller {
  const autoscaled = new Autoscaled(new FoundResources())
  const memories = new Map<string, Memory>()
  return defineController<HorizontalPodAutoscaler>({
    name: 'horizontal-pod-autoscaler',
    for: HorizontalPodAutoscaler,
    reads: [Pod],
    async reconcile(autoscaler, context) {
      const key = keyOf(autoscaler)
      const now = context.clock.monotonic()
      const known = memories.get(key)
      // Its own status writes bring it here too.
      const waitMs =
        known && sameJson(known.spec, autoscaler.spec) ? known.ranAt + settings.syncMs - now : 0
      if (waitMs > 0) return { requeueAfterMs: waitMs }
      const memory = { history: noHistory, ...known, spec: autoscaler.spec, ranAt: now }
      memories.set(key, memory)
      await new Run(autoscaler, memory, { autoscaled, settings }, context).run()
      return { requeueAfterMs: settings.syncMs }
    },
    async removed(reference) {
      memories.delete(keyOf(reference))
      autoscaled.forget(keyOf(reference))
    },
  })
}

type Word = 'True' | 'False' | 'Unknown'
type ConditionType = HorizontalPodAutoscalerCondition['type']

/** By all autoscalers. */
interface Shared {
  readonly autoscaled: Autoscaled
  readonly settings: AutoscalerSettings
}

/** One look at an autoscaler. */
class Run {
  readonly #autoscaler: HorizontalPodAutoscaler
  readonly #memory: Memory
  readonly #autoscaled: Autoscaled
  readonly #settings: AutoscalerSettings
  readonly #context: ReconcileContext
  readonly #nowMs: number
  #conditions: readonly HorizontalPodAutoscalerCondition[]

  constructor(
    autoscaler: HorizontalPodAutoscaler,
    memory: Memory,
    { autoscaled, settings }: Shared,
    context: ReconcileContext,
  ) {
    this.#settings = settings
    this.#autoscaler = autoscaler
    this.#memory = memory
    this.#autoscaled = autoscaled
    this.#context = context
    this.#nowMs = context.clock.now()
    this.#conditions = autoscaler.status.conditions ?? []
  }

  async run(): Promise<void> {
    const target = await this.#target()
    if (!target) return this.#writeStatus({})
    const { scale, resource } = target
    const current = scale.spec.replicas ?? 0
    const got = "the HPA controller was able to get the target's current scale"
    this.#say('AbleToScale', 'True', 'SucceededGetScale', got)
    if (this.#memory.history.recommendations.length === 0) this.#remember(current)
    const wanted = await this.#wanted(scale, current)
    if (!wanted) return
    const { replicas, reason, metrics } = wanted
    const isScaled = replicas !== current
    if (isScaled && !(await this.#rescale(resource, scale, replicas, reason))) {
      return this.#writeStatus({ current, metrics })
    }
    await this.#writeStatus({ current, desired: replicas, metrics, isScaled })
  }

  #say(type: ConditionType, status: Word, reason: string, message: string): void {
    const now = epochToTime(Math.floor(this.#nowMs / 1000))
    const known = findCondition(this.#conditions, type)
    const lastTransitionTime = known?.status === status ? known.lastTransitionTime : now
    const next = { type, status, lastTransitionTime, reason, message }
    this.#conditions = withCondition(this.#conditions, next, now)
  }

  #remember(replicas: number): void {
    this.#memory.history = withRecommendation(this.#memory.history, replicas, this.#nowMs)
  }

  async #target(): Promise<{ scale: Scale; resource: DiscoveredResource } | undefined> {
    try {
      return await this.#autoscaled.target(this.#autoscaler, this.#context)
    } catch (error) {
      this.#context.signal.throwIfAborted()
      const why = messageOf(error)
      this.#context.events.warning(this.#autoscaler, 'FailedGetScale', why)
      const message = `the HPA controller was unable to get the target's current scale: ${why}`
      this.#say('AbleToScale', 'False', 'FailedGetScale', message)
      return undefined
    }
  }

  /** How many pods there are to be, and why; undefined when that could not be told. */
  async #wanted(scale: Scale, current: number) {
    const { minReplicas, maxReplicas } = this.#autoscaler.spec
    const as = (replicas: number, reason: string) => ({ replicas, reason, metrics: [] })
    if (current === 0 && minReplicas !== 0) {
      const why = 'scaling is disabled since the replica count of the target is zero'
      this.#say('ScalingActive', 'False', 'ScalingDisabled', why)
      return as(current, '')
    }
    if (current > maxReplicas) {
      return as(maxReplicas, 'Current number of replicas above Spec.MaxReplicas')
    }
    if (current < minReplicas) {
      return as(minReplicas, 'Current number of replicas below Spec.MinReplicas')
    }
    const found = await this.#autoscaled.wanted(
      this.#autoscaler,
      scale,
      { ...this.#settings, tolerances: this.#tolerances() },
      this.#context,
    )
    const { condition } = found
    this.#say('ScalingActive', condition.status, condition.reason, condition.message)
    for (const { reason, message } of found.warnings) {
      this.#context.events.warning(this.#autoscaler, reason, message)
    }
    if (found.replicas === undefined) {
      await this.#writeStatus({ current, metrics: found.metrics })
      return undefined
    }
    return this.#normalized(found, found.replicas, current)
  }

  #tolerances() {
    const { behavior } = this.#autoscaler.spec
    const share = (text: string | undefined): number =>
      text === undefined ? this.#settings.tolerance : Number(milliValue(text)) / 1000
    return { down: share(behavior?.scaleDown?.tolerance), up: share(behavior?.scaleUp?.tolerance) }
  }

  /** Steadied first, then brought within the bounds. */
  #normalized({ metric, metrics }: Wanted, desired: number, current: number) {
    const { behavior, minReplicas: min, maxReplicas: max } = this.#autoscaler.spec
    const { history } = this.#memory
    const wish = { current, desired, min, max }
    const moment = { nowMs: this.#nowMs, downWindowMs: this.#settings.downWindowMs }
    const steady = stabilized(wish, behavior, history, moment)
    this.#remember(desired)
    this.#say('AbleToScale', 'True', steady.reason, steady.message)
    const step = bounded({ ...wish, desired: steady.replicas }, behavior, history, this.#nowMs)
    this.#say('ScalingLimited', step.isLimited ? 'True' : 'False', step.reason, step.message)
    const isUp = desired > current
    const reason = isUp ? `${metric} above target` : 'All metrics below target'
    return { replicas: step.replicas, reason: desired === current ? '' : reason, metrics }
  }

  async #rescale(
    resource: DiscoveredResource,
    scale: Scale,
    replicas: number,
    reason: string,
  ): Promise<boolean> {
    const { client, events, log, signal } = this.#context
    const current = scale.spec.replicas ?? 0
    try {
      const wanted = { ...scale, spec: { ...scale.spec, replicas } }
      await client.updateSubresource(resource, scale, 'scale', Scale, wanted, { signal })
    } catch (error) {
      signal.throwIfAborted()
      const why = messageOf(error)
      const size = `New size: ${replicas}; reason: ${reason}`
      events.warning(this.#autoscaler, 'FailedRescale', `${size}; error: ${why}`)
      const message = `the HPA controller was unable to update the target scale: ${why}`
      this.#say('AbleToScale', 'False', 'FailedUpdateScale', message)
      return false
    }
    const message = `the HPA controller was able to update the target scale to ${replicas}`
    this.#say('AbleToScale', 'True', 'SucceededRescale', message)
    events.normal(this.#autoscaler, 'SuccessfulRescale', `New size: ${replicas}; reason: ${reason}`)
    log.info('workload scaled', { from: current, to: replicas, why: reason })
    this.#memory.history = withScaling(this.#memory.history, current, replicas, this.#nowMs)
    return true
  }

  async #writeStatus({ current, desired, metrics, isScaled = false }: News): Promise<void> {
    const { metadata, status } = this.#autoscaler
    const { lastScaleTime, currentReplicas = 0, desiredReplicas = 0, currentMetrics } = status
    const now = epochToTime(Math.floor(this.#nowMs / 1000))
    const scaledAt = isScaled ? now : lastScaleTime
    const { generation } = metadata
    const next: HorizontalPodAutoscalerStatus = {
      ...(generation !== undefined && { observedGeneration: generation }),
      ...(scaledAt && { lastScaleTime: scaledAt }),
      currentReplicas: current ?? currentReplicas,
      desiredReplicas: desired ?? desiredReplicas,
      currentMetrics: metrics ? [...metrics] : (currentMetrics ?? []),
      conditions: [...this.#conditions],
    }
    await this.#context.client.updateStatus(HorizontalPodAutoscaler, this.#autoscaler, next)
  }
}

interface News {
  readonly current?: number
  readonly desired?: number
  readonly metrics?: readonly MetricStatus[]
  readonly isScaled?: boolean
}
