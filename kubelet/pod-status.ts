/** The status of a pod as its kubelet reports it: what is, put into the words of the API. */
import { findCondition } from '#api/conditions.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import type { ContainerStatus } from '#api/parts/core/container-status.ts'
import type { PodCondition, PodStatus } from '#api/parts/core/pod-status.ts'
import { qosClassOf } from '#api/rules/qos.ts'
import { epochToTime } from '#api/time.ts'
import { asEnded, containerStatusOf } from './container-statuses.ts'
import { type ContainerView, viewsOf } from './container-view.ts'
import { usableSandbox } from './plan.ts'
import type { Ending } from './plan-ending.ts'
import { type Condition, conditionsOf } from './pod-conditions.ts'
import type { Role } from './pod-containers.ts'
import type { PodMemory } from './pod-memory.ts'
import { phaseOf } from './pod-phase.ts'
import type { ResizePlan } from './pod-resize.ts'
import type { ObservedPod } from './runtime.ts'

export interface StatusInput {
  /** With the status that was reported last. */
  readonly pod: Pod
  readonly observed: ObservedPod
  readonly memory: PodMemory
  readonly ending: Ending | undefined
  /** Nothing of the pod runs any more, nor will. */
  readonly isStopped: boolean
  readonly nowMs: number
  readonly runtime: string
  readonly hostIps: readonly string[]
  readonly resize: Pick<ResizePlan, 'conditions' | 'held'>
}

/** Conditions that are there only while they are true. */
const passing = ['PodResizePending', 'PodResizeInProgress']

export function podStatusOf(input: StatusInput): PodStatus {
  const { pod, observed, memory, ending, nowMs, isStopped, hostIps } = input
  if (ending?.isRefused) return refusedStatus(pod, ending, nowMs)
  const views = viewsOf(pod, observed, memory)
  const isOver = ending !== undefined && isStopped
  const lists = listsOf(views, input, isOver)
  const phase = ending ? endingPhase(input, lists) : lists.phase
  const sandbox = usableSandbox(pod, observed)
  const { status } = pod
  const conditions = conditionsOf({ ...lists, pod, phase, hasSandbox: sandbox !== undefined })
  const why = isOver || ending?.cause === 'failed' ? reasonOf(ending) : {}
  return {
    ...kept(status),
    ...(pod.metadata.generation && { observedGeneration: pod.metadata.generation }),
    phase,
    conditions: merged(
      pod,
      [...conditions, ...input.resize.conditions, ...disruption(ending)],
      nowMs,
    ),
    ...why,
    ...addressesOf(pod, sandbox?.ips ?? [], hostIps),
    startTime: status.startTime ?? timeOf(nowMs),
    ...(lists.init.length > 0 && { initContainerStatuses: lists.init }),
    containerStatuses: lists.main,
    ...(lists.ephemeral.length > 0 && { ephemeralContainerStatuses: lists.ephemeral }),
    qosClass: status.qosClass ?? qosClassOf(pod.spec),
  }
}

/** A pod that this node has not taken has nothing else to show. */
function refusedStatus(pod: Pod, ending: Ending, nowMs: number): PodStatus {
  const { status, metadata } = pod
  return {
    ...kept(status),
    ...(metadata.generation && { observedGeneration: metadata.generation }),
    phase: 'Failed',
    conditions: status.conditions ?? [],
    ...reasonOf(ending),
    startTime: status.startTime ?? timeOf(nowMs),
    qosClass: status.qosClass ?? qosClassOf(pod.spec),
  }
}

interface Lists {
  readonly init: ContainerStatus[]
  readonly main: ContainerStatus[]
  readonly ephemeral: ContainerStatus[]
  readonly phase: NonNullable<PodStatus['phase']>
}

function listsOf(views: readonly ContainerView[], input: StatusInput, isOver: boolean): Lists {
  const { pod, runtime, nowMs, ending } = input
  const { held } = input.resize
  const facts = { pod, runtime, nowMs, held, isEnding: ending !== undefined }
  const of = (...roles: readonly Role[]): ContainerStatus[] =>
    views.filter(({ role }) => roles.includes(role)).map((view) => containerStatusOf(view, facts))
  const init = of('init', 'sidecar')
  const main = of('main')
  const ephemeral = of('ephemeral')
  const hasBegun = main.some(({ state }) => state?.running || state?.terminated)
  const final = isOver && hasBegun ? main.map(asEnded) : main
  const phase = phaseOf(pod, init, final, isOver)
  return { init, main: final, ephemeral, phase }
}

/** A phase that is final is reported when it is: not before everything has ended. */
function endingPhase(
  { pod, ending, isStopped }: StatusInput,
  lists: Lists,
): NonNullable<PodStatus['phase']> {
  const { phase = 'Pending' } = pod.status
  if (phase === 'Succeeded' || phase === 'Failed') return phase
  if (!isStopped) return isFinal(lists.phase) ? phase : lists.phase
  if (ending?.cause === 'failed') return 'Failed'
  return isFinal(lists.phase) ? lists.phase : 'Failed'
}

const isFinal = (phase: string): boolean => phase === 'Succeeded' || phase === 'Failed'

function reasonOf(ending: Ending | undefined): Pick<PodStatus, 'reason' | 'message'> {
  const { reason, message } = ending ?? {}
  return { ...(reason && { reason }), ...(message && { message }) }
}

/** What is newer than what the API server knows, beside what others have written there. */
export function withNewerStatus(stored: Pod, own: PodStatus): Pod {
  const theirs = new Map(
    (stored.status.conditions ?? []).map((each) => [each.type as string, each]),
  )
  const mine = (own.conditions ?? []).filter(({ type }) => ours.has(type) || !theirs.has(type))
  const types = new Set(mine.map(({ type }) => type as string))
  const others = [...theirs.values()].filter(({ type }) => !types.has(type))
  return { ...stored, status: { ...own, conditions: [...mine, ...others] } }
}

const ours: ReadonlySet<string> = new Set([
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodScheduled',
  ...passing,
])

/** Whoever waits for the pod learns that its node has ended it. */
function disruption(ending: Ending | undefined): readonly Condition[] {
  const { disruptionReason: reason, message } = ending ?? {}
  if (!reason) return []
  return [{ type: 'DisruptionTarget', status: 'True', reason, ...(message && { message }) }]
}

/** What others have written, and what only the API server says. */
function kept(status: PodStatus): Partial<PodStatus> {
  const { nominatedNodeName, resourceClaimStatuses, extendedResourceClaimStatus } = status
  return {
    ...(nominatedNodeName && { nominatedNodeName }),
    ...(resourceClaimStatuses && { resourceClaimStatuses }),
    ...(extendedResourceClaimStatus && { extendedResourceClaimStatus }),
  }
}

function merged(pod: Pod, conditions: readonly Condition[], nowMs: number): PodCondition[] {
  const now = timeOf(nowMs)
  const { generation } = pod.metadata
  const earlier = pod.status.conditions ?? []
  const own = conditions.map((condition) => {
    const before = findCondition(earlier, condition.type)
    // Reasons of before do not outlive what they were reasons for.
    const { lastTransitionTime } = before?.status === condition.status ? before : {}
    const since = lastTransitionTime ?? now
    const seen = { ...(generation && { observedGeneration: generation }) }
    return { ...condition, ...seen, lastProbeTime: null, lastTransitionTime: since }
  })
  const ownTypes = new Set(own.map(({ type }) => type))
  const others = earlier.filter(({ type }) => !ownTypes.has(type) && !passing.includes(type))
  return [...own, ...others]
}

/** Once the sandbox is gone, the addresses that the pod had still say who it was. */
function addressesOf(
  { spec, status }: Pod,
  sandboxIps: readonly string[],
  hostIps: readonly string[],
): Partial<PodStatus> {
  const known = (status.podIPs ?? []).map(({ ip }) => ip)
  const own = spec.hostNetwork ? hostIps : sandboxIps
  const ips = own.length > 0 ? own : known
  const [hostIP] = hostIps
  const [podIP] = ips
  return {
    ...(hostIP && { hostIP, hostIPs: hostIps.map((ip) => ({ ip })) }),
    ...(podIP && { podIP, podIPs: ips.map((ip) => ({ ip })) }),
  }
}

const timeOf = (ms: number): string => epochToTime(Math.floor(ms / 1000))
