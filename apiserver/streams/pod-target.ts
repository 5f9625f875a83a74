/** Which container of which pod a stream is for, and the kubelet that runs it. */
import type { Node } from '#api/kinds/core/node.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { badRequest } from '#api/status.ts'
import type { ResourceContext, ServerParts } from '../request-context.ts'
import type { Backend } from './backend.ts'
import { storedObject } from './stored-kind.ts'

export const podOf = ({ info }: ResourceContext, parts: ServerParts): Pod =>
  storedObject<Pod>(parts, 'pods', info.namespace, info.name)

/** A container must be named where there are several. */
export function containerOf(pod: Pod, wanted: string): string {
  const { initContainers = [], ephemeralContainers = [] } = pod.spec
  const containers = pod.spec.containers ?? []
  const names = [...initContainers, ...containers, ...ephemeralContainers].map(({ name }) => name)
  if (wanted) {
    if (names.includes(wanted)) return wanted
    throw badRequest(`container ${wanted} is not valid for pod ${pod.metadata.name}`)
  }
  if (containers.length === 1) return containers[0]!.name
  const choice = `choose one of: [${names.join(' ')}]`
  throw badRequest(`a container name must be specified for pod ${pod.metadata.name}, ${choice}`)
}

/** The kubelet of a pod that must have one. */
export function kubeletOf(pod: Pod, parts: ServerParts, isUnchecked = false): Backend {
  const { nodeName } = pod.spec
  if (!nodeName) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`)
  return parts.kubelets.backendOf(storedObject<Node>(parts, 'nodes', '', nodeName), isUnchecked)
}

/** A path of a kubelet: what is done to a pod, and where. */
export const kubeletPath = (action: string, pod: Pod, ...more: readonly string[]): string =>
  ['', action, pod.metadata.namespace!, pod.metadata.name!, ...more]
    .map((part) => encodeURIComponent(part))
    .join('/')
