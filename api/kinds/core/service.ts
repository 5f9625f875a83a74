/** FIXME: one sentence. */
import { defineKind, statusSubresource } from '../../kind.ts'
import { condition } from '../../parts/meta/condition.ts'
import {
  always,
  boolean,
  enumOf,
  int32,
  intOrString,
  listOf,
  mapOf,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
  wordOf,
} from '../../schema.ts'

export const servicePort = struct('core.v1.ServicePort', '', {
  name: omitEmpty(1, string, ''),
  protocol: omitEmpty(2, enumOf('TCP', 'UDP', 'SCTP'), '', { default: 'TCP' }),
  appProtocol: optional(6, string, ''),
  port: always(3, int32, ''),
  targetPort: omitEmpty(4, intOrString, ''),
  nodePort: omitEmpty(5, int32, ''),
})
export interface ServicePort extends Stored<typeof servicePort> {}

export const clientIPConfig = struct('core.v1.ClientIPConfig', '', {
  timeoutSeconds: optional(1, int32, ''),
})
export interface ClientIPConfig extends Stored<typeof clientIPConfig> {}

export const sessionAffinityConfig = struct('core.v1.SessionAffinityConfig', '', {
  clientIP: optional(1, clientIPConfig, ''),
})
export interface SessionAffinityConfig extends Stored<typeof sessionAffinityConfig> {}

export const serviceSpec = struct('core.v1.ServiceSpec', '', {
  ports: omitEmpty(
    1,
    listOf(servicePort, { keys: ['port', 'protocol'], mergeKey: 'port', patch: 'merge' }),
    '',
  ),
  selector: omitEmpty(2, mapOf(string), '', { atomic: true }),
  clusterIP: omitEmpty(3, string, ''),
  clusterIPs: omitEmpty(18, listOf(string, { listType: 'atomic' }), ''),
  type: omitEmpty(4, enumOf('ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'), ''),
  externalIPs: omitEmpty(5, listOf(string, { listType: 'atomic' }), ''),
  sessionAffinity: omitEmpty(7, enumOf('ClientIP', 'None'), ''),
  loadBalancerIP: omitEmpty(8, string, ''),
  loadBalancerSourceRanges: omitEmpty(9, listOf(string, { listType: 'atomic' }), ''),
  externalName: omitEmpty(10, string, ''),
  externalTrafficPolicy: omitEmpty(11, enumOf('Cluster', 'Local'), ''),
  healthCheckNodePort: omitEmpty(12, int32, ''),
  publishNotReadyAddresses: omitEmpty(13, boolean, ''),
  sessionAffinityConfig: optional(14, sessionAffinityConfig, ''),
  ipFamilies: omitEmpty(19, listOf(enumOf('IPv4', 'IPv6', ''), { listType: 'atomic' }), ''),
  ipFamilyPolicy: optional(17, enumOf('SingleStack', 'PreferDualStack', 'RequireDualStack'), ''),
  allocateLoadBalancerNodePorts: optional(20, boolean, ''),
  loadBalancerClass: optional(21, string, ''),
  internalTrafficPolicy: optional(22, enumOf('Cluster', 'Local'), ''),
  trafficDistribution: optional(23, string, ''),
})
export interface ServiceSpec extends Stored<typeof serviceSpec> {}

export const portStatus = struct('core.v1.PortStatus', '', {
  port: always(1, int32, ''),
  protocol: always(2, enumOf('TCP', 'UDP', 'SCTP'), ''),
  error: optional(3, string, ''),
})
export interface PortStatus extends Stored<typeof portStatus> {}

export const loadBalancerIngress = struct('core.v1.LoadBalancerIngress', '', {
  ip: omitEmpty(1, string, ''),
  hostname: omitEmpty(2, string, ''),
  ipMode: optional(3, wordOf('VIP', 'Proxy'), ''),
  ports: omitEmpty(4, listOf(portStatus, { listType: 'atomic' }), ''),
})
export interface LoadBalancerIngress extends Stored<typeof loadBalancerIngress> {}

export const loadBalancerStatus = struct('core.v1.LoadBalancerStatus', '', {
  ingress: omitEmpty(1, listOf(loadBalancerIngress, { listType: 'atomic' }), ''),
})
export interface LoadBalancerStatus extends Stored<typeof loadBalancerStatus> {}

export const serviceStatus = struct('core.v1.ServiceStatus', '', {
  loadBalancer: omitEmpty(1, loadBalancerStatus, ''),
  conditions: omitEmpty(
    2,
    listOf(condition, { keys: ['type'], mergeKey: 'type', patch: 'merge' }),
    '',
  ),
})
export interface ServiceStatus extends Stored<typeof serviceStatus> {}

export const Service = defineKind({
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  shortNames: ['svc'],
  categories: ['all'],
  scope: 'Namespaced',
  subresources: {
    proxy: {
      group: '',
      version: 'v1',
      kind: 'ServiceProxyOptions',
      verbs: ['create', 'delete', 'get', 'patch', 'update'],
    },
    ...statusSubresource,
  },
  createOnUpdate: true,
  deletion: { returnsObject: true },
  doc: '',
  fields: {
    spec: omitEmpty(2, serviceSpec, ''),
    status: omitEmpty(3, serviceStatus, ''),
  },
  // columns: Name, Type, Cluster-IP, External-IP, Port(s), Age, Selector*
})
export interface Service extends Stored<typeof Service> {}
