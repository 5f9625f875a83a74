/** Nodes whose resources are used up evenly are better: nothing is left that cannot be used. */
import { type Plugin, SCORE_MAX } from '../plugin.ts'
import type { PodInfo } from '../pod-info.ts'
import { cpuAndMemory, shareOf, type WeightedResource } from './resource-shares.ts'

/** All of them count alike, whatever their weight. */
export function balancedAllocationWith(resources: readonly WeightedResource[]): Plugin {
  return {
    name: 'NodeResourcesBalancedAllocation',
    isLocal: true,
    scorer(pod) {
      // Pods that ask for nothing would all go to the node that is balanced best.
      if (!resources.some(({ name }) => asksFor(pod, name))) return undefined
      return {
        score(node) {
          const fractions: number[] = []
          for (const resource of resources) {
            const { wanted, all } = shareOf(resource, pod, node, false)
            if (all > 0) fractions.push(Math.min(1, wanted / all))
          }
          return Math.trunc((1 - deviation(fractions)) * SCORE_MAX)
        },
      }
    },
  }
}

export const nodeResourcesBalancedAllocation = balancedAllocationWith(cpuAndMemory)

function asksFor({ requests }: PodInfo, resource: string): boolean {
  switch (resource) {
    case 'cpu':
      return requests.cpu > 0
    case 'memory':
      return requests.memory > 0
    case 'ephemeral-storage':
      return requests.ephemeralStorage > 0
    default:
      return (requests.others.get(resource) ?? 0) > 0
  }
}

function deviation(fractions: readonly number[]): number {
  const { length } = fractions
  if (length < 2) return 0
  if (length === 2) return Math.abs((fractions[0]! - fractions[1]!) / 2)
  const mean = fractions.reduce((sum, each) => sum + each, 0) / length
  return Math.sqrt(fractions.reduce((sum, each) => sum + (each - mean) ** 2, 0) / length)
}
