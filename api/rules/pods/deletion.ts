/** How long a pod may take to end when it is deleted. */
import type { PodSpec } from '../../parts/core/pod-spec.ts'
import type { PodStatus } from '../../parts/core/pod-status.ts'

interface Ending {
  readonly spec: PodSpec
  readonly status: PodStatus
}

/** In seconds; zero where no node runs the pod, so that nobody would be there to end it. */
export function podGraceSeconds({ spec, status }: Ending, wanted: number | undefined): number {
  const isRunning = Boolean(spec.nodeName) && !['Succeeded', 'Failed'].includes(status.phase ?? '')
  if (!isRunning) return 0
  const grace = wanted ?? spec.terminationGracePeriodSeconds ?? 0
  return grace < 0 ? 1 : grace
}
