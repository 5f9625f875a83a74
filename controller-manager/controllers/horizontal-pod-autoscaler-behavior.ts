/** How fast and how steadily numbers of pods may change. Pure, over what was decided before. */
import type {
  HorizontalPodAutoscalerBehavior,
  HPAScalingRules,
} from '#api/parts/autoscaling/scaling-behavior.ts'

/** What was decided, or done, and when. */
interface Dated {
  readonly atMs: number
  readonly replicas: number
}

export interface History {
  /** What the metrics asked for. */
  readonly recommendations: readonly Dated[]
  /** By how many pods the workload was scaled. */
  readonly scaledUp: readonly Dated[]
  readonly scaledDown: readonly Dated[]
}

export const noHistory: History = { recommendations: [], scaledUp: [], scaledDown: [] }

export interface Wish {
  readonly current: number
  readonly desired: number
  readonly min: number
  readonly max: number
}

/** One step on the way, with why it is as it is. */
export interface Step {
  readonly replicas: number
  readonly isLimited: boolean
  readonly reason: string
  readonly message: string
}

const SCALE_UP_FACTOR = 2
const SCALE_UP_MIN = 4
const KEPT_MS = 3_600_000

const tooFast = (direction: 'increasing' | 'decreasing'): string =>
  `the desired replica count is ${direction} faster than the maximum scale rate`
const TOO_FEW = 'the desired replica count is less than the minimum replica count'
const TOO_MANY = 'the desired replica count is more than the maximum replica count'

const limited = (replicas: number, reason: string, message: string): Step => ({
  replicas,
  isLimited: true,
  reason,
  message,
})

const inRange = (replicas: number): Step => ({
  replicas,
  isLimited: false,
  reason: 'DesiredWithinRange',
  message: 'the desired count is within the acceptable range',
})

type Behavior = HorizontalPodAutoscalerBehavior | undefined

/** When it is, and how far to look back where an autoscaler does not say. */
interface Moment {
  readonly nowMs: number
  readonly downWindowMs: number
}

/** Against flapping: the steadiest of what was asked for lately. */
export function stabilized(
  { current, desired }: Wish,
  behavior: Behavior,
  { recommendations }: History,
  { nowMs, downWindowMs }: Moment,
): Step {
  const since = (durationMs: number): number[] =>
    recommendations.filter(({ atMs }) => atMs > nowMs - durationMs).map((each) => each.replicas)
  const highest = Math.max(desired, ...since(windowOf(behavior?.scaleDown) ?? downWindowMs))
  const lowest = Math.min(desired, ...since(windowOf(behavior?.scaleUp) ?? 0))
  const replicas = behavior ? Math.min(Math.max(current, lowest), highest) : highest
  if (replicas === desired) {
    const message = 'recommended size matches current size'
    return { replicas, isLimited: false, reason: 'ReadyForNewScale', message }
  }
  if (behavior && desired >= current) {
    const message =
      'recent recommendations were lower than current one, applying the lowest recent recommendation'
    return limited(replicas, 'ScaleUpStabilized', message)
  }
  const message =
    'recent recommendations were higher than current one, applying the highest recent recommendation'
  return limited(replicas, 'ScaleDownStabilized', message)
}

const windowOf = (rules: Rules): number | undefined =>
  rules?.stabilizationWindowSeconds === undefined
    ? undefined
    : rules.stabilizationWindowSeconds * 1000

/** Within the bounds, and not faster than allowed. */
export function bounded(wish: Wish, behavior: Behavior, history: History, nowMs: number): Step {
  if (!behavior) return boundedByDefault(wish)
  const { current, desired, min, max } = wish
  if (desired > current) {
    const limit = Math.max(current, upLimit(current, behavior.scaleUp, history, nowMs))
    if (desired <= Math.min(max, limit)) return inRange(desired)
    if (max > limit) return limited(limit, 'ScaleUpLimit', tooFast('increasing'))
    return limited(max, 'TooManyReplicas', TOO_MANY)
  }
  if (desired < current) {
    const limit = Math.min(current, downLimit(current, behavior.scaleDown, history, nowMs))
    if (desired >= Math.max(min, limit)) return inRange(desired)
    if (min < limit) return limited(limit, 'ScaleDownLimit', tooFast('decreasing'))
    return limited(min, 'TooFewReplicas', TOO_FEW)
  }
  return inRange(desired)
}

function boundedByDefault({ current, desired, min, max }: Wish): Step {
  const limit = Math.max(SCALE_UP_FACTOR * current, SCALE_UP_MIN)
  if (desired < min) return limited(min, 'TooFewReplicas', TOO_FEW)
  if (desired <= Math.min(max, limit)) return inRange(desired)
  if (max > limit) return limited(limit, 'ScaleUpLimit', tooFast('increasing'))
  return limited(max, 'TooManyReplicas', TOO_MANY)
}

type Rules = HPAScalingRules | undefined

/** How many there were when the period of a policy began. */
function atStart(
  current: number,
  periodSeconds: number,
  { scaledUp, scaledDown }: History,
  nowMs: number,
): number {
  const changed = (events: readonly Dated[]): number =>
    events
      .filter(({ atMs }) => atMs > nowMs - periodSeconds * 1000)
      .reduce((sum, { replicas }) => sum + replicas, 0)
  return current - changed(scaledUp) + changed(scaledDown)
}

function upLimit(current: number, rules: Rules, history: History, nowMs: number): number {
  if (rules?.selectPolicy === 'Disabled') return current
  const limits = (rules?.policies ?? []).map(({ type, value, periodSeconds }) => {
    const start = atStart(current, periodSeconds, history, nowMs)
    // Rounded up, as a small share of few pods would be none for ever.
    return type === 'Pods' ? start + value : Math.ceil((start * (100 + value)) / 100)
  })
  return rules?.selectPolicy === 'Min' ? Math.min(...limits) : Math.max(...limits)
}

function downLimit(current: number, rules: Rules, history: History, nowMs: number): number {
  if (rules?.selectPolicy === 'Disabled') return current
  const limits = (rules?.policies ?? []).map(({ type, value, periodSeconds }) => {
    const start = atStart(current, periodSeconds, history, nowMs)
    return type === 'Pods' ? start - value : Math.trunc((start * (100 - value)) / 100)
  })
  return rules?.selectPolicy === 'Min' ? Math.max(...limits) : Math.min(...limits)
}

export function withRecommendation(history: History, replicas: number, nowMs: number): History {
  const recommendations = [...recent(history.recommendations, nowMs), { atMs: nowMs, replicas }]
  return { ...history, recommendations }
}

export function withScaling(history: History, from: number, to: number, nowMs: number): History {
  const event = { atMs: nowMs, replicas: Math.abs(to - from) }
  return to > from
    ? { ...history, scaledUp: [...recent(history.scaledUp, nowMs), event] }
    : { ...history, scaledDown: [...recent(history.scaledDown, nowMs), event] }
}

/** No window and no period is longer than what is kept. */
const recent = (entries: readonly Dated[], nowMs: number): readonly Dated[] =>
  entries.filter(({ atMs }) => atMs > nowMs - KEPT_MS)
