/**
 * The machine that everything runs on, or a few of them, as a cloud: addresses for Services come
 * from a pool, and what is known of nodes is what their kubelets say. That traffic arrives is the
 * business of kube-proxy.
 */

import { parseIp } from '#api/ip.ts'
import type { Node } from '#api/kinds/core/node.ts'
import type { LoadBalancerStatus, Service } from '#api/kinds/core/service.ts'
import type { NodeAddress } from '#api/parts/core/node-status.ts'
import type { AddressPool } from '../address-pool.ts'
import type {
  BalancerRequest,
  Balancers,
  CloudProvider,
  InstanceMetadata,
  Instances,
} from '../provider.ts'
import { addressesOf, holders, plannedAddresses } from './local-addresses.ts'

export interface LocalSettings {
  readonly pool: AddressPool
  /** By the name of a node. */
  readonly zones: ReadonlyMap<string, string>
  readonly region: string | undefined
}

const PROVIDED_IP = 'alpha.kubernetes.io/provided-node-ip'

export const localProvider = (settings: LocalSettings): CloudProvider => ({
  name: 'local',
  instances: new LocalInstances(settings),
  balancers: settings.pool.length > 0 ? new LocalBalancers(settings.pool) : undefined,
})

class LocalBalancers implements Balancers {
  readonly dependsOnNodes = false
  readonly #pool: AddressPool
  /** By UID: what has been given away and is not yet seen in the status of the Service. */
  readonly #assumed = new Map<string, { readonly service: Service; addresses: readonly string[] }>()

  constructor(pool: AddressPool) {
    this.#pool = pool
  }

  async ensure({ service, services }: BalancerRequest): Promise<LoadBalancerStatus> {
    const { uid } = service.metadata
    this.#forgetSeen(services)
    const known = holders(services.filter(({ metadata }) => metadata.uid !== uid))
    const holderOf = (address: string): Service | undefined =>
      this.#assumedBy(address, uid) ?? known.get(address)
    const addresses = plannedAddresses(service, this.#pool, holderOf)
    this.#assumed.set(uid, { service, addresses })
    return { ingress: addresses.map((ip) => ({ ip, ipMode: 'VIP' })) }
  }

  async remove({ metadata }: Service): Promise<void> {
    this.#assumed.delete(metadata.uid)
  }

  #assumedBy(address: string, uid: string): Service | undefined {
    for (const [other, { service, addresses }] of this.#assumed) {
      if (other !== uid && addresses.includes(address)) return service
    }
    return undefined
  }

  /** What a Service shows, or whose Service is gone, needs no memory any more. */
  #forgetSeen(services: readonly Service[]): void {
    const present = new Map(services.map((service) => [service.metadata.uid, service]))
    for (const [uid, { addresses }] of this.#assumed) {
      const service = present.get(uid)
      const shown = service ? addressesOf(service) : []
      if (!service || addresses.every((each) => shown.includes(each))) this.#assumed.delete(uid)
    }
  }
}

class LocalInstances implements Instances {
  readonly #settings: LocalSettings

  constructor(settings: LocalSettings) {
    this.#settings = settings
  }

  async metadata(node: Node): Promise<InstanceMetadata> {
    const { name } = node.metadata
    const { zones, region } = this.#settings
    return {
      providerId: `local://${name}`,
      addresses: addressesOfNode(node),
      zone: zones.get(name),
      region,
    }
  }

  /** Nobody but its kubelet can tell, and whoever removes it deletes the node, too. */
  async exists(): Promise<boolean> {
    return true
  }

  async isShutDown(): Promise<boolean> {
    return false
  }
}

/** Those that it reports; before it does, those that it was started with. */
function addressesOfNode({ metadata, status }: Node): readonly NodeAddress[] {
  if (status.addresses?.length) return status.addresses
  const provided = (metadata.annotations?.[PROVIDED_IP] ?? '')
    .split(',')
    .map((text) => text.trim())
    .filter((text) => parseIp(text))
  if (provided.length === 0) return []
  const hostname: NodeAddress = { type: 'Hostname', address: metadata.name }
  return [...provided.map((address): NodeAddress => ({ type: 'InternalIP', address })), hostname]
}
