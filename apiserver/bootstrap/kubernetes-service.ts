/** The Service `kubernetes` through which pods reach this server, and the range it comes from. */
import { formatCidr } from '#api/ip.ts'
import { epochToTime } from '#api/time.ts'
import { firstServiceIp } from '../allocation/service-network.ts'
import type { ServerParts } from '../request-context.ts'
import { enforce, ensure } from './ensure.ts'

/** Where others reach this server. */
export interface Advertised {
  readonly address: string
  readonly port: number
}

const name = 'kubernetes'
const metadata = { name, namespace: 'default' }
const SERVICE_PORT = 443
/** Where the server listens by default. */
const TARGET_PORT = 6443

/** Before any Service can be given an address. */
export async function ensureServiceRange(parts: ServerParts): Promise<void> {
  const cidrs = parts.serviceNetwork.ranges.map(formatCidr)
  const type = { apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR' }
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: 'Ready',
    message: 'Kubernetes default Service CIDR is ready',
    lastTransitionTime: epochToTime(Math.floor(parts.clock.now() / 1000)),
  }
  const status = { conditions: [ready] }
  if (await ensure(parts, { ...type, metadata: { name }, spec: { cidrs } })) {
    await enforce(parts, { ...type, metadata: { name }, status }, 'status')
    return
  }
  const present = cidrsInUse(parts)
  if (present.join() !== cidrs.join()) {
    parts.log.warn('the service range of the flags is not the one in use', { present, cidrs })
  }
}

function cidrsInUse({ store, resources }: ServerParts): readonly string[] {
  const resource = resources.find('networking.k8s.io', 'v1', 'servicecidrs')!
  const entry = store.get(resource.keyOf('', name))
  const { cidrs } = (entry ? resource.parse(entry).spec : {}) as { cidrs?: string[] }
  return cidrs ?? []
}

export async function ensureKubernetesService(
  parts: ServerParts,
  advertised: Advertised | undefined,
): Promise<void> {
  const targetPort = advertised?.port ?? TARGET_PORT
  const [primary] = parts.serviceNetwork.ranges
  await ensure(parts, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...metadata, labels: { component: 'apiserver', provider: name } },
    spec: {
      type: 'ClusterIP',
      clusterIP: firstServiceIp(primary!),
      ipFamilies: [primary!.ip.family],
      ipFamilyPolicy: 'SingleStack',
      sessionAffinity: 'None',
      ports: [{ name: 'https', protocol: 'TCP', port: SERVICE_PORT, targetPort }],
    },
  })
  if (advertised) await publish(parts, advertised)
}

async function publish(parts: ServerParts, { address, port }: Advertised): Promise<void> {
  const ports = [{ name: 'https', protocol: 'TCP', port }]
  const skipsMirror = { 'endpointslice.kubernetes.io/skip-mirror': 'true' }
  await enforce(parts, {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { ...metadata, labels: skipsMirror },
    subsets: [{ addresses: [{ ip: address }], ports }],
  })
  await enforce(parts, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...metadata, labels: { 'kubernetes.io/service-name': name } },
    addressType: address.includes(':') ? 'IPv6' : 'IPv4',
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports,
  })
}
