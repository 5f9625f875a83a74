/** What `kubectl get pods` says about a pod: above all its state, in one word. */
import type { Container } from '../../parts/core/container.ts'
import type { ContainerState, ContainerStatus } from '../../parts/core/container-status.ts'
import type { PodStatus } from '../../parts/core/pod-status.ts'
import {
  ageColumn,
  type Column,
  column,
  nameColumn,
  type RowCondition,
  sinceText,
} from '../../table.ts'
import { isSidecar } from './each-container.ts'
import type { PodLike } from './pod.ts'

export interface PodSummary {
  readonly ready: number
  readonly containers: number
  readonly state: string
  readonly restarts: number
  /** When a container last ended before it was restarted; empty when none was. */
  readonly lastRestart: string
}

interface Restarts {
  readonly count: number
  readonly last: string
}

const noRestarts: Restarts = { count: 0, last: '' }

export function podSummary(pod: PodLike): PodSummary {
  const { spec, status } = pod
  const sidecars = new Set((spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name))
  const init = initSummary(status.initContainerStatuses ?? [], sidecars, spec.initContainers ?? [])
  const containers = (spec.containers?.length ?? 0) + sidecars.size
  const given = givenState(status)
  if (init.state && !hasCondition(status, 'Initialized')) {
    const { count, last } = init.restarts
    const state = finalState(pod, init.state)
    return { ready: init.ready, containers, state, restarts: count, lastRestart: last }
  }
  const main = mainSummary(status, init.state || given)
  const restarts = (status.containerStatuses ?? []).reduce(withRestarts, init.sidecarRestarts)
  return {
    ready: init.ready + main.ready,
    containers,
    state: finalState(pod, main.state),
    restarts: restarts.count,
    lastRestart: restarts.last,
  }
}

/** What the status says by itself, before any container is looked at. */
function givenState({ phase, reason, conditions }: PodStatus): string {
  const isGated = conditions?.some(
    (each) => each.type === 'PodScheduled' && each.reason === 'SchedulingGated',
  )
  return isGated ? 'SchedulingGated' : reason || (phase ?? '')
}

function withRestarts(
  { count, last }: Restarts,
  { restartCount, lastState }: ContainerStatus,
): Restarts {
  const ended = lastState.terminated?.finishedAt ?? ''
  return { count: count + restartCount, last: ended > last ? ended : last }
}

/** The first init container that has not done its part decides the state, if there is one. */
function initSummary(
  statuses: readonly ContainerStatus[],
  sidecars: ReadonlySet<string>,
  containers: readonly Container[],
) {
  let [restarts, sidecarRestarts] = [noRestarts, noRestarts]
  let ready = 0
  let state = ''
  for (const [position, status] of statuses.entries()) {
    const isBeside = sidecars.has(status.name)
    restarts = withRestarts(restarts, status)
    if (isBeside) sidecarRestarts = withRestarts(sidecarRestarts, status)
    if (status.state.terminated?.exitCode === 0) continue
    if (isBeside && status.started) {
      if (status.ready) ready++
      continue
    }
    state = `Init:${initState(status.state) ?? `${position}/${containers.length}`}`
    break
  }
  return { ready, state, restarts, sidecarRestarts }
}

function initState({ terminated, waiting }: ContainerState): string | undefined {
  if (terminated) return terminated.reason || endOf(terminated)
  return waiting?.reason && waiting.reason !== 'PodInitializing' ? waiting.reason : undefined
}

const endOf = ({ signal, exitCode }: { signal?: number; exitCode: number }): string =>
  signal ? `Signal:${signal}` : `ExitCode:${exitCode}`

/** The first container that waits or has ended decides the state. */
function mainSummary(status: PodStatus, given: string): { ready: number; state: string } {
  let ready = 0
  let state = given
  for (const { state: current, ready: isReady } of (status.containerStatuses ?? []).toReversed()) {
    const { waiting, terminated, running } = current
    if (waiting?.reason) state = waiting.reason
    else if (terminated) state = terminated.reason || endOf(terminated)
    else if (isReady && running) ready++
  }
  if (state !== 'Completed' || !ready) return { ready, state }
  return { ready, state: hasCondition(status, 'Ready') ? 'Running' : 'NotReady' }
}

function hasCondition({ conditions }: PodStatus, type: string): boolean {
  return conditions?.some((each) => each.type === type && each.status === 'True') ?? false
}

function finalState({ metadata, status }: PodLike, state: string): string {
  if (!metadata.deletionTimestamp) return state
  if (status.reason === 'NodeLost') return 'Unknown'
  return status.phase === 'Succeeded' || status.phase === 'Failed' ? state : 'Terminating'
}

function restartsText(pod: PodLike, now: number): string {
  const { restarts, lastRestart } = podSummary(pod)
  if (!restarts || !lastRestart) return `${restarts}`
  return `${restarts} (${sinceText(lastRestart, now)} ago)`
}

function readinessText({ spec, status }: PodLike): string {
  const gates = spec.readinessGates
  if (!gates) return '<none>'
  const met = gates.filter(({ conditionType }) => {
    const condition = status.conditions?.find(({ type }) => type === conditionType)
    return condition?.status === 'True'
  })
  return `${met.length}/${gates.length}`
}

const wide = { priority: 1 }

export const podColumns: readonly Column<PodLike>[] = [
  nameColumn,
  column('Ready', 'string', 'Containers that are ready, of all that keep running.', (pod) => {
    const { ready, containers } = podSummary(pod)
    return `${ready}/${containers}`
  }),
  column('Status', 'string', 'State of the pod, in one word.', (pod) => podSummary(pod).state),
  column(
    'Restarts',
    'string',
    'How often containers were restarted, and how long ago the last time was.',
    restartsText,
  ),
  ageColumn,
  column(
    'IP',
    'string',
    'Address of the pod.',
    ({ status }) => status.podIPs?.[0]?.ip || '<none>',
    wide,
  ),
  column('Node', 'string', 'Node of the pod.', ({ spec }) => spec.nodeName || '<none>', wide),
  column(
    'Nominated Node',
    'string',
    'Node on which room is being made for the pod.',
    ({ status }) => status.nominatedNodeName || '<none>',
    wide,
  ),
  column('Readiness Gates', 'string', 'Readiness gates that are met, of all.', readinessText, wide),
]

const ends: ReadonlyMap<string | undefined, string> = new Map([
  ['Succeeded', 'The pod has completed successfully.'],
  ['Failed', 'The pod failed.'],
])

/** Clients that watch rows may leave out pods that are over. */
export function podRowConditions({ status }: PodLike): readonly RowCondition[] {
  const { phase } = status
  const message = ends.get(phase)
  return phase && message ? [{ type: 'Completed', status: 'True', reason: phase, message }] : []
}
