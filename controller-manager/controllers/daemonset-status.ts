/** What a DaemonSet says about its nodes. Pure. */
import type { DaemonSetStatus } from '#api/kinds/apps/daemon-set.ts'
import { isReady } from '../pods.ts'
import { type DaemonState, isPodAvailable, shouldRun } from './daemonset-plan.ts'
import { isUpdated } from './daemonset-pod.ts'
import { withoutZeros } from './replicaset-plan.ts'

/** Of several pods of a node the oldest counts. */
export function daemonSetStatus(state: DaemonState): DaemonSetStatus {
  const { daemonSet, nodes, podsOn, hash } = state
  const [desired, others] = [true, false].map((isWanted) =>
    nodes.filter((node) => shouldRun(state, node) === isWanted),
  )
  const firstOn = (each: readonly (typeof nodes)[number][] = []) =>
    each.flatMap(({ metadata }) => podsOn.get(metadata.name)?.[0] ?? [])
  const current = firstOn(desired)
  const ready = current.filter(isReady)
  const available = ready.filter((pod) => isPodAvailable(state, pod))
  const { collisionCount, conditions } = daemonSet.status
  const wanted = desired?.length ?? 0
  return {
    currentNumberScheduled: current.length,
    numberMisscheduled: firstOn(others).length,
    desiredNumberScheduled: wanted,
    numberReady: ready.length,
    ...withoutZeros({
      observedGeneration: daemonSet.metadata.generation ?? 0,
      updatedNumberScheduled: current.filter((pod) => isUpdated(daemonSet, pod, hash)).length,
      numberAvailable: available.length,
      numberUnavailable: wanted - available.length,
    }),
    ...(collisionCount !== undefined && { collisionCount }),
    ...(conditions && { conditions }),
  }
}
