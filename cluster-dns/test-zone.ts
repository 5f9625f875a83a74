/** A small cluster as a zone, for tests. */
import type { Namespace } from '#api/kinds/core/namespace.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import type { Service } from '#api/kinds/core/service.ts'
import type { EndpointSlice } from '#api/kinds/discovery/endpoint-slice.ts'
import { Cache } from '#client/cache.ts'
import { directoryOver } from './directory.ts'
import { Zone, type ZoneSettings } from './zone.ts'

export interface ObjectsOf {
  readonly pods?: ZoneSettings['pods']
}

const inShop = (name: string, labels: Record<string, string> = {}) => ({
  name,
  namespace: 'shop',
  labels,
  uid: name,
})

function service(name: string, spec: object, namespace = 'shop'): Service {
  const metadata = { ...inShop(name), namespace }
  const ports = [{ name: 'http', port: 80, protocol: 'TCP' }]
  return { metadata, spec: { type: 'ClusterIP', ports, ...spec } } as unknown as Service
}

function slice(
  of: string,
  addressType: 'IPv4' | 'IPv6',
  endpoints: readonly object[],
  ports: readonly object[],
): EndpointSlice {
  const metadata = inShop(`${of}-${addressType}`, { 'kubernetes.io/service-name': of })
  return { metadata, addressType, endpoints, ports } as unknown as EndpointSlice
}

const services = [
  service('kube-dns', { clusterIPs: ['10.96.0.10'] }, 'kube-system'),
  service('web', {
    clusterIPs: ['10.96.0.20'],
    ports: [
      { name: 'http', port: 80, protocol: 'TCP' },
      { name: 'dns', port: 53, protocol: 'UDP' },
    ],
  }),
  service('both', { clusterIPs: ['10.96.0.21', 'fd00::21'] }),
  service('plain', { clusterIPs: ['10.96.0.22'], ports: [{ port: 80, protocol: 'TCP' }] }),
  service('db', { clusterIPs: ['None'] }),
  service('idle', { clusterIPs: ['None'] }),
  service('alias', { type: 'ExternalName', clusterIPs: [], externalName: 'db.example.com.' }),
]
const sql = [{ name: 'sql', port: 5432, protocol: 'TCP' }]
const slices = [
  slice(
    'web',
    'IPv4',
    [{ addresses: ['10.244.0.1'], conditions: { ready: true } }],
    [{ name: 'http', port: 8080, protocol: 'TCP' }],
  ),
  slice(
    'db',
    'IPv4',
    [
      { addresses: ['10.244.0.1'], conditions: { ready: true }, hostname: 'db-0' },
      { addresses: ['10.244.0.2'], conditions: {} },
      { addresses: ['10.244.0.3'], conditions: { ready: false, serving: true } },
    ],
    sql,
  ),
  slice('db', 'IPv6', [{ addresses: ['fd01::1'], conditions: {}, hostname: 'db-0' }], sql),
  slice('idle', 'IPv4', [{ addresses: ['10.244.0.4'], conditions: { ready: false } }], sql),
]

export function zoneOf({ pods = 'insecure' }: ObjectsOf = {}): Zone {
  const caches = {
    namespaces: new Cache<Namespace>(),
    services: new Cache<Service>(),
    slices: new Cache<EndpointSlice>(),
    pods: new Cache<Pod>(),
  }
  for (const name of ['shop', 'kube-system']) {
    caches.namespaces.put({ metadata: { name, uid: name } } as unknown as Namespace)
  }
  for (const each of services) caches.services.put(each)
  for (const each of slices) caches.slices.put(each)
  caches.pods.put({
    metadata: inShop('one'),
    spec: {},
    status: { podIPs: [{ ip: '10.244.0.7' }] },
  } as unknown as Pod)
  const settings = {
    domain: 'cluster.local',
    ttlSeconds: 30,
    ownService: 'kube-system/kube-dns',
    pods,
    serial: () => 77,
  }
  return new Zone(settings, directoryOver(caches))
}
