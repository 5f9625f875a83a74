/** Where a proxy request leads: to a pod, to one of those behind a Service, or to a node. */
import type { Endpoints } from '#api/kinds/core/endpoints.ts'
import type { Node } from '#api/kinds/core/node.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import type { Service } from '#api/kinds/core/service.ts'
import type { EndpointSlice } from '#api/kinds/discovery/endpoint-slice.ts'
import { badRequest, serviceUnavailable } from '#api/status.ts'
import type { ResourceContext, ServerParts } from '../request-context.ts'
import type { Backend } from './backend.ts'
import { type ProxyName, parseProxyName } from './proxy-name.ts'
import { resourceNamed, storedObject } from './stored-kind.ts'

export function proxyTarget({ info }: ResourceContext, parts: ServerParts): Backend {
  const name = parseProxyName(info.name)
  const singular = info.resource.slice(0, -1)
  if (!name) throw badRequest(`invalid ${singular} request ${JSON.stringify(info.name)}`)
  if (info.resource === 'pods') return podTarget(name, info.namespace, parts)
  if (info.resource === 'services') return serviceTarget(name, info.namespace, parts)
  return nodeTarget(name, parts)
}

/** Who answers shows no certificate that we could judge. */
const unchecked = { rejectUnauthorized: false }

const notAllowed = () => badRequest('address not allowed')

const backend = (host: string, port: number, isSecure: boolean): Backend => ({
  host,
  port,
  ...(isSecure && { tls: unchecked }),
})

const HTTP_PORT = 80
const HTTPS_PORT = 443
const PORT_MAX = 65_535

function portNumber(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (port < 1 || port > PORT_MAX) throw badRequest(`invalid port ${JSON.stringify(text)}`)
  return port
}

function podTarget({ name, port, isSecure }: ProxyName, namespace: string, parts: ServerParts) {
  const pod = storedObject<Pod>(parts, 'pods', namespace, name)
  const address = addressesOf(pod)[0]
  if (!address || !parts.kubelets.isReachable(address)) throw notAllowed()
  const declared = (pod.spec.containers ?? []).flatMap(({ ports }) => ports ?? [])[0]?.containerPort
  const fallback = declared ?? (isSecure ? HTTPS_PORT : HTTP_PORT)
  return backend(address, port ? portNumber(port) : fallback, isSecure)
}

const addressesOf = ({ status }: Pod): readonly string[] =>
  (status.podIPs ?? []).flatMap(({ ip }) => ip ?? [])

function nodeTarget({ name, port, isSecure }: ProxyName, parts: ServerParts): Backend {
  const node = storedObject<Node>(parts, 'nodes', '', name)
  const kubelet = parts.kubelets.backendOf(node)
  if (!port || Number(port) === kubelet.port) return kubelet
  if (!parts.kubelets.isReachable(kubelet.host)) throw notAllowed()
  return backend(kubelet.host, portNumber(port), isSecure)
}

function serviceTarget(wanted: ProxyName, namespace: string, parts: ServerParts): Backend {
  const { name, isSecure } = wanted
  const service = storedObject<Service>(parts, 'services', namespace, name)
  const portName = portNameOf(service, wanted.port)
  const reachable = groupsOf(namespace, name, parts).flatMap(({ ports, addresses }) => {
    const port = ports.find((each) => (each.name ?? '') === portName)?.port
    if (port === undefined) return []
    return addresses
      .filter(({ ip, targetRef }) => isPodBehind(ip, targetRef, namespace, parts))
      .filter(({ ip }) => parts.kubelets.isReachable(ip))
      .map(({ ip }) => ({ host: ip, port }))
  })
  if (!reachable.length) {
    throw serviceUnavailable(`no endpoints available for service ${JSON.stringify(name)}`)
  }
  const { host, port } = reachable[parts.random.below(reachable.length)]!
  return backend(host, port, isSecure)
}

/** Endpoints know ports by their names only. */
function portNameOf({ metadata, spec }: Service, port: string): string {
  if (!/^\d+$/.test(port)) return port
  const found = spec.ports?.find((each) => each.port === Number(port))
  if (found) return found.name ?? ''
  const message = `no service port ${port} found for service ${JSON.stringify(metadata.name)}`
  throw serviceUnavailable(message)
}

/** Addresses that share ports, whichever kind of object says so. */
interface AddressGroup {
  readonly ports: readonly { readonly name?: string; readonly port?: number }[]
  readonly addresses: readonly { readonly ip: string; readonly targetRef?: ObjectReference }[]
}

const SERVICE_LABEL = 'kubernetes.io/service-name'

/** Of its EndpointSlices; of its Endpoints where nobody has made slices of them. */
function groupsOf(namespace: string, service: string, parts: ServerParts): readonly AddressGroup[] {
  const resource = resourceNamed(parts, 'discovery.k8s.io', 'endpointslices')
  const { entries } = parts.store.list(resource.prefixOf(namespace), {
    select: ({ labels }) => labels[SERVICE_LABEL] === service,
  })
  if (entries.length) {
    return entries.map((entry) => sliceGroup(resource.parse(entry) as unknown as EndpointSlice))
  }
  const older = resourceNamed(parts, '', 'endpoints')
  const entry = parts.store.get(older.keyOf(namespace, service))
  if (!entry) return []
  const { subsets } = older.parse(entry) as unknown as Endpoints
  return (subsets ?? []).map(({ ports, addresses }) => ({
    ports: ports ?? [],
    addresses: addresses ?? [],
  }))
}

function sliceGroup({ ports, endpoints }: EndpointSlice): AddressGroup {
  const ready = (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false)
  return {
    ports: ports ?? [],
    addresses: ready.map(({ addresses, targetRef }) => ({
      ip: addresses?.[0] ?? '',
      ...(targetRef && { targetRef }),
    })),
  }
}

interface ObjectReference {
  readonly kind?: string
  readonly namespace?: string
  readonly name?: string
}

/**
 * Whoever may write endpoints may not reach through us whatever they like: an endpoint counts when
 * the pod that it names has its address.
 */
function isPodBehind(
  ip: string,
  reference: ObjectReference | undefined,
  namespace: string,
  parts: ServerParts,
): boolean {
  if (reference?.kind !== 'Pod' || reference.namespace !== namespace || !reference.name)
    return false
  const resource = resourceNamed(parts, '', 'pods')
  const entry = parts.store.get(resource.keyOf(namespace, reference.name))
  return entry !== undefined && addressesOf(resource.parse(entry) as unknown as Pod).includes(ip)
}
