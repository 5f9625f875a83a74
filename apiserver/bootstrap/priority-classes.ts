/** The priority classes of pods without which a node or the cluster does not work. */
const system = (name: string, value: number, description: string) => ({
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  metadata: { name },
  value,
  description,
  preemptionPolicy: 'PreemptLowerPriority',
})

export const priorityClasses = [
  system(
    'system-cluster-critical',
    2_000_000_000,
    'For pods that the cluster cannot do without, on whichever node they run.',
  ),
  system(
    'system-node-critical',
    2_000_001_000,
    'For pods that their node cannot do without; no other node would do.',
  ),
]
