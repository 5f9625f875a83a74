/** How a pod ends: its containers in order and within the grace, its sandbox, what it had. */
import { type ContainerView, runOf } from './container-view.ts'
import type { Draft, Plan, PlanInput } from './plan.ts'
import { isFailure, memoryOf } from './pod-memory.ts'

export interface Ending {
  /** `gone`: nobody can be told of it any more, as the object has been removed. */
  readonly cause: 'deleted' | 'gone' | 'failed' | 'completed'
  /** When it was decided, from which on the grace counts. */
  readonly sinceMs: number
  /** By then containers have to have ended. */
  readonly deadlineMs: number
  /** Of the status: why the pod has failed. */
  readonly reason?: string | undefined
  readonly message?: string | undefined
  /** Of the condition that tells of a disruption, where it is one. */
  readonly disruptionReason?: string | undefined
  /** The node has not taken the pod at all. */
  readonly isRefused?: boolean | undefined
}

interface Order {
  readonly deadlineMs: number
  readonly nowMs: number
  /** Its turn has come; otherwise only its hook may run yet. */
  readonly mayStop: boolean
  readonly message: string
  readonly isRestart: boolean
}

/** A new deadline has to be so much earlier to be worth another word to the runtime. */
const HURRY_MS = 1000

export function planStop(view: ContainerView, order: Order, draft: Draft): void {
  const { name, current, memory } = view
  const { deadlineMs, nowMs, mayStop, message, isRestart } = order
  const isHurry = (job: { readonly deadlineMs: number }): boolean =>
    deadlineMs < job.deadlineMs - HURRY_MS
  const { job } = memory
  if (job?.type === 'resize') return
  if (job?.type === 'start') {
    draft.add({ type: 'cancel', name })
    return
  }
  if (job?.type === 'preStop') {
    if (isHurry(job)) draft.add({ type: 'cancel', name })
    return
  }
  if (current?.state !== 'running' || (job && !isHurry(job))) return
  const stop = { name, id: current.id, deadlineMs, message, isRestart }
  const hasHook = view.container.lifecycle?.preStop !== undefined && view.role !== 'ephemeral'
  if (!job && hasHook && !runOf(view)?.isPrepared && nowMs < deadlineMs) {
    draft.add({ type: 'preStop', ...stop })
  } else if (mayStop || nowMs >= deadlineMs) draft.add({ type: 'stop', ...stop })
  else draft.wakeAt(deadlineMs)
}

export function planEnding(
  input: PlanInput & { readonly ending: Ending },
  views: readonly ContainerView[],
  draft: Draft,
): Plan {
  const { observed, memory, ending, nowMs } = input
  const isBusy = (view: ContainerView): boolean => view.isRunning || view.memory.job !== undefined
  const sidecars = views.filter(({ role }) => role === 'sidecar')
  const areOthersOver = !views.some((view) => view.role !== 'sidecar' && isBusy(view))
  for (const view of views.filter(isBusy)) {
    const later = sidecars.slice(sidecars.indexOf(view) + 1)
    const mayStop = view.role !== 'sidecar' || (areOthersOver && !later.some(isBusy))
    const message = `Stopping container ${view.name}`
    const { deadlineMs } = ending
    planStop(view, { deadlineMs, nowMs, mayStop, message, isRestart: false }, draft)
  }
  stopStrangers(input, views, draft)
  if (views.some(isBusy) || draft.actions.length > 0) return draft.plan(false)
  if (memory.sandbox === 'starting' || memory.sandbox === 'stopping') return draft.plan(false)
  if (memory.volumes === 'preparing') return draft.plan(false)
  const ready = observed.sandboxes.filter(({ isReady }) => isReady)
  if (ready.length > 0 && isFailure(memory.sandbox) && memory.sandbox.retryAtMs > nowMs) {
    draft.wakeAt(memory.sandbox.retryAtMs)
    return draft.plan(false)
  }
  draft.add(...ready.map(({ id }) => ({ type: 'stopSandbox', id }) as const))
  return draft.plan(ready.length === 0)
}

/** Running containers that the spec does not name any more, or older ones of the same name. */
function stopStrangers(
  { observed, ending, memory }: PlanInput & { readonly ending: Ending },
  views: readonly ContainerView[],
  draft: Draft,
): void {
  const known = new Set(views.flatMap(({ current }) => (current ? [current.id] : [])))
  for (const { id, name, state } of observed.containers) {
    if (state !== 'running' || known.has(id) || memoryOf(memory, name).job) continue
    const { deadlineMs } = ending
    const message = `Stopping container ${name}`
    draft.add({ type: 'stop', name, id, deadlineMs, message, isRestart: false })
  }
}
