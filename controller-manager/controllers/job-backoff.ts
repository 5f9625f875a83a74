/** How long a Job waits before it replaces pods that have failed. */
import type { Job } from '#api/kinds/batch/job.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { allFailuresOf } from './job-failures.ts'
import { finishedAtMs, hasFailed, indexWithin, isIndexed } from './job-pods.ts'

const DELAY_MS = 10_000
const DELAY_MAX_MS = 600_000
/** One failure more makes the delay no longer. */
const FAILURES_MAX = 8

/** A pod that has ended, remembered because it may be gone before the delay is over. */
export interface FinishedPod {
  readonly uid: string
  readonly atMs: number
  readonly hasFailed: boolean
}

/** The last success, and the failures since then, the latest of them. */
export function recentlyFinished(
  known: readonly FinishedPod[],
  pods: readonly Pod[],
  job: Job,
): readonly FinishedPod[] {
  const all = new Map(known.map((each) => [each.uid, each]))
  for (const each of pods.flatMap((pod) => finishedOf(pod, job))) all.set(each.uid, each)
  const byTime = [...all.values()].toSorted((a, b) => a.atMs - b.atMs)
  const success = byTime.findLast((each) => !each.hasFailed)
  const failures = byTime.filter(
    (each) => each.hasFailed && each.atMs >= (success?.atMs ?? Number.NEGATIVE_INFINITY),
  )
  return [...(success ? [success] : []), ...failures.slice(-FAILURES_MAX)]
}

function finishedOf(pod: Pod, job: Job): FinishedPod[] {
  const isFailure = hasFailed(pod, job)
  if (!isFailure && pod.status.phase !== 'Succeeded') return []
  if (isIndexed(job) && indexWithin(pod, job) === undefined) return []
  return [{ uid: pod.metadata.uid, atMs: finishedAtMs(pod), hasFailed: isFailure }]
}

/** How long pods are not replaced yet; zero when they may be. */
export function backoffMs(finished: readonly FinishedPod[], nowMs: number): number {
  const failures = finished.filter((each) => each.hasFailed)
  return remainingMs(failures.length, failures.at(-1)?.atMs ?? 0, nowMs)
}

/** The same for one index, whose last pod was this one. */
export const indexBackoffMs = (last: Pod | undefined, nowMs: number): number =>
  last ? remainingMs(allFailuresOf(last) + 1, finishedAtMs(last), nowMs) : 0

function remainingMs(failures: number, lastMs: number, nowMs: number): number {
  if (failures === 0) return 0
  const delay = Math.min(DELAY_MS * 2 ** (failures - 1), DELAY_MAX_MS)
  return Math.max(0, lastMs + delay - nowMs)
}
