/** One Service as rules of one IP family: what leads to its endpoints, and what is turned away. */
import type { IpFamily } from '#api/ip.ts'
import type { Service } from '#api/kinds/core/service.ts'
import type { EndpointSlice } from '#api/kinds/discovery/endpoint-slice.ts'
import { isHeadless } from '#api/rules/service-facts.ts'
import { addressesOf, rangesOf } from './addresses.ts'
import { type Backend, backendsOf, type Choice, chooseBackends, type Place } from './backends.ts'
import { nftFamily, oneOf, REJECT, target } from './fixed-rules.ts'
import { elementKey, newPiece, type Piece, type PieceDraft } from './piece.ts'
import { clientsLetThrough } from './source-ranges.ts'

export interface ServiceSettings {
  readonly family: IpFamily
  readonly place: Place
  /** The addresses of all pods; empty when nobody said. */
  readonly podCidrs: readonly string[]
  /** The addresses of this node, for balancers that let this node through. */
  readonly nodeAddresses: readonly string[]
  /** Whether all traffic to Services shall seem to come from this node. */
  readonly masqueradeAll: boolean
  readonly hasSctp: boolean
}

/** An address and port of a UDP port, and where its packets may go: what conntrack may remember. */
export interface UdpTarget {
  /** Undefined means the addresses of the node. */
  readonly address: string | undefined
  readonly port: number
  readonly backends: readonly string[]
}

export interface ServiceRules {
  readonly piece: Piece
  readonly udp: readonly UdpTarget[]
  /** Names of SCTP ports that this kernel cannot balance: their addresses refuse traffic. */
  readonly refused: readonly string[]
}

type ServicePort = NonNullable<Service['spec']['ports']>[number]

const AFFINITY_SECONDS = 10_800
const AFFINITY_CLIENTS_MAX = 65_536

/** Everything that is known while the rules of one port are made. */
interface PortWork {
  readonly service: Service
  readonly port: ServicePort
  readonly settings: ServiceSettings
  readonly draft: PieceDraft
  /** `tcp` and the like. */
  readonly protocol: string
  /** Ends the names of all chains and sets of the port. */
  readonly id: string
  readonly choice: Choice
}

export function serviceRules(
  service: Service,
  slices: readonly EndpointSlice[],
  settings: ServiceSettings,
): ServiceRules {
  const draft = newPiece()
  const udp: UdpTarget[] = []
  const refused: string[] = []
  if (service.spec.type === 'ExternalName' || isHeadless(service.spec)) {
    return { piece: draft, udp, refused }
  }
  for (const port of service.spec.ports ?? []) {
    const protocol = port.protocol?.toLowerCase() ?? 'tcp'
    const work = portWork(service, port, protocol, slices, settings, draft)
    addPort(work)
    if (protocol === 'sctp' && !settings.hasSctp) refused.push(port.name ?? String(port.port))
    if (protocol === 'udp') udp.push(...udpTargets(work))
  }
  return { piece: draft, udp, refused }
}

/** How many endpoints a balancer finds behind this node: those that are ready, of any port. */
export function localEndpointCount(slices: readonly EndpointSlice[], { nodeName }: Place): number {
  const addresses = slices.flatMap(({ endpoints }) =>
    (endpoints ?? [])
      .filter((each) => each.nodeName === nodeName && (each.conditions?.ready ?? true))
      .flatMap((each) => each.addresses?.[0] ?? []),
  )
  return new Set(addresses).size
}

function portWork(
  service: Service,
  port: ServicePort,
  protocol: string,
  slices: readonly EndpointSlice[],
  settings: ServiceSettings,
  draft: PieceDraft,
): PortWork {
  const { family, place, hasSctp } = settings
  const { namespace = '', name = '' } = service.metadata
  const key = { name: port.name ?? '', protocol: port.protocol ?? 'TCP' }
  const isRefused = protocol === 'sctp' && !hasSctp
  const backends = isRefused ? [] : backendsOf(slices, key, family, place)
  const id = `${namespace}/${name}/${protocol}/${port.port}`
  const choice = chooseBackends(backends, place)
  return { service, port, settings, draft, protocol, id, choice }
}

function addPort(work: PortWork): void {
  const { service, choice, draft, id } = work
  const { cluster, local } = choice
  const { spec } = service
  const isInternalLocal = spec.internalTrafficPolicy === 'Local'
  const isExternalLocal = spec.externalTrafficPolicy === 'Local'
  const outside = outsideAddresses(work)
  const nodePort = nodePortOf(work)
  const isOutside = outside.length > 0 || nodePort !== undefined
  const used = [...new Set([...cluster, ...local])]
  addAffinity(work, used)
  for (const { address } of used.filter(({ mayAskHere }) => mayAskHere)) {
    draft.elements.set(elementKey('hairpin', `${address} . ${address}`), '')
  }
  if (cluster.length > 0 && (!isInternalLocal || isOutside)) {
    draft.chains.set(`svc-${id}`, [...masqueradeFromOutside(work), ...dispatch(work, cluster)])
  }
  const needsLocal = isInternalLocal || (isExternalLocal && isOutside)
  if (local.length > 0 && needsLocal) draft.chains.set(`svl-${id}`, dispatch(work, local))
  addInternal(work, isInternalLocal)
  if (isOutside) addExternal(work, outside, nodePort, isExternalLocal)
  addFirewall(work)
}

// --- The ways in ---------------------------------------------------------------------------------

function addInternal(work: PortWork, isLocal: boolean): void {
  const { draft, id, choice } = work
  const usable = isLocal ? choice.local : choice.cluster
  if (isLocal && usable.length > 0) {
    draft.chains.set(`int-${id}`, [...masqueradeFromOutside(work), `goto svl-${id}`])
  }
  for (const address of clusterAddresses(work)) {
    const key = addressKey(work, address)
    if (usable.length === 0) draft.elements.set(elementKey('no-endpoint-services', key), REJECT)
    else draft.elements.set(elementKey('service-ips', key), `goto ${isLocal ? 'int' : 'svc'}-${id}`)
  }
}

/**
 * With the policy Local, pods and the node itself still reach every endpoint: they need no client
 * address to be kept, as a balancer would not send them elsewhere.
 */
function addExternal(
  work: PortWork,
  outside: readonly string[],
  nodePort: number | undefined,
  isLocal: boolean,
): void {
  const { draft, id, choice, protocol } = work
  const usable = isLocal ? choice.local : choice.cluster
  if (choice.cluster.length + usable.length > 0) {
    draft.chains.set(`ext-${id}`, isLocal ? externalLocalRules(work) : externalRules(id))
    const verdict = `goto ext-${id}`
    for (const address of outside) {
      draft.elements.set(elementKey('service-ips', addressKey(work, address)), verdict)
    }
    if (nodePort !== undefined) {
      draft.elements.set(elementKey('service-nodeports', `${protocol} . ${nodePort}`), verdict)
    }
  }
  if (usable.length > 0) return
  // Where others have endpoints, silence lets a client try again until the balancer has moved on.
  const verdict = choice.cluster.length > 0 ? 'drop' : REJECT
  for (const address of outside) {
    draft.elements.set(elementKey('no-endpoint-services', addressKey(work, address)), verdict)
  }
  if (nodePort !== undefined) {
    draft.elements.set(elementKey('no-endpoint-nodeports', `${protocol} . ${nodePort}`), REJECT)
  }
}

const externalRules = (id: string): string[] => ['jump mark-masq', `goto svc-${id}`]

function externalLocalRules({ id, settings, choice }: PortWork): string[] {
  const { podCidrs, family } = settings
  const fromPod = `${nftFamily(family)} saddr ${oneOf(podCidrs)} goto svc-${id}`
  const shortcut = [
    ...(podCidrs.length > 0 ? [fromPod] : []),
    'fib saddr type local jump mark-masq',
    `fib saddr type local goto svc-${id}`,
  ]
  return [
    ...(choice.cluster.length > 0 ? shortcut : []),
    ...(choice.local.length > 0 ? [`goto svl-${id}`] : []),
  ]
}

/** Of clients that a balancer does not let through, no packet gets further. */
function addFirewall(work: PortWork): void {
  const { service, settings, draft, id } = work
  const { family } = settings
  const balancer = balancerAddresses(work)
  const clients = clientsLetThrough({
    ranges: rangesOf(service.spec.loadBalancerSourceRanges ?? [], family),
    nodeAddresses: addressesOf(settings.nodeAddresses, family),
    balancerAddresses: balancer,
  })
  if (clients === undefined) return
  draft.chains.set(`fw-${id}`, [`${nftFamily(family)} saddr != ${clients} drop`])
  for (const address of balancer) {
    draft.elements.set(elementKey('firewall-ips', addressKey(work, address)), `goto fw-${id}`)
  }
}

// --- The way to an endpoint ----------------------------------------------------------------------

function masqueradeFromOutside({ settings }: PortWork): string[] {
  const { masqueradeAll, podCidrs, family } = settings
  if (masqueradeAll) return ['jump mark-masq']
  if (podCidrs.length === 0) return []
  return [`${nftFamily(family)} saddr != ${oneOf(podCidrs)} jump mark-masq`]
}

/** One rule whatever the number of endpoints, so that a change costs one rule. */
function dispatch(work: PortWork, backends: readonly Backend[]): string[] {
  const { service, settings, protocol } = work
  const ip = nftFamily(settings.family)
  if (service.spec.sessionAffinity === 'ClientIP') return dispatchByClient(work, backends)
  const [first] = backends
  if (backends.length === 1) {
    return [`meta l4proto ${protocol} dnat ${ip} to ${target(first!.address, first!.port)}`]
  }
  const ways = backends.map(({ address, port }, index) => `${index} : ${address} . ${port}`)
  const chance = `numgen random mod ${backends.length} map { ${ways.join(', ')} }`
  return [`meta l4proto ${protocol} dnat ${ip} to ${chance}`]
}

/** A client that was seen lately goes where it went; each endpoint remembers its own clients. */
function dispatchByClient(work: PortWork, backends: readonly Backend[]): string[] {
  const ip = nftFamily(work.settings.family)
  const known = backends.map(
    (each) => `${ip} saddr @${affinitySet(work, each)} goto ${endpointChain(work, each)}`,
  )
  const ways = backends.map((each, index) => `${index} : goto ${endpointChain(work, each)}`)
  return [...known, `numgen random mod ${backends.length} vmap { ${ways.join(', ')} }`]
}

function addAffinity(work: PortWork, backends: readonly Backend[]): void {
  const { service, settings, draft, protocol } = work
  if (service.spec.sessionAffinity !== 'ClientIP') return
  const ip = nftFamily(settings.family)
  const type = ip === 'ip' ? 'ipv4_addr' : 'ipv6_addr'
  for (const backend of backends) {
    const set = affinitySet(work, backend)
    draft.sets.set(
      set,
      `type ${type}; flags dynamic,timeout; timeout ${affinitySeconds(service)}s; ` +
        `size ${AFFINITY_CLIENTS_MAX};`,
    )
    draft.chains.set(endpointChain(work, backend), [
      `update @${set} { ${ip} saddr }`,
      `meta l4proto ${protocol} dnat ${ip} to ${target(backend.address, backend.port)}`,
    ])
  }
}

const affinitySeconds = ({ spec }: Service): number =>
  spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? AFFINITY_SECONDS

const endpointChain = ({ id }: PortWork, { address, port }: Backend): string =>
  `ep-${id}/${address.replaceAll(':', '.')}/${port}`

/** The timeout is in the name, because it cannot be changed in a set that is there. */
const affinitySet = (work: PortWork, backend: Backend): string =>
  `aff-${affinitySeconds(work.service)}-${endpointChain(work, backend).slice('ep-'.length)}`

// --- Addresses -----------------------------------------------------------------------------------

const addressKey = ({ protocol, port }: PortWork, address: string): string =>
  `${address} . ${protocol} . ${port.port}`

const ofFamily = ({ settings }: PortWork, addresses: readonly string[]): string[] =>
  addressesOf(addresses, settings.family)

function clusterAddresses(work: PortWork): string[] {
  const { clusterIPs, clusterIP } = work.service.spec
  return ofFamily(work, clusterIPs ?? (clusterIP ? [clusterIP] : []))
}

/** A balancer that passes traffic on to nodes, as a proxy, has addresses that are not ours. */
function balancerAddresses(work: PortWork): string[] {
  const { spec, status } = work.service
  if (spec.type !== 'LoadBalancer') return []
  const ingress = status?.loadBalancer?.ingress ?? []
  return ofFamily(
    work,
    ingress.flatMap(({ ip, ipMode }) => (ip && ipMode !== 'Proxy' ? [ip] : [])),
  )
}

function outsideAddresses(work: PortWork): string[] {
  const external = ofFamily(work, work.service.spec.externalIPs ?? [])
  return [...new Set([...external, ...balancerAddresses(work)])]
}

function nodePortOf({ port, service }: PortWork): number | undefined {
  const { type } = service.spec
  return type === 'NodePort' || type === 'LoadBalancer' ? port.nodePort || undefined : undefined
}

function udpTargets(work: PortWork): UdpTarget[] {
  const { service, port, choice } = work
  const isLocal = service.spec.internalTrafficPolicy === 'Local'
  const texts = (backends: readonly Backend[]): string[] =>
    backends.map((each) => `${each.address} ${each.port}`)
  // Pods reach all endpoints through outside addresses too, whatever the policy.
  const everywhere = texts([...choice.cluster, ...choice.local])
  const inside = texts(isLocal ? choice.local : choice.cluster)
  const nodePort = nodePortOf(work)
  return [
    ...clusterAddresses(work).map((address) => ({ address, port: port.port, backends: inside })),
    ...outsideAddresses(work).map((address) => ({
      address,
      port: port.port,
      backends: everywhere,
    })),
    ...(nodePort === undefined
      ? []
      : [{ address: undefined, port: nodePort, backends: everywhere }]),
  ]
}
