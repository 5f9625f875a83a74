/** What a cluster has on the Engine: its network, and a container that holds that of each node. */

import type { Clock } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import { settleAll } from '#daemon/settle-all.ts'
import type { Engine } from '#engine/engine.ts'
import { hasStatus, unlessMissing } from '#engine/engine-error.ts'
import { ensurePauseImage } from '#engine/pause/pause-image.ts'
import { type ClusterDescription, type ClusterNode, publishedPorts } from '../cluster.ts'
import { holderName } from './components.ts'

/** What a supervisor wants of the machine; the Engine of this one, unless a test has another. */
export interface Machine {
  ensureNetwork(cluster: ClusterDescription): Promise<void>
  /** The words before a command that runs in the network of a node. */
  enter(cluster: ClusterDescription, node: ClusterNode): Promise<readonly string[]>
  /** Names of nodes that have lost the network they were entered by, until it is aborted. */
  lostNodes(cluster: ClusterDescription, signal: AbortSignal): AsyncIterable<string>
}

export function machineOf(engine: Engine, clock: Clock, log: Log): Machine {
  const holders = new Holders(engine)
  return {
    ensureNetwork: (cluster) => ensureNetwork(engine, cluster),
    async enter(cluster, node) {
      const processId = await holders.ensure(cluster, node)
      return ['nsenter', `--net=/proc/${processId}/ns/net`, '--']
    },
    async *lostNodes(cluster, signal) {
      while (!signal.aborted) {
        try {
          const filters = { label: [ofCluster(cluster), `${TYPE_LABEL}=node`], event: ['die'] }
          const events = await engine.events(filters, signal)
          yield* await holders.lost()
          for await (const _death of events) yield* await holders.lost()
        } catch (error) {
          if (signal.aborted) return
          log.warn('cannot watch the containers of nodes', { error })
        }
        await clock.sleep(WATCH_AGAIN_MS, signal).catch(() => undefined)
      }
    },
  }
}

/** The containers that hold the networks of nodes, as they were when somebody entered them. */
class Holders {
  readonly #engine: Engine
  readonly #entered = new Map<string, { readonly name: string; readonly processId: number }>()
  /** The kubelet and the proxy of a node come at once, and want one container. */
  readonly #starting = new Map<string, Promise<number>>()

  constructor(engine: Engine) {
    this.#engine = engine
  }

  ensure(cluster: ClusterDescription, node: ClusterNode): Promise<number> {
    const present = this.#starting.get(node.name)
    if (present) return present
    const starting = this.#start(cluster, node).finally(() => this.#starting.delete(node.name))
    this.#starting.set(node.name, starting)
    return starting
  }

  async #start(cluster: ClusterDescription, node: ClusterNode): Promise<number> {
    const processId = await ensureHolder(this.#engine, cluster, node)
    this.#entered.set(node.name, { name: holderName(cluster, node.name), processId })
    return processId
  }

  async lost(): Promise<readonly string[]> {
    const lost: string[] = []
    for (const [node, { name, processId }] of [...this.#entered]) {
      const found = await unlessMissing(this.#engine.inspectContainer(name))
      if (found?.State.Running && found.State.Pid === processId) continue
      this.#entered.delete(node)
      lost.push(node)
    }
    return lost
  }
}

/** The Engine may be starting anew. */
const WATCH_AGAIN_MS = 500
const CLUSTER_LABEL = 'io.nanokube.cluster'
const TYPE_LABEL = 'io.nanokube.type'
/** On what a kubelet makes. It must not take the container around it for one of its pods. */
const NODE_LABEL = 'io.nanokube.node'
const HOLDER_LABEL = 'io.nanokube.node-container'
const PORTS_LABEL = 'io.nanokube.ports'

const networkName = ({ name }: ClusterDescription): string => `nanokube-${name}`
const ofCluster = ({ id }: ClusterDescription): string => `${CLUSTER_LABEL}=${id}`

/** Makes the network unless it is there. */
async function ensureNetwork(engine: Engine, cluster: ClusterDescription): Promise<void> {
  const { length } = await engine.listNetworks({ label: [ofCluster(cluster)] })
  if (length > 0) return
  const { subnet, gateway } = cluster.network
  await engine.createNetwork({
    Name: networkName(cluster),
    Driver: 'bridge',
    CheckDuplicate: true,
    IPAM: { Config: [{ Subnet: subnet, Gateway: gateway }] },
    Labels: { [CLUSTER_LABEL]: cluster.id },
  })
}

/** The process whose network is the node's. */
async function ensureHolder(
  engine: Engine,
  cluster: ClusterDescription,
  node: ClusterNode,
): Promise<number> {
  const name = holderName(cluster, node.name)
  const id = await createHolder(engine, cluster, node, name)
  await engine.startContainer(id)
  const { State: state } = await engine.inspectContainer(id)
  if (!state.Running) throw new Error(`container ${name} is ${state.Status}, wanted it to run`)
  return state.Pid
}

async function createHolder(
  engine: Engine,
  cluster: ClusterDescription,
  node: ClusterNode,
  name: string,
): Promise<string> {
  const found = await engine.listContainers({
    label: [ofCluster(cluster), `${HOLDER_LABEL}=${node.name}`],
  })
  const ports = publishedPorts(cluster, node)
  const portsText = ports
    .map(({ address, hostPort, port }) => `${address}:${hostPort}:${port}`)
    .join(' ')
  const [present] = found
  if (present && (present.Labels?.[PORTS_LABEL] ?? '') === portsText) return present.Id
  // What a container publishes never changes, and all that it holds is made anew.
  if (present) await unlessGone(engine.removeContainer(present.Id, true))
  const { Architecture: architecture } = await engine.info()
  const network = networkName(cluster)
  return engine.createContainer(name, {
    Image: await ensurePauseImage(engine, architecture),
    Hostname: node.name,
    Labels: {
      [CLUSTER_LABEL]: cluster.id,
      [HOLDER_LABEL]: node.name,
      [TYPE_LABEL]: 'node',
      ...(portsText && { [PORTS_LABEL]: portsText }),
    },
    ExposedPorts: Object.fromEntries(ports.map(({ port }) => [port, {}])),
    HostConfig: {
      PortBindings: Object.fromEntries(
        ports.map(({ port, address, hostPort }) => [
          port,
          [{ HostIp: address, HostPort: String(hostPort) }],
        ]),
      ),
      NetworkMode: network,
      Sysctls: { 'net.ipv4.ip_forward': '1' },
    },
    NetworkingConfig: {
      EndpointsConfig: { [network]: { IPAMConfig: { IPv4Address: node.address } } },
    },
  })
}

/** Removes the containers of one node, or of all that there ever were. */
export async function removeContainers(
  engine: Engine,
  cluster: ClusterDescription,
  node?: string,
): Promise<void> {
  const labels = node
    ? [NODE_LABEL, HOLDER_LABEL].map((label) => [ofCluster(cluster), `${label}=${node}`])
    : [[ofCluster(cluster)]]
  for (const label of labels) {
    const containers = await engine.listContainers({ label })
    await settleAll(containers.map(({ Id }) => unlessGone(engine.removeContainer(Id, true))))
    const volumes = await engine.listVolumes({ label })
    await settleAll(volumes.map(({ Name }) => unlessGone(engine.removeVolume(Name))))
  }
}

/** Everything that carries the label of the cluster; nothing else, ever. */
export async function removeFromEngine(
  engine: Engine,
  cluster: ClusterDescription,
  log?: Log,
): Promise<void> {
  await removeContainers(engine, cluster)
  const networks = await engine.listNetworks({ label: [ofCluster(cluster)] })
  await settleAll(networks.map(({ Id }) => unlessGone(engine.removeNetwork(Id))))
  log?.info('removed from the Engine', { cluster: cluster.name })
}

/** Stops what runs, and leaves it there. */
export async function stopContainers(engine: Engine, cluster: ClusterDescription): Promise<void> {
  const running = await engine.listContainers({ label: [ofCluster(cluster)], status: ['running'] })
  await settleAll(running.map(({ Id }) => unlessGone(engine.killContainer(Id, 'SIGKILL'))))
}

async function unlessGone(work: Promise<void>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!hasStatus(error, 404, 409)) throw error
  }
}
