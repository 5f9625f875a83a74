/** Which container's log is meant, or why there is none, in the words that users search for. */
import type { Pod } from '#api/kinds/core/pod.ts'
import type { ContainerStatus } from '#api/parts/core/container-status.ts'

export type LogTarget =
  | { readonly type: 'container'; readonly id: string }
  | { readonly type: 'none'; readonly message: string }

/** `newest`: the container that the runtime knows, which the status may not show yet. */
export function logTarget(
  pod: Pod,
  container: string,
  isPrevious: boolean,
  newest: string | undefined,
): LogTarget {
  const where = `container "${container}" in pod "${pod.metadata.name}"`
  const status = statusOf(pod, container)
  const last = idOf(status?.lastState?.terminated?.containerID)
  if (isPrevious) {
    if (last) return { type: 'container', id: last }
    return { type: 'none', message: `previous terminated ${where} not found` }
  }
  const found = newest ?? last
  if (found) return { type: 'container', id: found }
  if (!status) return { type: 'none', message: `${where} is not available` }
  return { type: 'none', message: `${where} is ${whyNothing(status)}` }
}

function whyNothing({ state }: ContainerStatus): string {
  if (state?.terminated) return 'terminated'
  const reason = state?.waiting?.reason
  if (reason === 'ErrImagePull') return "waiting to start: image can't be pulled"
  if (reason === 'ImagePullBackOff') return 'waiting to start: trying and failing to pull image'
  if (reason) return `waiting to start: ${reason}`
  return 'waiting to start - no logs yet'
}

function statusOf({ status }: Pod, container: string): ContainerStatus | undefined {
  const { containerStatuses, initContainerStatuses, ephemeralContainerStatuses } = status
  const lists = [containerStatuses, initContainerStatuses, ephemeralContainerStatuses]
  return lists.flatMap((list) => list ?? []).find(({ name }) => name === container)
}

/** Statuses have the name of the runtime in front: `docker://…`. */
const idOf = (containerId: string | undefined): string | undefined =>
  containerId?.replace(/^[a-z-]+:\/\//, '') || undefined
