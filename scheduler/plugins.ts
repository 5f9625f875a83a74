/** All plugins, in the order in which they are asked, and how much the word of each counts. */
import type { Plugin } from './plugin.ts'
import { defaultBinder } from './plugins/default-binder.ts'
import { defaultPreemption } from './plugins/default-preemption.ts'
import { imageLocality } from './plugins/image-locality.ts'
import { interPodAffinity } from './plugins/inter-pod-affinity.ts'
import { nodeAffinity } from './plugins/node-affinity.ts'
import { nodeName } from './plugins/node-name.ts'
import { nodePorts } from './plugins/node-ports.ts'
import { nodeResourcesBalancedAllocation } from './plugins/node-resources-balanced-allocation.ts'
import { nodeResourcesFit } from './plugins/node-resources-fit.ts'
import { nodeUnschedulable } from './plugins/node-unschedulable.ts'
import { nodeVolumeLimits } from './plugins/node-volume-limits.ts'
import { podTopologySpread } from './plugins/pod-topology-spread.ts'
import { prioritySort } from './plugins/priority-sort.ts'
import { schedulingGates } from './plugins/scheduling-gates.ts'
import { taintToleration } from './plugins/taint-toleration.ts'
import { volumeBinding } from './plugins/volume-binding.ts'
import { volumeRestrictions } from './plugins/volume-restrictions.ts'
import { volumeZone } from './plugins/volume-zone.ts'

export interface WeightedPlugin extends Plugin {
  /** By which its scores are multiplied. */
  readonly weight: number
}

/** Order and weights are upstream's: the first plugin that refuses a node gives the reason. */
export const plugins: readonly WeightedPlugin[] = [
  { ...schedulingGates, weight: 0 },
  { ...prioritySort, weight: 0 },
  { ...nodeUnschedulable, weight: 0 },
  { ...nodeName, weight: 0 },
  { ...taintToleration, weight: 3 },
  { ...nodeAffinity, weight: 2 },
  { ...nodePorts, weight: 0 },
  { ...nodeResourcesFit, weight: 1 },
  { ...volumeRestrictions, weight: 0 },
  { ...nodeVolumeLimits, weight: 0 },
  { ...volumeBinding, weight: 0 },
  { ...volumeZone, weight: 0 },
  { ...podTopologySpread, weight: 2 },
  { ...interPodAffinity, weight: 2 },
  { ...nodeResourcesBalancedAllocation, weight: 1 },
  { ...imageLocality, weight: 1 },
  { ...defaultPreemption, weight: 0 },
  { ...defaultBinder, weight: 0 },
]
