/** Everything known about one container of a pod, brought together: spec, runtime, API, memory. */
import type { Pod } from '#api/kinds/core/pod.ts'
import type { ContainerStatus } from '#api/parts/core/container-status.ts'
import { timeToEpoch } from '#api/time.ts'
import { heldUntil } from './back-off.ts'
import { containersOf, isRestarted, type PodContainer } from './pod-containers.ts'
import { type ContainerMemory, memoryOf, type PodMemory, type Run } from './pod-memory.ts'
import type { ObservedContainer, ObservedPod } from './runtime.ts'

export interface ContainerView extends PodContainer {
  readonly name: string
  readonly memory: ContainerMemory
  /** The newest one that the runtime has. */
  readonly current: ObservedContainer | undefined
  /** The newest one before that. */
  readonly previous: ObservedContainer | undefined
  /** What the API says, as it was reported last. */
  readonly reported: ContainerStatus | undefined
  readonly isRunning: boolean
  /** How the last run ended, if there was one and none runs. */
  readonly end: End | undefined
  readonly nextAttempt: number
}

interface End {
  readonly exitCode: number
  readonly finishedAtMs: number
  /** The runtime does not know the container any more: only the API says that there was one. */
  readonly isLost: boolean
  readonly sandboxId: string | undefined
}

/** A container that vanished while it ran, such as by a fresh start of the whole engine. */
export const LOST_EXIT_CODE = 137
/** Of a container that could not be started, where the runtime says nothing better. */
export const START_FAILED_EXIT_CODE = 128

export function viewsOf(pod: Pod, observed: ObservedPod, memory: PodMemory): ContainerView[] {
  const reported = reportedStatuses(pod)
  const byName = Map.groupBy(observed.containers, ({ name }) => name)
  return containersOf(pod).map((each) => {
    const { name } = each.container
    const found = (byName.get(name) ?? []).toSorted((a, b) => b.attempt - a.attempt)
    const [current, previous] = found
    const status = reported.get(name)
    return {
      ...each,
      name,
      memory: memoryOf(memory, name),
      current,
      previous,
      reported: status,
      isRunning: found.some(({ state }) => state === 'running'),
      end: current ? endOf(current) : lostEnd(status),
      nextAttempt: nextAttempt(current, status),
    }
  })
}

/** Facts about the run that goes on; what the API says is good enough after a restart of ours. */
export function runOf({ current, memory, container, reported }: ContainerView): Run | undefined {
  if (current?.state !== 'running') return undefined
  if (memory.run?.id === current.id) return memory.run
  const isReported = idIn(reported?.containerID) === current.id
  // Where there is a probe, what it has found before holds until it finds something else.
  const isStarted = !container.startupProbe || (isReported && reported?.started === true)
  const isReady = !container.readinessProbe || (isReported && reported?.ready === true)
  return { id: current.id, isStarted, isReady: isReady && isStarted }
}

/** Until when a container that has crashed waits before it begins again. */
export function crashDelayUntil({ end, memory }: ContainerView, nowMs: number): number | undefined {
  return end && heldUntil(memory.crashes, end.finishedAtMs, nowMs)
}

/** It has ended, and begins again: its policy says so, or it was stopped for just that. */
export function shallRestart(pod: Pod, view: ContainerView): boolean {
  const { end, memory, current } = view
  if (!end) return false
  if (current && memory.restartOf === current.id) return true
  return isRestarted(pod, view, end.exitCode)
}

/** It has ended for good, as far as its own policy goes. */
export function hasEndedForGood(pod: Pod, view: ContainerView): boolean {
  const { end, isRunning, memory } = view
  return end !== undefined && !isRunning && !memory.job && !shallRestart(pod, view)
}

/** Without the name of the runtime in front. */
export const idIn = (containerId: string | undefined): string | undefined =>
  containerId?.split('://')[1]

function reportedStatuses({ status }: Pod): ReadonlyMap<string, ContainerStatus> {
  const all = [
    ...(status.initContainerStatuses ?? []),
    ...(status.containerStatuses ?? []),
    ...(status.ephemeralContainerStatuses ?? []),
  ]
  return new Map(all.map((each) => [each.name, each]))
}

function endOf(container: ObservedContainer): End | undefined {
  const { state, exitCode, finishedAtMs, createdAtMs, sandboxId } = container
  if (state !== 'exited' && state !== 'failed') return undefined
  const code = exitCode ?? START_FAILED_EXIT_CODE
  const at = finishedAtMs ?? createdAtMs
  return { exitCode: code, finishedAtMs: at, isLost: false, sandboxId }
}

function lostEnd(status: ContainerStatus | undefined): End | undefined {
  const terminated = status?.state?.terminated ?? status?.lastState?.terminated
  if (status?.state?.terminated || (status?.state?.waiting && terminated)) {
    const { exitCode, finishedAt } = terminated!
    const finishedAtMs = finishedAt ? timeToEpoch(finishedAt).seconds * 1000 : 0
    return { exitCode, finishedAtMs, isLost: true, sandboxId: undefined }
  }
  if (!status?.state?.running) return undefined
  return { exitCode: LOST_EXIT_CODE, finishedAtMs: 0, isLost: true, sandboxId: undefined }
}

function nextAttempt(
  current: ObservedContainer | undefined,
  status: ContainerStatus | undefined,
): number {
  if (current) return current.state === 'created' ? current.attempt : current.attempt + 1
  return status?.containerID ? status.restartCount + 1 : 0
}
