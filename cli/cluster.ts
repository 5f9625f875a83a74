/** What a cluster was asked to be, as its directory keeps it. */
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type ClusterFiles, clusterFiles } from './cluster-files.ts'
import { CommandError } from './command.ts'

export interface ClusterNode {
  readonly name: string
  /** On the network of the cluster. */
  readonly address: string
}

export interface ClusterDescription {
  readonly name: string
  /** Nothing on the Engine belongs to the cluster unless it carries this. */
  readonly id: string
  readonly apiPort: number
  /** On the Engine: nodes live in it, and its gateway is this machine. */
  readonly network: { readonly subnet: string; readonly gateway: string }
  /** Where DNS answers, if that is not the gateway. */
  readonly dnsServer?: string
  /** Of this machine, where other machines reach the API server; new nodes are told the first. */
  readonly apiAddresses?: readonly string[]
  /** Only the nodes are here: the control plane runs on another machine. */
  readonly joined?: JoinedTo
  readonly podCidr: string
  readonly serviceCidr: string
  readonly dnsAddress: string
  readonly loadBalancerPool: string
  readonly nodes: readonly ClusterNode[]
  /** Nodes without containers, for trying what many of them do. */
  readonly hollowNodes: number
}

export interface JoinedTo {
  /** Where its API server is. */
  readonly server: string
  /** Of this machine, where all others reach its node. */
  readonly address: string
}

export interface Wishes {
  readonly name: string
  readonly apiPort: number
  readonly nodeNames: readonly string[]
  readonly hollowNodes: number
  /** The third number of the network's addresses. */
  readonly subnetNumber: number
  readonly apiAddresses?: readonly string[]
}

export const CLUSTER_NETWORK = '172.31'
/** Another one, so that a node never takes addresses of the control plane's machine for its own. */
export const JOINED_NETWORK = '172.30'
/** Below it are the gateway and what Docker may want; above it, the pool for load balancers. */
const FIRST_NODE_ADDRESS = 11
export const NODES_MAX = 180
const POOL = [200, 250] as const

/** Pure: everything that follows from what was asked for. */
export function describeCluster(wishes: Wishes, id: string): ClusterDescription {
  const prefix = `${CLUSTER_NETWORK}.${wishes.subnetNumber}`
  const nodes = wishes.nodeNames.map((name, index) => ({ ...nodeAt(prefix, index), name }))
  const cluster = {
    name: wishes.name,
    id,
    apiPort: wishes.apiPort,
    ...placesIn(prefix),
    nodes,
    hollowNodes: wishes.hollowNodes,
  }
  return withApiAddresses(cluster, wishes.apiAddresses ?? [])
}

/** Pods and Services have the same addresses in all clusters. */
const placesIn = (prefix: string) => ({
  network: { subnet: `${prefix}.0/24`, gateway: `${prefix}.1` },
  podCidr: '10.244.0.0/16',
  serviceCidr: '10.96.0.0/16',
  dnsAddress: '10.96.0.10',
  loadBalancerPool: `${prefix}.${POOL[0]}-${prefix}.${POOL[1]}`,
})

/** Pods of other machines ask the same DNS server as those of this one. */
export function withApiAddresses(
  cluster: ClusterDescription,
  apiAddresses: readonly string[],
): ClusterDescription {
  const [dnsServer] = apiAddresses
  return dnsServer === undefined ? cluster : { ...cluster, apiAddresses, dnsServer }
}

export interface JoinWishes {
  readonly name: string
  readonly nodeName: string
  readonly joined: JoinedTo
  readonly subnetNumber: number
}

/** Pure: one node of a cluster whose control plane is elsewhere. */
export function describeJoined(
  { name, nodeName, joined, subnetNumber }: JoinWishes,
  id: string,
): ClusterDescription {
  const prefix = `${JOINED_NETWORK}.${subnetNumber}`
  return {
    ...{ name, id, joined },
    apiPort: Number(new URL(joined.server).port || 443),
    ...placesIn(prefix),
    nodes: [{ ...nodeAt(prefix, 0), name: nodeName }],
    hollowNodes: 0,
  }
}

/** Where the kubelet of a node and the tunnel between hosts listen in its network. */
const KUBELET_PORT = 10_250
const TUNNEL_PORT = 8472

export interface PublishedPort {
  readonly address: string
  readonly hostPort: number
  /** As the Engine has it: `8472/udp`. */
  readonly port: string
}

/** Pure: what of a node other machines reach at an address of this one. */
export function publishedPorts(
  { joined, apiAddresses }: ClusterDescription,
  node: ClusterNode,
): readonly PublishedPort[] {
  const tunnel = { hostPort: tunnelPort(node), port: `${TUNNEL_PORT}/udp` }
  if (joined) {
    const { address } = joined
    const kubelet = { hostPort: KUBELET_PORT, port: `${KUBELET_PORT}/tcp` }
    return [
      { address, ...kubelet },
      { address, ...tunnel },
    ]
  }
  return apiAddresses?.[0] ? [{ address: apiAddresses[0], ...tunnel }] : []
}

/** The nodes of one machine share its address. */
export const tunnelPort = ({ address }: ClusterNode): number =>
  TUNNEL_PORT + Number(address.split('.').at(-1)) - FIRST_NODE_ADDRESS

/** Names of so many nodes that nobody has named. */
export const usualNames = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => usualName(index))

const usualName = (index: number): string => `node${index + 1}`

/** The first free place among the nodes, so that names and addresses come back. */
export function withNode(cluster: ClusterDescription, name?: string): ClusterDescription {
  const prefix = cluster.network.gateway.replace(/\.\d+$/, '')
  const taken = new Set(cluster.nodes.map(({ address }) => address))
  for (let index = 0; index < NODES_MAX; index++) {
    const place = nodeAt(prefix, index)
    if (taken.has(place.address)) continue
    const node = { ...place, name: name ?? place.name }
    if (cluster.nodes.some((each) => each.name === node.name)) {
      if (name) throw new CommandError(`node add: there is a node "${name}" already`)
      continue
    }
    return { ...cluster, nodes: [...cluster.nodes, node] }
  }
  throw new CommandError(`node add: found ${NODES_MAX} nodes, which is as many as there can be`)
}

function nodeAt(prefix: string, index: number): ClusterNode {
  return { name: usualName(index), address: `${prefix}.${FIRST_NODE_ADDRESS + index}` }
}

export async function readCluster(path: string): Promise<ClusterDescription | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as ClusterDescription
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new CommandError(`${path}: ${(error as Error).message}`, undefined, error)
  }
}

/** The other ones whose directories lie where this one's does. */
export async function clustersBeside(files: ClusterFiles): Promise<readonly ClusterDescription[]> {
  const beside = dirname(files.directory)
  const names = await readdir(beside).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const others = names.map((name) => clusterFiles(join(beside, name)))
  const found = await Promise.all(
    others.map(({ directory, cluster }) =>
      directory === files.directory ? undefined : readCluster(cluster),
    ),
  )
  return found.filter((each) => each !== undefined)
}

/** Whole or not at all: a reader sees the old one or the new one. */
export async function writeWhole(path: string, content: string, mode = 0o600): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.${process.pid}.draft`
  await writeFile(draft, content, { mode })
  await rename(draft, path)
}

export function writeCluster(path: string, cluster: ClusterDescription): Promise<void> {
  return writeWhole(path, `${JSON.stringify(cluster, undefined, 2)}\n`)
}
