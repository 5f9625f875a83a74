/** What is reported about each container of a pod. */

import type { Pod } from '#api/kinds/core/pod.ts'
import type {
  ContainerState,
  ContainerStateTerminated,
  ContainerStatus,
} from '#api/parts/core/container-status.ts'
import { epochToTime } from '#api/time.ts'
import { formatDurationMs } from '#daemon/duration.ts'
import {
  type ContainerView,
  crashDelayUntil,
  idIn,
  LOST_EXIT_CODE,
  runOf,
  START_FAILED_EXIT_CODE,
  shallRestart,
} from './container-view.ts'
import type { Waiting } from './pod-memory.ts'
import { type ResizePlan, resourcesInUse } from './pod-resize.ts'
import type { ObservedContainer } from './runtime.ts'

export interface StatusFacts {
  readonly pod: Pod
  /** Such as docker, for the ids of containers. */
  readonly runtime: string
  readonly nowMs: number
  /** Resources of containers whose change has to wait. */
  readonly held: ResizePlan['held']
  /** The pod is on its way out: nothing of it begins again. */
  readonly isEnding: boolean
}

export function containerStatusOf(view: ContainerView, facts: StatusFacts): ContainerStatus {
  const { name, container, current, reported } = view
  const state = stateOf(view, facts)
  const lastState = lastStateOf(view, state, facts)
  const isRunning = state.running !== undefined
  const isReported = current && idIn(reported?.containerID) === current.id
  // Whoever starts it learns of its digest a moment after the container is seen.
  const known = current && view.memory.imageIds?.get(current.id)
  const imageId = known ?? ((isReported && reported?.imageID) || current?.imageId)
  const containerId = current ? idText(current, facts) : reported?.containerID
  return {
    name,
    state,
    lastState: lastState ?? {},
    ...readinessOf(view, isRunning),
    restartCount: current?.attempt ?? reported?.restartCount ?? 0,
    image: current?.image ?? container.image ?? '',
    imageID: imageId ?? reported?.imageID ?? '',
    ...(containerId && { containerID: containerId }),
    ...(isRunning && resourcesOf(view, facts)),
    ...mountsOf(view),
    ...(isRunning && userOf(view, facts.pod)),
    ...(container.lifecycle?.stopSignal && { stopSignal: container.lifecycle.stopSignal }),
  }
}

const crashText = ({ name, memory }: ContainerView, { metadata }: Pod): string =>
  `back-off ${formatDurationMs(memory.crashes?.delayMs ?? 0)} restarting failed ` +
  `container=${name} pod=${metadata.name}_${metadata.namespace}(${metadata.uid})`

const idText = ({ id }: { readonly id: string }, { runtime }: StatusFacts): string =>
  `${runtime}://${id}`

function stateOf(view: ContainerView, facts: StatusFacts): ContainerState {
  const { current, memory, end, reported } = view
  if (current?.state === 'running' && memory.job?.type !== 'start') {
    return { running: { startedAt: timeOf(current.startedAtMs ?? current.createdAtMs) } }
  }
  const waiting = waitingOf(view, facts)
  if (waiting) {
    const { reason, message } = waiting
    return { waiting: { reason, ...(message !== undefined && { message }) } }
  }
  if (current && end) return { terminated: terminatedOf(view, current, facts) }
  return { terminated: reported?.state?.terminated ?? lostOf(reported) }
}

/** Undefined where the end of the last run says more. */
function waitingOf(view: ContainerView, facts: StatusFacts): Waiting | undefined {
  const { end, memory, current } = view
  const { pod, nowMs, isEnding } = facts
  const creating = { reason: creatingReason(view, facts) }
  if (isEnding) return end ? undefined : (memory.failure ?? creating)
  if (memory.failure) return memory.failure
  if (!end) return creating
  if (!shallRestart(pod, view)) return undefined
  const isStarting = memory.job?.type === 'start'
  if (!isStarting && crashDelayUntil(view, nowMs) !== undefined) {
    return { reason: 'CrashLoopBackOff', message: crashText(view, pod) }
  }
  // What the runtime has lost is about to begin again.
  return current ? undefined : creating
}

function creatingReason({ role }: ContainerView, { pod }: StatusFacts): string {
  if (role !== 'main') return role === 'ephemeral' ? 'ContainerCreating' : 'PodInitializing'
  return (pod.spec.initContainers ?? []).length > 0 ? 'PodInitializing' : 'ContainerCreating'
}

function lastStateOf(
  view: ContainerView,
  state: ContainerState,
  facts: StatusFacts,
): ContainerState | undefined {
  const { current, previous, reported } = view
  const hasEnded = current && current.state !== 'running' && current.state !== 'created'
  const last = !state.terminated && hasEnded ? current : previous
  if (last && last.state !== 'running' && last.state !== 'created') {
    return { terminated: terminatedOf(view, last, facts) }
  }
  if (!reported) return undefined
  // The runtime has forgotten the run before; what was reported about it still holds.
  const isSameRun = !current || reported.containerID === idText(current, facts)
  if (isSameRun && (current || state.terminated)) return filled(reported.lastState)
  if (!current && reported.state?.running) return { terminated: lostOf(reported) }
  const before = reported.state?.terminated ?? reported.lastState?.terminated
  return before && { terminated: before }
}

const filled = (state: ContainerState | undefined): ContainerState | undefined =>
  state?.terminated ? state : undefined

function terminatedOf(
  { memory }: ContainerView,
  container: ObservedContainer,
  facts: StatusFacts,
): ContainerStateTerminated {
  const { id, state, startedAtMs, finishedAtMs, createdAtMs, signal, error } = container
  const exitCode = container.exitCode ?? START_FAILED_EXIT_CODE
  const message = memory.lastWords?.get(id) ?? (state === 'failed' ? error : undefined)
  return {
    exitCode,
    ...(signal && { signal }),
    reason: endReason(container, exitCode),
    ...(message && { message }),
    startedAt: timeOf(state === 'failed' ? 0 : (startedAtMs ?? createdAtMs)),
    finishedAt: timeOf(finishedAtMs ?? createdAtMs),
    containerID: idText(container, facts),
  }
}

function endReason({ state, isOutOfMemory }: ObservedContainer, exitCode: number): string {
  if (state === 'failed') return 'StartError'
  if (isOutOfMemory) return 'OOMKilled'
  return exitCode === 0 ? 'Completed' : 'Error'
}

const unknownEnd = {
  exitCode: LOST_EXIT_CODE,
  reason: 'ContainerStatusUnknown',
  startedAt: null,
  finishedAt: null,
}

function lostOf(reported: ContainerStatus | undefined): ContainerStateTerminated {
  const wasRunning = reported?.state?.running ? ' The container used to be Running' : ''
  return {
    ...unknownEnd,
    message: `The container could not be located when the pod was terminated.${wasRunning}`,
    ...(reported?.containerID && { containerID: reported.containerID }),
  }
}

/** For a pod that is over: what never came to an end is not known to have had one. */
export function asEnded(status: ContainerStatus): ContainerStatus {
  if (status.state?.terminated) return { ...status, ready: false, started: false }
  return {
    ...status,
    ready: false,
    started: false,
    state: {
      terminated: {
        ...unknownEnd,
        message: 'The container could not be located when the pod was terminated',
      },
    },
  }
}

function readinessOf(
  view: ContainerView,
  isRunning: boolean,
): Pick<ContainerStatus, 'ready' | 'started'> {
  const { role, end } = view
  if (role === 'ephemeral') return { ready: false }
  if (role === 'init') return { ready: !isRunning && end?.exitCode === 0, started: isRunning }
  const run = isRunning ? runOf(view) : undefined
  const isStarted = run?.isStarted ?? false
  return { ready: isStarted && run!.isReady, started: isStarted }
}

/** Granted is what is wanted, unless the node has no room for a change. */
function resourcesOf(
  view: ContainerView,
  { held }: StatusFacts,
): Pick<ContainerStatus, 'resources' | 'allocatedResources'> {
  const { requests, limits } = resourcesInUse(view)
  const granted = (held.get(view.name) ?? view.container.resources).requests ?? {}
  return {
    ...(Object.keys(granted).length > 0 && { allocatedResources: granted }),
    resources: { ...(limits && { limits }), ...(requests && { requests }) },
  }
}

function mountsOf({ container }: ContainerView): Pick<ContainerStatus, 'volumeMounts'> {
  const mounts = container.volumeMounts ?? []
  if (mounts.length === 0) return {}
  return {
    volumeMounts: mounts.map(({ name, mountPath, readOnly }) => ({
      name,
      mountPath,
      ...(readOnly && { readOnly, recursiveReadOnly: 'Disabled' as const }),
    })),
  }
}

/** Known for sure only where the spec says both; the image decides otherwise. */
function userOf({ container }: ContainerView, { spec }: Pod): Pick<ContainerStatus, 'user'> {
  const { securityContext: own } = container
  const { securityContext: shared } = spec
  const uid = own?.runAsUser ?? shared?.runAsUser
  const gid = own?.runAsGroup ?? shared?.runAsGroup
  if (uid === undefined || gid === undefined) return {}
  const extra = [...(shared?.supplementalGroups ?? []), shared?.fsGroup]
  const groups = new Set([gid, ...extra].filter((each) => each !== undefined))
  return { user: { linux: { uid, gid, supplementalGroups: [...groups] } } }
}

const timeOf = (ms: number): string => epochToTime(Math.floor(ms / 1000))
