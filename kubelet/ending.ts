/** Decides whether a pod is on its way out, and why. */
import type { Pod } from '#api/kinds/core/pod.ts'
import { timeToEpoch } from '#api/time.ts'
import { type ContainerView, hasEndedForGood } from './container-view.ts'
import { graceMs } from './plan.ts'
import type { Ending } from './plan-ending.ts'

/** What ends a pod although nobody asked for it and its containers go on. */
export interface Failed {
  readonly reason: string
  readonly message: string
  /** That of the pod unless given. */
  readonly graceSeconds?: number | undefined
  readonly disruptionReason?: string | undefined
  readonly isRefused?: boolean | undefined
}

export interface EndingInput {
  readonly pod: Pod
  /** The API server does not have it any more. */
  readonly isGone: boolean
  readonly views: readonly ContainerView[]
  /** Found by this node: refused, evicted, or shut down with the node. */
  readonly failed: Failed | undefined
  /** What was decided before. */
  readonly previous: Ending | undefined
  readonly nowMs: number
}

/** A second at least, however it is deleted: the containers were promised a word. */
const GRACE_MIN_MS = 1000

export function endingOf(input: EndingInput): Ending | undefined {
  const { pod, previous, nowMs } = input
  const { metadata } = pod
  if (input.isGone) {
    if (previous) return { ...previous, cause: 'gone' }
    const deadlineMs = nowMs + Math.max(graceMs(pod), GRACE_MIN_MS)
    return { cause: 'gone', sinceMs: nowMs, deadlineMs }
  }
  if (metadata.deletionTimestamp) {
    const seconds = metadata.deletionGracePeriodSeconds ?? 0
    const graceNowMs = Math.max(seconds * 1000, GRACE_MIN_MS)
    // Asked again for a shorter one, the grace counts from the first time.
    const sinceMs = previous?.sinceMs ?? nowMs
    const latestMs = previous?.deadlineMs ?? Infinity
    const deadlineMs = Math.min(sinceMs + graceNowMs, latestMs)
    return { ...previous, cause: 'deleted', sinceMs, deadlineMs }
  }
  return previous ?? ownEnding(input)
}

function ownEnding({ pod, views, failed, nowMs }: EndingInput): Ending | undefined {
  const { phase, reason, message } = pod.status
  const deadlineMs = nowMs + graceMs(pod)
  if (phase === 'Succeeded' || phase === 'Failed') {
    return { cause: 'completed', sinceMs: nowMs, deadlineMs, reason, message }
  }
  // What was decided before a restart of ours stands in the status.
  const decided = failed ?? (reason ? { reason, message: message ?? '' } : undefined)
  if (decided) {
    const { graceSeconds, ...why }: Failed = decided
    const ownMs = graceSeconds === undefined ? deadlineMs : nowMs + graceSeconds * 1000
    return { cause: 'failed', sinceMs: nowMs, deadlineMs: ownMs, ...why }
  }
  const late = deadlineOf(pod)
  if (late !== undefined && late <= nowMs) {
    const why = { reason: 'DeadlineExceeded', message: deadlineText }
    return { cause: 'failed', sinceMs: nowMs, deadlineMs, ...why }
  }
  return isDone(pod, views) ? { cause: 'completed', sinceMs: nowMs, deadlineMs } : undefined
}

const deadlineText = 'Pod was active on the node longer than the specified deadline'

/** When the pod has been active for as long as it may be. */
export function deadlineOf({ spec, status }: Pod): number | undefined {
  const { activeDeadlineSeconds: seconds } = spec
  if (seconds === undefined || !status.startTime) return undefined
  return (timeToEpoch(status.startTime).seconds + seconds) * 1000
}

/** All that was to run has run, or what has to come first has failed for good. */
export function isDone(pod: Pod, views: readonly ContainerView[]): boolean {
  const hasFailedInit = views.some(
    (view) => view.role === 'init' && view.end?.exitCode !== 0 && hasEndedForGood(pod, view),
  )
  const main = views.filter(({ role }) => role === 'main')
  const areMainIdle = main.every(({ isRunning, memory }) => !isRunning && !memory.job)
  if (hasFailedInit) return areMainIdle
  return main.length > 0 && main.every((view) => hasEndedForGood(pod, view))
}
