/** Service: one stable address and name for a set of pods that changes. */
import { isDeepStrictEqual } from 'node:util'
import { defineKind, statusSubresource } from '../../kind.ts'
import { dns1035LabelName } from '../../names.ts'
import { condition } from '../../parts/meta/condition.ts'
import { checkLoadBalancerStatus } from '../../rules/load-balancer-status.ts'
import { checkService } from '../../rules/service.ts'
import { checkAddressChanges } from '../../rules/service-addresses.ts'
import {
  alignClusterIps,
  checkLoadBalancerChanges,
  dropUnneeded,
  keepAllocated,
} from '../../rules/service-change.ts'
import { serviceColumns } from '../../rules/service-columns.ts'
import { isExternal } from '../../rules/service-facts.ts'
import { serviceWarnings } from '../../rules/service-warnings.ts'
import {
  always,
  boolean,
  int32,
  intOrString,
  listOf,
  mapOf,
  omitEmpty,
  optional,
  publishedEnum,
  type Stored,
  string,
  struct,
  wordOf,
} from '../../schema.ts'

const protocol = publishedEnum('TCP', 'UDP', 'SCTP')
const trafficPolicy = publishedEnum('Cluster', 'Local')

export const servicePort = struct(
  'core.v1.ServicePort',
  'A port of a service and where it leads.',
  {
    name: omitEmpty(1, string, 'Name of the port: a DNS label, needed when there are several.'),
    protocol: omitEmpty(2, protocol, 'TCP, UDP or SCTP; TCP unless set.', { default: 'TCP' }),
    appProtocol: optional(6, string, 'What is spoken on it, such as kubernetes.io/h2c.'),
    port: always(3, int32, 'Number of the port at the service.'),
    targetPort: omitEmpty(
      4,
      intOrString,
      'Number of the port at the pods, or its name in their containers; the same unless set.',
    ),
    nodePort: omitEmpty(
      5,
      int32,
      'Port at every node, for types NodePort and LoadBalancer; one is picked unless set.',
    ),
  },
  {
    defaults(value) {
      if (!value.targetPort) value.targetPort = value.port
    },
  },
)
export interface ServicePort extends Stored<typeof servicePort> {}

export const clientIPConfig = struct(
  'core.v1.ClientIPConfig',
  'How clients stick to a pod by their address.',
  {
    timeoutSeconds: optional(
      1,
      int32,
      'How long a client sticks, in seconds, from 1 to 86400; 10800 unless set.',
    ),
  },
)
export interface ClientIPConfig extends Stored<typeof clientIPConfig> {}

export const sessionAffinityConfig = struct(
  'core.v1.SessionAffinityConfig',
  'How clients stick to a pod.',
  {
    clientIP: optional(1, clientIPConfig, 'How they stick by their address.'),
  },
)
export interface SessionAffinityConfig extends Stored<typeof sessionAffinityConfig> {}

/** Three hours. */
const AFFINITY_SECONDS = 10_800

export const serviceSpec = struct(
  'core.v1.ServiceSpec',
  'What a service should be.',
  {
    ports: omitEmpty(
      1,
      listOf(servicePort, { keys: ['port', 'protocol'], mergeKey: 'port', patch: 'merge' }),
      'Ports of the service.',
    ),
    selector: omitEmpty(
      2,
      mapOf(string),
      'Labels of the pods that traffic goes to; without it somebody else names the addresses.',
      { atomic: true },
    ),
    clusterIP: omitEmpty(
      3,
      string,
      'Address in the cluster: one is picked unless set; None makes DNS answer with the pods.',
    ),
    clusterIPs: omitEmpty(
      18,
      listOf(string, { listType: 'atomic' }),
      'Addresses in the cluster, one for each IP family; the first is clusterIP.',
    ),
    type: omitEmpty(
      4,
      publishedEnum('ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'),
      'Reached in the cluster (ClusterIP, unless set), at nodes, by a balancer, or an alias.',
      { default: 'ClusterIP' },
    ),
    externalIPs: omitEmpty(
      5,
      listOf(string, { listType: 'atomic' }),
      'Further addresses at which nodes take traffic; who owns them is not checked.',
    ),
    sessionAffinity: omitEmpty(
      7,
      publishedEnum('ClientIP', 'None'),
      'Whether clients stick to a pod: None (unless set) or ClientIP.',
      { default: 'None' },
    ),
    loadBalancerIP: omitEmpty(
      8,
      string,
      'Address that the balancer should get, where the cloud knows this. Deprecated.',
    ),
    loadBalancerSourceRanges: omitEmpty(
      9,
      listOf(string, { listType: 'atomic' }),
      'Ranges of client addresses that the balancer lets through; all of them unless set.',
    ),
    externalName: omitEmpty(
      10,
      string,
      'DNS name that the service is an alias for, for type ExternalName.',
    ),
    externalTrafficPolicy: omitEmpty(
      11,
      trafficPolicy,
      'Whether traffic from outside goes to all pods (Cluster) or those of the node (Local).',
    ),
    healthCheckNodePort: omitEmpty(
      12,
      int32,
      'Port at which nodes tell the balancer of local pods; one is picked unless set.',
    ),
    publishNotReadyAddresses: omitEmpty(
      13,
      boolean,
      'Whether pods that are not ready count as ready, as for peers that find each other.',
    ),
    sessionAffinityConfig: optional(14, sessionAffinityConfig, 'How clients stick to a pod.'),
    ipFamilies: omitEmpty(
      19,
      listOf(publishedEnum('IPv4', 'IPv6', ''), { listType: 'atomic' }),
      'IP families of the addresses, in order; the first never changes.',
    ),
    ipFamilyPolicy: optional(
      17,
      publishedEnum('SingleStack', 'PreferDualStack', 'RequireDualStack'),
      'One address (SingleStack, unless set), two if the cluster can, or two for sure.',
    ),
    allocateLoadBalancerNodePorts: optional(
      20,
      boolean,
      'Whether type LoadBalancer gets ports at nodes; true unless set.',
    ),
    loadBalancerClass: optional(
      21,
      string,
      'Which implementation makes the balancer; that of the cloud unless set. Never changes.',
    ),
    internalTrafficPolicy: optional(
      22,
      trafficPolicy,
      'Whether traffic from the cluster goes to all pods (Cluster, unless set) or local ones.',
    ),
    trafficDistribution: optional(
      23,
      string,
      'Which pods are preferred: PreferSameZone (also PreferClose) or PreferSameNode.',
    ),
  },
  {
    defaults(value) {
      if (value.sessionAffinity === 'None') delete value.sessionAffinityConfig
      else if (
        value.sessionAffinity === 'ClientIP' &&
        value.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined
      ) {
        value.sessionAffinityConfig = { clientIP: { timeoutSeconds: AFFINITY_SECONDS } }
      }
      if (isExternal(value) && !value.externalTrafficPolicy) value.externalTrafficPolicy = 'Cluster'
      if (value.type !== 'ExternalName') value.internalTrafficPolicy ??= 'Cluster'
      if (value.type === 'LoadBalancer') value.allocateLoadBalancerNodePorts ??= true
    },
  },
)
export interface ServiceSpec extends Stored<typeof serviceSpec> {}

export const portStatus = struct('core.v1.PortStatus', 'The state of a port of a balancer.', {
  port: always(1, int32, 'Number of the port of the service.'),
  protocol: always(2, protocol, 'Protocol of the port.'),
  error: optional(3, string, 'What is wrong with it, as a qualified name.'),
})
export interface PortStatus extends Stored<typeof portStatus> {}

export const loadBalancerIngress = struct(
  'core.v1.LoadBalancerIngress',
  'A point at which a balancer takes traffic.',
  {
    ip: omitEmpty(1, string, 'Its address, where it has one.'),
    hostname: omitEmpty(2, string, 'Its DNS name, where it has one.'),
    ipMode: optional(
      3,
      wordOf('VIP', 'Proxy'),
      'Whether traffic arrives with this destination (VIP, unless set) or that of a node.',
    ),
    ports: omitEmpty(4, listOf(portStatus, { listType: 'atomic' }), 'The state of its ports.'),
  },
)
export interface LoadBalancerIngress extends Stored<typeof loadBalancerIngress> {}

export const loadBalancerStatus = struct('core.v1.LoadBalancerStatus', 'The state of a balancer.', {
  ingress: omitEmpty(
    1,
    listOf(loadBalancerIngress, { listType: 'atomic' }),
    'Points at which it takes traffic.',
  ),
})
export interface LoadBalancerStatus extends Stored<typeof loadBalancerStatus> {}

export const serviceStatus = struct('core.v1.ServiceStatus', 'The state of a service.', {
  loadBalancer: omitEmpty(1, loadBalancerStatus, 'The state of its balancer.'),
  conditions: omitEmpty(
    2,
    listOf(condition, { keys: ['type'], mergeKey: 'type', patch: 'merge' }),
    'Aspects of its state.',
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
  deletion: { returnsObject: true },
  doc: 'One stable address and name for a set of pods that changes.',
  fields: {
    spec: omitEmpty(2, serviceSpec, 'What the service should be.'),
    status: omitEmpty(3, serviceStatus, 'The state of the service.'),
  },
  nameRule: dns1035LabelName,
  createOnUpdate: true,
  selectable: {
    'spec.clusterIP': ({ spec }) => spec.clusterIP ?? '',
    'spec.type': ({ spec }) => spec.type,
  },
  columns: serviceColumns,
  prepareCreate: ({ spec }) => alignClusterIps(spec),
  prepareUpdate({ spec }, previous) {
    keepAllocated(spec, previous.spec)
    alignClusterIps(spec, previous.spec)
    dropUnneeded(spec, previous.spec)
  },
  defaults({ spec, status }) {
    if (spec.type !== 'LoadBalancer') return
    for (const ingress of status.loadBalancer.ingress ?? []) {
      if (ingress.ip) ingress.ipMode ??= 'VIP'
    }
  },
  validate: ({ metadata, spec }, at, problems) =>
    checkService(metadata.annotations, spec, at, problems),
  validateUpdate({ spec, status }, previous, at, problems) {
    checkAddressChanges(spec, previous.spec, at.child('spec'), problems)
    checkLoadBalancerChanges(spec, previous.spec, at.child('spec'), problems)
    // A balancer may outlive the type for a while; only who writes a status answers for it.
    if (isDeepStrictEqual(status, previous.status)) return
    const place = at.child('status').child('loadBalancer')
    checkLoadBalancerStatus(status.loadBalancer, spec.type, place, problems)
  },
  warnings: ({ metadata, spec }) => serviceWarnings(metadata.annotations, spec),
})
export interface Service extends Stored<typeof Service> {}
