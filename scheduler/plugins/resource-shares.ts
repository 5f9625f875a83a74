/** How full a node would be with the pod on it, resource by resource. */
import type { NodeInfo } from '../node-info.ts'
import type { PodInfo } from '../pod-info.ts'

/** A resource, and how much it counts beside others. */
export interface WeightedResource {
  readonly name: string
  readonly weight: number
}

export const cpuAndMemory: readonly WeightedResource[] = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
]

export interface Share {
  readonly wanted: number
  readonly all: number
}

/** Nothing, of which there is nothing: it says nothing about the node. */
const none: Share = { wanted: 0, all: 0 }

/**
 * With what containers are taken to need that ask for nothing, if `isAssumed`. Other resources
 * count only for pods that ask for them.
 */
export function shareOf(
  { name: resource }: WeightedResource,
  { requests, scored }: PodInfo,
  { allocatable, requested, requestedOthers, scored: used }: NodeInfo,
  isAssumed: boolean,
): Share {
  switch (resource) {
    case 'cpu': {
      const wanted = isAssumed ? used.cpu + scored.cpu : requested.cpu + requests.cpu
      return { wanted, all: allocatable.cpu }
    }
    case 'memory': {
      const wanted = isAssumed ? used.memory + scored.memory : requested.memory + requests.memory
      return { wanted, all: allocatable.memory }
    }
    case 'ephemeral-storage': {
      const wanted = requested.ephemeralStorage + requests.ephemeralStorage
      return { wanted, all: allocatable.ephemeralStorage }
    }
    default: {
      const own = requests.others.get(resource)
      if (!own) return none
      const wanted = own + (requestedOthers.get(resource) ?? 0)
      return { wanted, all: allocatable.others.get(resource) ?? 0 }
    }
  }
}
