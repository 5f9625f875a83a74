/** Decides what to do next for a pod: from what is wanted and what there is, to actions. */
import type { Pod } from '#api/kinds/core/pod.ts'
import { containerHash } from './container-hash.ts'
import {
  type ContainerView,
  crashDelayUntil,
  LOST_EXIT_CODE,
  runOf,
  shallRestart,
  viewsOf,
} from './container-view.ts'
import { type Ending, planEnding, planStop } from './plan-ending.ts'
import { isRestarted, restartsAll } from './pod-containers.ts'
import { type Failure, isFailure, type PodMemory } from './pod-memory.ts'
import type { ObservedPod, ObservedSandbox } from './runtime.ts'

export type Action =
  | { readonly type: 'prepareVolumes' }
  | { readonly type: 'startSandbox'; readonly attempt: number }
  | { readonly type: 'stopSandbox'; readonly id: string }
  | { readonly type: 'removeSandbox'; readonly id: string }
  | { readonly type: 'start'; readonly name: string; readonly attempt: number }
  /** Ends what is done for the container now. */
  | { readonly type: 'cancel'; readonly name: string }
  | Stop<'preStop'>
  | Stop<'stop'>
  | { readonly type: 'remove'; readonly id: string }
  | { readonly type: 'resize'; readonly name: string; readonly id: string }

export interface Stop<Type extends string> {
  readonly type: Type
  readonly name: string
  readonly id: string
  /** By then it has to have ended. */
  readonly deadlineMs: number
  /** For the event that tells of it. */
  readonly message: string
  /** It begins again, whatever code it ends with. */
  readonly isRestart: boolean
}

export interface PlanInput {
  readonly pod: Pod
  readonly observed: ObservedPod
  readonly memory: PodMemory
  /** Where the pod is on its way out. */
  readonly ending: Ending | undefined
  readonly nowMs: number
  /** Running containers that were granted other resources than they have. */
  readonly resized: ReadonlyMap<string, 'inPlace' | 'restart'>
}

export interface Plan {
  readonly actions: readonly Action[]
  /** Nothing will happen by itself before: look again then. */
  readonly wakeAtMs: number | undefined
  /** Containers that wait because they have crashed. */
  readonly heldBack: readonly ContainerView[]
  /** Nothing of the pod runs, and nothing will. */
  readonly isStopped: boolean
}

/** Collects actions, and the earliest time to look again. */
export class Draft {
  readonly actions: Action[] = []
  readonly heldBack: ContainerView[] = []
  wakeAtMs: number | undefined

  add(...actions: readonly Action[]): void {
    this.actions.push(...actions)
  }

  wakeAt(atMs: number): void {
    this.wakeAtMs = Math.min(this.wakeAtMs ?? atMs, atMs)
  }

  plan(isStopped: boolean): Plan {
    const { actions, wakeAtMs, heldBack } = this
    return { actions, wakeAtMs, heldBack, isStopped }
  }
}

export function planPod(input: PlanInput): Plan {
  const { pod, observed, memory, ending } = input
  const views = viewsOf(pod, observed, memory)
  const draft = new Draft()
  if (ending) return planEnding({ ...input, ending }, views, draft)
  tidyUp(views, input, draft)
  const sandbox = usableSandbox(pod, observed)
  if (!sandbox || isRestartOfAll(views, sandbox)) planSandbox(views, input, draft)
  else planContainers(views, sandbox, input, draft)
  return draft.plan(false)
}

/** The newest one, if it works: no other can hold containers that start now. */
export function usableSandbox(pod: Pod, { sandboxes }: ObservedPod): ObservedSandbox | undefined {
  const [newest] = newestFirst(sandboxes)
  if (!newest?.isReady) return undefined
  if (newest.ips.length === 0 && !pod.spec.hostNetwork) return undefined
  return newest
}

const newestFirst = (sandboxes: readonly ObservedSandbox[]): readonly ObservedSandbox[] =>
  sandboxes.toSorted((a, b) => b.attempt - a.attempt)

/** The last ended container of each name stays, for its logs; older ones go. */
function tidyUp(views: readonly ContainerView[], { pod, observed }: PlanInput, draft: Draft): void {
  const sandbox = usableSandbox(pod, observed)
  for (const { name, current, previous, memory } of views) {
    for (const each of observed.containers) {
      if (each.name !== name || each.state === 'running' || memory.job) continue
      const isKept = each === current ? !isStale(each, sandbox) : each === previous
      if (!isKept) draft.add({ type: 'remove', id: each.id })
    }
  }
  const [, ...older] = newestFirst(observed.sandboxes)
  for (const { id } of older) {
    const isInUse = observed.containers.some(
      ({ sandboxId, state }) => sandboxId === id && state === 'running',
    )
    if (!isInUse) draft.add({ type: 'removeSandbox', id })
  }
}

/** Made for a sandbox that is gone, and never started: it never can be. */
const isStale = (
  { state, sandboxId }: { readonly state: string; readonly sandboxId: string },
  sandbox: ObservedSandbox | undefined,
): boolean => state === 'created' && sandbox !== undefined && sandboxId !== sandbox.id

/** A rule of one container makes all of them begin again, in a new sandbox. */
const isRestartOfAll = (views: readonly ContainerView[], { id }: ObservedSandbox): boolean =>
  views.some(
    (view) => view.end?.sandboxId === id && !view.isRunning && restartsAll(view, view.end.exitCode),
  )

function planSandbox(views: readonly ContainerView[], input: PlanInput, draft: Draft): void {
  const { pod, observed, memory, nowMs } = input
  const [newest] = newestFirst(observed.sandboxes)
  // What is left of the old sandbox has lost its network: it begins again in a new one.
  const deadlineMs = nowMs + graceMs(pod)
  const running = views.filter(({ isRunning, memory: { job } }) => isRunning || job)
  for (const view of running) {
    const message = stoppingText(view.name)
    planStop(view, { deadlineMs, nowMs, mayStop: true, message, isRestart: false }, draft)
  }
  if (running.length > 0) return
  const ready = observed.sandboxes.filter(({ isReady }) => isReady)
  if (ready.length > 0) {
    if (memory.sandbox !== 'idle' && !isFailure(memory.sandbox)) return
    draft.add(...ready.map(({ id }) => ({ type: 'stopSandbox', id }) as const))
    return
  }
  if (!hasSomethingToStart(pod, views)) return
  if (!areVolumesReady(input, draft) || !isDue(memory.sandbox, nowMs, draft)) return
  draft.add({ type: 'startSandbox', attempt: newest ? newest.attempt + 1 : 0 })
}

const stoppingText = (name: string): string => `Stopping container ${name}`

export const graceMs = ({ spec }: Pod): number => (spec.terminationGracePeriodSeconds ?? 30) * 1000

function hasSomethingToStart(pod: Pod, views: readonly ContainerView[]): boolean {
  return views.some((view) => view.role === 'main' && (!view.end || shallRestart(pod, view)))
}

function areVolumesReady({ memory, nowMs }: PlanInput, draft: Draft): boolean {
  const { volumes } = memory
  if (volumes === 'ready') return true
  if (volumes === 'unknown' || (isFailure(volumes) && volumes.retryAtMs <= nowMs)) {
    draft.add({ type: 'prepareVolumes' })
  } else if (isFailure(volumes)) draft.wakeAt(volumes.retryAtMs)
  return false
}

/** Whether a step may be taken: it is not under way, and not held back by its last failure. */
function isDue(state: string | Failure, nowMs: number, draft: Draft): boolean {
  if (!isFailure(state)) return state === 'idle'
  if (state.retryAtMs <= nowMs) return true
  draft.wakeAt(state.retryAtMs)
  return false
}

function planContainers(
  views: readonly ContainerView[],
  sandbox: ObservedSandbox,
  input: PlanInput,
  draft: Draft,
): void {
  // A kubelet that has just begun knows nothing of volumes, which only a start needs.
  const isReady = areVolumesReady(input, draft)
  const start = (view: ContainerView): void => {
    if (isReady) planStart(view, sandbox, input, draft)
  }
  for (const view of views) planRunning(view, input, draft)
  for (const view of views) if (view.role === 'ephemeral' && !view.end) start(view)
  if (!planInit(views, sandbox, input.pod, start)) return
  for (const view of views) if (view.role === 'main') start(view)
}

/** Starts what is next among the init containers; true once all others may start. */
function planInit(
  views: readonly ContainerView[],
  sandbox: ObservedSandbox,
  pod: Pod,
  start: (view: ContainerView) => void,
): boolean {
  const hasBegun = views.some(
    ({ role, current }) => role === 'main' && current?.sandboxId === sandbox.id,
  )
  for (const view of views) {
    const { role, current, end } = view
    if (role === 'sidecar') {
      start(view)
      if (!hasBegun && !runOf(view)?.isStarted) return false
    } else if (role === 'init' && !hasBegun) {
      const isHere = current?.sandboxId === sandbox.id
      if (isHere && end?.exitCode === 0 && !view.memory.job) continue
      // In a new sandbox even those that succeeded before have to run again.
      if (!end || (!isHere && end.exitCode === 0) || shallRestart(pod, view)) start(view)
      return false
    }
  }
  return true
}

function planStart(
  view: ContainerView,
  sandbox: ObservedSandbox,
  { pod, nowMs }: PlanInput,
  draft: Draft,
): void {
  const { name, isRunning, memory, end, current, role } = view
  if (isRunning || memory.job || (current && isStale(current, sandbox))) return
  const isRepeated = role === 'init' && end?.exitCode === 0
  if (end && !isRepeated && !shallRestart(pod, view)) return
  if (memory.failure && memory.failure.retryAtMs > nowMs) {
    draft.wakeAt(memory.failure.retryAtMs)
    return
  }
  const untilMs = crashDelayUntil(view, nowMs)
  if (untilMs !== undefined) {
    draft.wakeAt(untilMs)
    draft.heldBack.push(view)
    return
  }
  draft.add({ type: 'start', name, attempt: view.nextAttempt })
}

/** Stops what runs and should not go on as it is. */
function planRunning(view: ContainerView, input: PlanInput, draft: Draft): void {
  const { name, isRunning, current, memory } = view
  if (!isRunning || current?.state !== 'running') return
  const { pod, nowMs, resized } = input
  const cause = causeOfRestart(view) ?? causeOfResize(view, resized)
  // What is being stopped is watched on, should the stop have to be quicker.
  if (!cause) {
    if (resized.get(name) === 'inPlace' && !memory.job)
      draft.add({ type: 'resize', name, id: current.id })
    return
  }
  if (memory.job && memory.job.type !== 'start') return
  const isRestart = cause.isForced || isRestarted(pod, view, LOST_EXIT_CODE)
  const message = isRestart ? `${cause.text}, will be restarted` : cause.text
  const deadlineMs = nowMs + (cause.graceSeconds ?? graceMs(pod) / 1000) * 1000
  planStop(view, { deadlineMs, nowMs, mayStop: true, message, isRestart }, draft)
}

interface Cause {
  readonly text: string
  /** Whatever the policy of the pod says. */
  readonly isForced?: boolean
  readonly graceSeconds?: number | undefined
}

const causeOfResize = (
  { name }: ContainerView,
  resized: PlanInput['resized'],
): Cause | undefined =>
  resized.get(name) === 'restart'
    ? { text: `Container ${name} resize requires restart`, isForced: true }
    : undefined

function causeOfRestart(view: ContainerView): Cause | undefined {
  const { name, container, current, role } = view
  if (current && role !== 'ephemeral' && current.hash !== containerHash(container)) {
    return { text: `Container ${name} definition changed`, isForced: true }
  }
  switch (runOf(view)?.doom) {
    case 'liveness': {
      const graceSeconds = container.livenessProbe?.terminationGracePeriodSeconds
      return { text: `Container ${name} failed liveness probe`, graceSeconds }
    }
    case 'startup': {
      const graceSeconds = container.startupProbe?.terminationGracePeriodSeconds
      return { text: `Container ${name} failed startup probe`, graceSeconds }
    }
    case 'postStart':
      return { text: 'FailedPostStartHook' }
    default:
      return undefined
  }
}
