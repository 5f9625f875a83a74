/** The phase of a pod: the short answer to how it is doing. */
import type { Pod } from '#api/kinds/core/pod.ts'
import type { ContainerStatus } from '#api/parts/core/container-status.ts'
import { isSidecar } from '#api/rules/pods/each-container.ts'
import { isRestarted, type PodContainer } from './pod-containers.ts'

type Phase = NonNullable<Pod['status']['phase']>

/** `isOver`: nothing of the pod begins again, whatever its policy. */
export function phaseOf(
  pod: Pod,
  init: readonly ContainerStatus[],
  main: readonly ContainerStatus[],
  isOver: boolean,
): Phase {
  const { spec } = pod
  const initial = initProgress(pod, init)
  if (initial.hasFailed) return 'Failed'
  const counts = countsOf(main)
  // Sidecars that restart do not make a pod pending whose containers have begun already.
  const hasBegun = counts.running + counts.stopped > 0
  if (initial.isPending && !hasBegun) return isOver ? 'Failed' : 'Pending'
  if (counts.waiting > 0) return isOver ? 'Failed' : 'Pending'
  if (counts.running > 0) return 'Running'
  const isFinal = isOver || (spec.containers ?? []).every((each) => isDoneFor(pod, each, main))
  if (!isFinal) return 'Running'
  return counts.succeeded === counts.stopped ? 'Succeeded' : 'Failed'
}

function isDoneFor(
  pod: Pod,
  container: PodContainer['container'],
  main: readonly ContainerStatus[],
): boolean {
  const { state } = main.find(({ name }) => name === container.name) ?? {}
  const exitCode = state?.terminated?.exitCode
  return exitCode !== undefined && !isRestarted(pod, { container, role: 'main' }, exitCode)
}

function initProgress(
  pod: Pod,
  statuses: readonly ContainerStatus[],
): { isPending: boolean; hasFailed: boolean } {
  let isPending = false
  for (const container of pod.spec.initContainers ?? []) {
    const status = statuses.find(({ name }) => name === container.name)
    if (isSidecar(container)) {
      isPending ||= !status?.started
      continue
    }
    const exitCode = status?.state?.terminated?.exitCode
    if (exitCode === 0) continue
    isPending = true
    if (exitCode === undefined) continue
    if (!isRestarted(pod, { container, role: 'init' }, exitCode)) {
      return { isPending, hasFailed: true }
    }
  }
  return { isPending, hasFailed: false }
}

interface Counts {
  waiting: number
  running: number
  stopped: number
  succeeded: number
}

function countsOf(statuses: readonly ContainerStatus[]): Counts {
  const counts: Counts = { waiting: 0, running: 0, stopped: 0, succeeded: 0 }
  for (const { state, lastState } of statuses) {
    if (state?.running) counts.running++
    else if (state?.terminated) {
      counts.stopped++
      if (state.terminated.exitCode === 0) counts.succeeded++
    } else if (lastState?.terminated) counts.stopped++
    else counts.waiting++
  }
  return counts
}
