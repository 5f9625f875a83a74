/** What the zone is made of: Services, their endpoints, namespaces, and pods where wanted. */
import type { Namespace } from '#api/kinds/core/namespace.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import type { Service } from '#api/kinds/core/service.ts'
import type { EndpointSlice } from '#api/kinds/discovery/endpoint-slice.ts'
import { isHeadless } from '#api/rules/service-facts.ts'
import type { CacheReader, Index } from '#client/cache.ts'

export interface Directory {
  hasNamespace(name: string): boolean
  service(namespace: string, name: string): Service | undefined
  slices(namespace: string, name: string): readonly EndpointSlice[]
  serviceAt(address: string): Service | undefined
  slicesAt(address: string): readonly EndpointSlice[]
  hasPod(namespace: string, address: string): boolean
}

export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name'

const byService: Index<EndpointSlice> = {
  name: 'service',
  values: ({ metadata }) => {
    const service = metadata.labels?.[SERVICE_NAME_LABEL]
    return service ? [`${metadata.namespace}/${service}`] : []
  },
}
const byAddress: Index<EndpointSlice> = {
  name: 'address',
  values: ({ endpoints }) => [
    ...new Set((endpoints ?? []).flatMap(({ addresses }) => addresses ?? [])),
  ],
}
const byClusterIp: Index<Service> = {
  name: 'cluster IP',
  values: ({ spec }) => (isHeadless(spec) ? [] : (spec.clusterIPs ?? [])),
}
const byPodAddress: Index<Pod> = {
  name: 'pod address',
  values: ({ metadata, spec, status }) =>
    spec.hostNetwork
      ? []
      : (status?.podIPs ?? []).flatMap(({ ip }) => (ip ? [`${metadata.namespace}/${ip}`] : [])),
}

export interface DirectoryCaches {
  readonly namespaces: CacheReader<Namespace>
  readonly services: CacheReader<Service>
  readonly slices: CacheReader<EndpointSlice>
  /** Without it, every address may be that of a pod. */
  readonly pods?: CacheReader<Pod> | undefined
}

export function directoryOver({ namespaces, services, slices, pods }: DirectoryCaches): Directory {
  return {
    hasNamespace: (name) => namespaces.get({ name }) !== undefined,
    service: (namespace, name) => services.get({ namespace, name }),
    slices: (namespace, name) => slices.by(byService, `${namespace}/${name}`),
    serviceAt: (address) => services.by(byClusterIp, address)[0],
    slicesAt: (address) => slices.by(byAddress, address),
    hasPod: (namespace, address) =>
      !pods || pods.by(byPodAddress, `${namespace}/${address}`).length > 0,
  }
}
