/** The conditions of a pod that its kubelet reports, in upstream's words. */

import { findCondition } from '#api/conditions.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import type { ContainerStatus } from '#api/parts/core/container-status.ts'
import type { PodCondition } from '#api/parts/core/pod-status.ts'
import { isSidecar } from '#api/rules/pods/each-container.ts'

export type Condition = Pick<PodCondition, 'type' | 'status' | 'reason' | 'message'>

export interface ConditionFacts {
  readonly pod: Pod
  readonly phase: NonNullable<Pod['status']['phase']>
  readonly init: readonly ContainerStatus[]
  readonly main: readonly ContainerStatus[]
  /** The sandbox works, with an address where it has one of its own. */
  readonly hasSandbox: boolean
}

/** In the order in which a new pod shows them. */
export function conditionsOf(facts: ConditionFacts): readonly Condition[] {
  const containersReady = containersReadyOf(facts)
  return [
    { type: 'PodReadyToStartContainers', status: facts.hasSandbox ? 'True' : 'False' },
    initializedOf(facts),
    readyOf(facts, containersReady),
    containersReady,
    { type: 'PodScheduled', status: 'True' },
  ]
}

function initializedOf({ pod, phase, init, main }: ConditionFacts): Condition {
  const type = 'Initialized'
  if (phase === 'Succeeded') return { type, status: 'True', reason: 'PodCompleted' }
  const hasBegun = main.some(({ state, lastState }) =>
    Boolean(state?.running || state?.terminated || lastState?.terminated),
  )
  const incomplete = (pod.spec.initContainers ?? []).filter((container) => {
    const status = init.find(({ name }) => name === container.name)
    return isSidecar(container) ? !hasBegun && !status?.started : !status?.ready
  })
  if (incomplete.length === 0 || (hasBegun && incomplete.every(isSidecar))) {
    return { type, status: 'True' }
  }
  const message = `containers with incomplete status: ${named(incomplete)}`
  return { type, status: 'False', reason: 'ContainersNotInitialized', message }
}

function containersReadyOf({ pod, phase, init, main }: ConditionFacts): Condition {
  const type = 'ContainersReady'
  if (phase === 'Succeeded') return { type, status: 'False', reason: 'PodCompleted' }
  if (phase === 'Failed') return { type, status: 'False', reason: 'PodFailed' }
  const sidecars = (pod.spec.initContainers ?? []).filter(isSidecar)
  const unready = [...sidecars, ...(pod.spec.containers ?? [])].filter(
    ({ name }) => ![...init, ...main].some((status) => status.name === name && status.ready),
  )
  if (unready.length === 0) return { type, status: 'True' }
  const message = `containers with unready status: ${named(unready)}`
  return { type, status: 'False', reason: 'ContainersNotReady', message }
}

function readyOf({ pod }: ConditionFacts, containersReady: Condition): Condition {
  const type = 'Ready'
  if (containersReady.status !== 'True') return { ...containersReady, type }
  const problems = (pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const found = findCondition(pod.status.conditions, conditionType)
    const name = JSON.stringify(conditionType)
    if (!found) return [`corresponding condition of pod readiness gate ${name} does not exist.`]
    if (found.status === 'True') return []
    return [`the status of pod readiness gate ${name} is not "True", but ${found.status}`]
  })
  if (problems.length === 0) return { type, status: 'True' }
  return { type, status: 'False', reason: 'ReadinessGatesNotReady', message: problems.join(', ') }
}

const named = (containers: readonly { readonly name: string }[]): string =>
  `[${containers.map(({ name }) => name).join(' ')}]`
