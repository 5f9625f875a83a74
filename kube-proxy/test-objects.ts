/** Objects for the tests of rules: complete where the API would complete them. */
import type { Node } from '#api/kinds/core/node.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import type { Service } from '#api/kinds/core/service.ts'
import type { Endpoint, EndpointPort, EndpointSlice } from '#api/kinds/discovery/endpoint-slice.ts'

export type EndpointRow = readonly [last: string, more?: Partial<Endpoint>]

/** Endpoints at 10.244.0.x on node n1, unless they say otherwise. */
export function slice(
  endpoints: readonly EndpointRow[],
  {
    ports = [{ port: 8080 }],
    ...more
  }: Partial<Pick<EndpointSlice, 'addressType'>> & {
    ports?: readonly Partial<EndpointPort>[]
  } = {},
): EndpointSlice {
  const metadata = { name: 'web-1', namespace: 'default' }
  return {
    metadata,
    addressType: 'IPv4',
    endpoints: endpoints.map(([last, rest]) => ({
      addresses: [/[:.]/.test(last) ? last : `10.244.0.${last}`],
      conditions: { ready: true },
      nodeName: 'n1',
      ...rest,
    })),
    ports: ports.map((port) => ({ name: '', protocol: 'TCP', ...port })),
    ...more,
  } as unknown as EndpointSlice
}

export function service(
  spec: Partial<Service['spec']>,
  status: Partial<Service['status']> = {},
): Service {
  return {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      type: 'ClusterIP',
      clusterIP: '10.96.0.20',
      clusterIPs: ['10.96.0.20'],
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      ports: [{ port: 80, protocol: 'TCP', targetPort: 8080 }],
      ...spec,
    },
    status: { loadBalancer: {}, ...status },
  } as unknown as Service
}

export function pod(spec: Partial<Pod['spec']>, status: Partial<Pod['status']> = {}): Pod {
  return {
    metadata: { name: 'one', namespace: 'default' },
    spec: { nodeName: 'n1', containers: [], ...spec },
    status: { phase: 'Running', podIP: '10.244.0.5', podIPs: [{ ip: '10.244.0.5' }], ...status },
  } as unknown as Pod
}

export function node(
  name: string,
  podCIDRs: readonly string[],
  addresses: readonly string[],
  more: { labels?: Record<string, string>; outside?: string; taints?: readonly string[] } = {},
): Node {
  return {
    metadata: { name, labels: more.labels ?? {} },
    spec: { podCIDRs, taints: (more.taints ?? []).map((key) => ({ key, effect: 'NoSchedule' })) },
    status: {
      addresses: [
        ...addresses.map((address) => ({ type: 'InternalIP', address })),
        ...(more.outside ? [{ type: 'ExternalIP', address: more.outside }] : []),
      ],
    },
  } as unknown as Node
}
