/** Nodes whose resources are used up evenly are better: nothing is left that cannot be used. */
import { type Plugin, SCORE_MAX } from '../plugin.ts'

export const nodeResourcesBalancedAllocation: Plugin = {
  name: 'NodeResourcesBalancedAllocation',
  scorer({ requests }) {
    // Pods that ask for nothing would all go to the node that is balanced best.
    if (requests.cpu === 0 && requests.memory === 0) return undefined
    return {
      score({ allocatable, requested }) {
        if (allocatable.cpu === 0 || allocatable.memory === 0) return SCORE_MAX
        const cpu = Math.min(1, (requested.cpu + requests.cpu) / allocatable.cpu)
        const memory = Math.min(1, (requested.memory + requests.memory) / allocatable.memory)
        return Math.trunc((1 - Math.abs((cpu - memory) / 2)) * SCORE_MAX)
      },
    }
  },
}
