/** How many pods a metric asks for: what pods that are new, missing or not ready count. Pure. */
import { findCondition } from '#api/conditions.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { milliValue } from '#api/quantity.ts'
import { isReady, timeToMs } from '../pods.ts'
import type { AutoscalerSettings } from './autoscaler-settings.ts'

/** Of one pod, in thousandths. */
export interface Sample {
  readonly value: number
  readonly timestampMs: number
  readonly windowMs: number
}

export type Samples = ReadonlyMap<string, Sample>

/** How far off the target is still good, as a share of it. */
export interface Tolerances {
  readonly down: number
  readonly up: number
}

export interface Settings extends Starting {
  readonly tolerances: Tolerances
}

/** When pods are still starting. */
interface Starting extends Pick<AutoscalerSettings, 'cpuInitializationMs' | 'readinessDelayMs'> {
  readonly nowMs: number
}

export interface Proposal {
  readonly replicas: number
  /** In percent of what is requested. */
  readonly utilization?: number
  /** For each pod, or as a whole, in thousandths. */
  readonly usage: number
}

const FULL_PERCENT = 100

const isWithin = (ratio: number, { down, up }: Tolerances): boolean =>
  1 - down <= ratio && ratio <= 1 + up

interface Groups {
  readonly ready: number
  readonly unready: readonly string[]
  readonly missing: readonly string[]
  readonly ignored: readonly string[]
}

function grouped(
  pods: readonly Pod[],
  samples: Samples,
  resource: string,
  starting: Starting,
): Groups {
  const [unready, missing, ignored]: [string[], string[], string[]] = [[], [], []]
  let ready = 0
  for (const pod of pods) {
    const { name, deletionTimestamp } = pod.metadata
    const sample = samples.get(name)
    if (deletionTimestamp || pod.status.phase === 'Failed') ignored.push(name)
    else if (pod.status.phase === 'Pending') unready.push(name)
    else if (!sample) missing.push(name)
    else if (resource === 'cpu' && isStarting(pod, sample, starting)) unready.push(name)
    else ready++
  }
  return { ready, unready, missing, ignored }
}

/** Whether the sample says more about the start of the pod than about its work. */
/** Containers that start need more than they will. */
function isStarting(
  { status }: Pod,
  { timestampMs, windowMs }: Sample,
  { cpuInitializationMs, readinessDelayMs, nowMs }: Starting,
): boolean {
  const condition = findCondition(status.conditions, 'Ready')
  const startedAt = timeToMs(status.startTime)
  if (!condition || startedAt === undefined) return true
  const changedAt = timeToMs(condition.lastTransitionTime) ?? 0
  const isUnready = condition.status === 'False'
  if (startedAt + cpuInitializationMs > nowMs) {
    return isUnready || timestampMs < changedAt + windowMs
  }
  // It has never been ready.
  return isUnready && startedAt + readinessDelayMs > changedAt
}

interface Ratio {
  readonly ratio: number
  readonly utilization?: number
  readonly usage: number
}

/** How a metric of every pod is compared with its target. */
interface Measure {
  readonly resource: string
  readonly ratioOf: (samples: Samples) => Ratio
  /** What a pod without sample counts when there seem to be too many pods. */
  readonly missingValue: (name: string) => number
}

const NO_PODS = 'no pods returned by selector while calculating replica count'

function proposal(
  pods: readonly Pod[],
  all: Samples,
  current: number,
  { resource, ratioOf, missingValue }: Measure,
  settings: Settings,
): Proposal {
  if (pods.length === 0) throw new Error(NO_PODS)
  const { tolerances, nowMs } = settings
  const { ready, unready, missing, ignored } = grouped(pods, all, resource, settings)
  const left = new Set([...unready, ...ignored])
  const samples = new Map([...all].filter(([name]) => !left.has(name)))
  if (samples.size === 0) {
    throw new Error('did not receive metrics for targeted pods (pods might be unready)')
  }
  const { ratio, ...seen } = ratioOf(samples)
  const isUp = ratio > 1
  const countsUnready = unready.length > 0 && isUp
  if (!countsUnready && missing.length === 0) {
    return { ...seen, replicas: isWithin(ratio, tolerances) ? current : Math.ceil(ratio * ready) }
  }
  // Whatever is not known speaks against a change.
  const add = (name: string, value: number): void => {
    samples.set(name, { value, timestampMs: nowMs, windowMs: 0 })
  }
  if (ratio !== 1) for (const name of missing) add(name, isUp ? 0 : missingValue(name))
  if (countsUnready) for (const name of unready) add(name, 0)
  const { ratio: careful } = ratioOf(samples)
  const isTurned = (ratio < 1 && careful > 1) || (ratio > 1 && careful < 1)
  if (isWithin(careful, tolerances) || isTurned) return { ...seen, replicas: current }
  const replicas = Math.ceil(careful * samples.size)
  const isAgainst = (careful < 1 && replicas > current) || (careful > 1 && replicas < current)
  return { ...seen, replicas: isAgainst ? current : replicas }
}

/** By a share of what the pods request. */
export function byUtilization(
  pods: readonly Pod[],
  samples: Samples,
  current: number,
  target: { readonly resource: string; readonly container: string; readonly percent: number },
  settings: Settings,
): Proposal {
  const { resource, container, percent } = target
  if (pods.length === 0) throw new Error(NO_PODS)
  const requests = requestsOf(pods, resource, container)
  const ratioOf = (some: Samples): Ratio => {
    let [used, requested, count] = [0, 0, 0]
    for (const [name, { value }] of some) {
      const request = requests.get(name)
      if (request === undefined) continue
      used += value
      requested += request
      count++
    }
    if (requested === 0) throw new Error('no metrics returned matched known pods')
    const utilization = Math.trunc((used * FULL_PERCENT) / requested)
    return { ratio: utilization / percent, utilization, usage: Math.trunc(used / count) }
  }
  const share = Math.max(FULL_PERCENT, percent) / FULL_PERCENT
  const missingValue = (name: string): number => (requests.get(name) ?? 0) * share
  return proposal(pods, samples, current, { resource, ratioOf, missingValue }, settings)
}

/** By a value that each pod should have. `resource` is empty for metrics that are none. */
export function byAverage(
  pods: readonly Pod[],
  samples: Samples,
  current: number,
  target: { readonly resource: string; readonly value: number },
  settings: Settings,
): Proposal {
  const ratioOf = (some: Samples): Ratio => {
    const total = [...some.values()].reduce((sum, { value }) => sum + value, 0)
    const usage = Math.trunc(total / some.size)
    return { ratio: usage / target.value, usage }
  }
  const measure = { resource: target.resource, ratioOf, missingValue: () => target.value }
  return proposal(pods, samples, current, measure, settings)
}

/** By the value of something else as a whole. */
export function byValue(
  pods: readonly Pod[],
  usage: number,
  current: number,
  target: number,
  { tolerances }: Settings,
): Proposal {
  const ratio = usage / target
  if (current === 0) return { replicas: Math.ceil(ratio), usage }
  if (isWithin(ratio, tolerances)) return { replicas: current, usage }
  if (pods.length === 0) throw new Error(`unable to calculate ready pods: ${NO_PODS}`)
  const ready = pods.filter((pod) => pod.status.phase === 'Running' && isReady(pod)).length
  return { replicas: Math.ceil(ratio * ready), usage }
}

/** By the value of something else, shared by all pods. */
export function byShare(
  usage: number,
  current: number,
  target: number,
  { tolerances }: Settings,
): Proposal {
  const ratio = usage / (target * current)
  const replicas = isWithin(ratio, tolerances) ? current : Math.ceil(usage / target)
  return { replicas, usage: current === 0 ? usage : Math.ceil(usage / current) }
}

/** In thousandths, by pod. */
function requestsOf(
  pods: readonly Pod[],
  resource: string,
  container: string,
): ReadonlyMap<string, number> {
  return new Map(pods.map((pod) => [pod.metadata.name, requestOf(pod, resource, container)]))
}

function requestOf({ metadata, spec }: Pod, resource: string, container: string): number {
  const ofPod = container ? undefined : spec.resources?.requests?.[resource]
  if (ofPod !== undefined) return Number(milliValue(ofPod))
  const sidecars = (spec.initContainers ?? []).filter((each) => each.restartPolicy === 'Always')
  const containers = [...(spec.containers ?? []), ...sidecars]
  const counted = containers.filter(({ name }) => !container || name === container)
  if (container && counted.length === 0) {
    throw new Error(`container ${container} not found in Pod ${metadata.name}`)
  }
  return counted.reduce((sum, { name, resources }) => {
    const request = resources.requests?.[resource]
    if (request !== undefined) return sum + Number(milliValue(request))
    const where = `container ${name} of Pod ${metadata.name}`
    throw new Error(`missing request for ${resource} in ${where}`)
  }, 0)
}
