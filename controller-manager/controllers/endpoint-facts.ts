/** What a Service and a pod say about an endpoint: whether, where, on which ports. */

import type { Node } from '#api/kinds/core/node.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { Service } from '#api/kinds/core/service.ts'
import type { Endpoint, EndpointPort } from '#api/kinds/discovery/endpoint-slice.ts'
import { selectorFromLabels } from '#api/label-selector.ts'
import type { CacheAccess } from '#client/controller.ts'
import type { Reference } from '#client/resource.ts'
import { hasEnded, isReady } from '../pods.ts'

export type AddressType = 'IPv4' | 'IPv6'

const ZONE = 'topology.kubernetes.io/zone'

type ServicePort = NonNullable<Service['spec']['ports']>[number]

export const zoneOf = (node: Node | undefined): string | undefined => node?.metadata.labels?.[ZONE]

/** Neither a Service with an outside name nor one that others fill has endpoints of ours. */
export const isSelecting = ({ spec }: Service): boolean =>
  spec.type !== 'ExternalName' && Object.keys(spec.selector ?? {}).length > 0

/** Those that the pod is behind. */
export function* servicesOf({ metadata }: Pod, { cached }: CacheAccess): Iterable<Reference> {
  for (const service of cached(Service).list(metadata.namespace)) {
    if (!isSelecting(service)) continue
    const selector = selectorFromLabels(service.spec.selector)
    if (selector.matches(metadata.labels)) yield service.metadata
  }
}

export const isHeadless = ({ spec }: Service): boolean =>
  !spec.clusterIP || spec.clusterIP === 'None'

export function addressTypesOf({ spec }: Service): readonly AddressType[] {
  const families = spec.ipFamilies ?? []
  if (families.length > 0) return families as AddressType[]
  return [spec.clusterIP?.includes(':') ? 'IPv6' : 'IPv4']
}

/** Terminating pods are shown as such: connections that they have may go on. */
export const isShown = (pod: Pod): boolean =>
  !hasEnded(pod) && Boolean(pod.status.podIP || pod.status.podIPs?.length)

export function addressesOf({ status }: Pod, type: AddressType): string[] {
  const listed = status.podIPs?.flatMap(({ ip }) => (ip ? [ip] : [])) ?? []
  const all = listed.length > 0 ? listed : [status.podIP ?? '']
  return all.filter((ip) => ip && ip.includes(':') === (type === 'IPv6'))
}

/** The ports of a Service that the pod has, each by the number that it has there. */
export function portsFor({ spec }: Service, pod: Pod): EndpointPort[] {
  return (spec.ports ?? []).flatMap((port) => {
    const number = portNumber(port, pod)
    if (number === undefined) return []
    const { name = '', protocol = 'TCP', appProtocol } = port
    return [{ name, protocol, port: number, ...(appProtocol && { appProtocol }) } as EndpointPort]
  })
}

/** Of containers that keep running: those, and init containers that are started again. */
function portNumber({ targetPort, port, protocol = 'TCP' }: ServicePort, pod: Pod) {
  if (typeof targetPort === 'number') return targetPort || port
  if (!targetPort) return port
  const { containers = [], initContainers = [] } = pod.spec
  const sidecars = (initContainers ?? []).filter((each) => each.restartPolicy === 'Always')
  for (const { ports } of [...(containers ?? []), ...sidecars]) {
    const found = ports?.find((each) => each.name === targetPort && each.protocol === protocol)
    if (found) return found.containerPort
  }
  return undefined
}

export function endpointFor(
  { metadata, spec }: Service,
  pod: Pod,
  node: Node | undefined,
  addresses: string[],
): Endpoint {
  const serving = isReady(pod)
  const terminating = Boolean(pod.metadata.deletionTimestamp)
  const ready = Boolean(spec.publishNotReadyAddresses) || (serving && !terminating)
  const { namespace = '', name, uid } = pod.metadata
  const { nodeName, hostname, subdomain } = pod.spec
  const zone = zoneOf(node)
  const hints = ready ? hintsFor(spec.trafficDistribution, zone, nodeName) : undefined
  return {
    addresses,
    conditions: { ready, serving, terminating },
    ...(hostname && subdomain === metadata.name && { hostname }),
    targetRef: { kind: 'Pod', namespace, name, uid },
    ...(nodeName && { nodeName }),
    ...(zone && { zone }),
    ...(hints && { hints }),
  } as Endpoint
}

function hintsFor(
  distribution: string | null | undefined,
  zone: string | undefined,
  nodeName: string | undefined,
): Endpoint['hints'] | undefined {
  if (!distribution || !zone) return undefined
  const forZones = [{ name: zone }]
  if (distribution === 'PreferSameNode' && nodeName) {
    return { forZones, forNodes: [{ name: nodeName }] }
  }
  return { forZones }
}
