/** Questions about services that rules, defaults and tables share. */

export interface PortFacts {
  readonly name?: string
  readonly protocol: string
  readonly appProtocol?: string
  readonly port: number
  readonly targetPort: number | string
  nodePort?: number
}

/** The spec of a service as the rules see it; what allocation and clean-up change is writable. */
export interface ServiceSpec {
  readonly ports?: PortFacts[]
  readonly selector?: Readonly<Record<string, string>>
  clusterIP?: string
  clusterIPs?: string[]
  readonly type: string
  readonly externalIPs?: readonly string[]
  readonly sessionAffinity: string
  readonly sessionAffinityConfig?: {
    readonly clientIP?: { readonly timeoutSeconds?: number }
  }
  readonly loadBalancerIP?: string
  readonly loadBalancerSourceRanges?: readonly string[]
  readonly externalName?: string
  externalTrafficPolicy?: string
  healthCheckNodePort?: number
  ipFamilies?: string[]
  ipFamilyPolicy?: string
  allocateLoadBalancerNodePorts?: boolean
  loadBalancerClass?: string
  internalTrafficPolicy?: string
  readonly trafficDistribution?: string
}

type Facts = Partial<ServiceSpec>

/** Nothing balances it: DNS answers with the addresses behind it. */
export const isHeadless = ({ clusterIPs }: Facts): boolean =>
  clusterIPs?.length === 1 && clusterIPs[0] === 'None'

export const needsClusterIp = ({ type }: Facts): boolean => type !== 'ExternalName'

export const needsNodePorts = ({ type }: Facts): boolean =>
  type === 'NodePort' || type === 'LoadBalancer'

/** Reached from outside of the cluster, so that it matters which nodes take the traffic. */
export const isExternal = (spec: Facts): boolean =>
  needsNodePorts(spec) || (!!spec.externalIPs?.length && (spec.type ?? 'ClusterIP') === 'ClusterIP')

/** Load balancers must find out which nodes have an endpoint. */
export const needsHealthCheck = ({ type, externalTrafficPolicy }: Facts): boolean =>
  type === 'LoadBalancer' && externalTrafficPolicy === 'Local'
