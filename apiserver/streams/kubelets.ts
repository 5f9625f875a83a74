/** The kubelets of the cluster, found through their Nodes. */
import type { Node } from '#api/kinds/core/node.ts'
import { StatusError } from '#api/status.ts'
import type { Backend } from './backend.ts'
import { isReachableAddress } from './reachable-address.ts'

export interface KubeletSettings {
  /** Plain HTTP: for tests only. */
  readonly isPlaintext?: boolean
  /** Who signs the certificates of kubelets; without it they are not checked. */
  readonly certificateAuthority?: string | Buffer | undefined
  readonly clientCertificate?: string | Buffer | undefined
  readonly clientKey?: string | Buffer | undefined
  /** Which addresses of a node to use, best first. */
  readonly addressTypes?: readonly string[]
  /** Where proxies may lead beside kubelets; not to this machine or its link, unless given. */
  readonly isReachable?: (address: string) => boolean
}

export const defaultAddressTypes = [
  'InternalIP',
  'ExternalIP',
  'Hostname',
  'InternalDNS',
  'ExternalDNS',
]

const KUBELET_PORT = 10250

export class Kubelets {
  readonly #settings: KubeletSettings

  constructor(settings: KubeletSettings = {}) {
    this.#settings = settings
  }

  /** The kubelet of a node. `isUnchecked`: whatever certificate it shows. */
  backendOf(node: Node, isUnchecked = false): Backend {
    const host = preferredAddress(node, this.#settings.addressTypes ?? defaultAddressTypes)
    const port = node.status.daemonEndpoints?.kubeletEndpoint?.Port || KUBELET_PORT
    const { isPlaintext, certificateAuthority, clientCertificate, clientKey } = this.#settings
    if (isPlaintext) return { host, port }
    const isChecked = certificateAuthority !== undefined && !isUnchecked
    return {
      host,
      port,
      tls: {
        rejectUnauthorized: isChecked,
        ...(isChecked && { ca: certificateAuthority }),
        ...(clientCertificate && clientKey && { cert: clientCertificate, key: clientKey }),
      },
    }
  }

  isReachable(address: string): boolean {
    return (this.#settings.isReachable ?? isReachableAddress)(address)
  }
}

function preferredAddress({ status }: Node, types: readonly string[]): string {
  const addresses = status.addresses ?? []
  for (const type of types) {
    const found = addresses.find((each) => each.type === type)
    if (found) return found.address
  }
  const known = addresses.map(({ type, address }) => `{${type} ${address}}`).join(' ')
  const message = `no preferred addresses found; known addresses: [${known}]`
  throw StatusError.withoutReason(500, message)
}
