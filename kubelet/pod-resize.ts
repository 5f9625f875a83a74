/** Changes of what running containers may use: whether there is room, and which have to be made. */
import type { Pod } from '#api/kinds/core/pod.ts'
import type { ResourceRequirements } from '#api/parts/core/resources.ts'
import { compareQuantities } from '#api/quantity.ts'
import { type ContainerView, idIn } from './container-view.ts'
import type { Shortage } from './fit.ts'
import type { PlanInput } from './plan.ts'
import type { Condition } from './pod-conditions.ts'

export interface ResizePlan {
  readonly resized: PlanInput['resized']
  readonly conditions: readonly Condition[]
  /** What containers have, or get when they start, where it is not what the spec says. */
  readonly held: ReadonlyMap<string, ResourceRequirements>
}

const counted = ['cpu', 'memory'] as const

/** `shortage` is asked only when something is to change. */
export function planResize(
  pod: Pod,
  views: readonly ContainerView[],
  shortage: (pod: Pod) => Shortage | undefined,
): ResizePlan {
  const changed = views.filter(
    (view) =>
      view.isRunning &&
      view.role !== 'ephemeral' &&
      !isSame(resourcesInUse(view), view.container.resources),
  )
  const nothing = { resized: new Map(), conditions: [], held: new Map() }
  if (changed.length === 0) return nothing
  const lack = shortage(pod)
  if (lack) {
    const held = new Map(changed.map((view) => [view.name, resourcesInUse(view)]))
    return { ...nothing, held, conditions: [pendingCondition(lack)] }
  }
  return {
    resized: new Map(changed.map((view) => [view.name, wayOf(view)])),
    conditions: [{ type: 'PodResizeInProgress', status: 'True' }],
    held: new Map(),
  }
}

/** What the runtime was told last, as far as is known. */
export function resourcesInUse(view: ContainerView): ResourceRequirements {
  const { container, current, memory, reported } = view
  if (current && memory.resources?.id === current.id) return memory.resources.value
  const isReported = current && idIn(reported?.containerID) === current.id
  return (isReported && reported?.resources) || container.resources
}

function pendingCondition({
  resource,
  requested,
  used,
  capacity,
  isHopeless,
}: Shortage): Condition {
  const type = 'PodResizePending'
  if (isHopeless) {
    const message = `Node didn't have enough capacity: ${resource}, requested: ${requested}, capacity: ${capacity}`
    return { type, status: 'True', reason: 'Infeasible', message }
  }
  const message = `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`
  return { type, status: 'True', reason: 'Deferred', message }
}

function wayOf(view: ContainerView): 'inPlace' | 'restart' {
  const inUse = resourcesInUse(view)
  const { resources, resizePolicy } = view.container
  const isRestart = counted.some(
    (name) =>
      !(
        isEqual(inUse.limits?.[name], resources.limits?.[name]) &&
        isEqual(inUse.requests?.[name], resources.requests?.[name])
      ) &&
      resizePolicy?.some(
        (policy) => policy.resourceName === name && policy.restartPolicy === 'RestartContainer',
      ),
  )
  return isRestart ? 'restart' : 'inPlace'
}

const isSame = (a: ResourceRequirements, b: ResourceRequirements): boolean =>
  counted.every(
    (name) =>
      isEqual(a.limits?.[name], b.limits?.[name]) &&
      isEqual(a.requests?.[name], b.requests?.[name]),
  )

function isEqual(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return compareQuantities(a, b) === 0
}
