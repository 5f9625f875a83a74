/** FIXME: one sentence. */
import { defineKind, statusSubresource } from '../../kind.ts'
import {
  always,
  boolean,
  enumOf,
  int32,
  int64,
  listOf,
  mapOf,
  omitEmpty,
  optional,
  quantity,
  type Stored,
  string,
  struct,
  time,
  wordOf,
} from '../../schema.ts'

export const taint = struct('core.v1.Taint', '', {
  key: always(1, string, ''),
  value: omitEmpty(2, string, ''),
  effect: always(3, enumOf('NoSchedule', 'PreferNoSchedule', 'NoExecute'), ''),
  timeAdded: optional(4, time, ''),
})
export interface Taint extends Stored<typeof taint> {}

export const configMapNodeConfigSource = struct('core.v1.ConfigMapNodeConfigSource', '', {
  namespace: always(1, string, ''),
  name: always(2, string, ''),
  uid: omitEmpty(3, string, ''),
  resourceVersion: omitEmpty(4, string, ''),
  kubeletConfigKey: always(5, string, ''),
})
export interface ConfigMapNodeConfigSource extends Stored<typeof configMapNodeConfigSource> {}

export const nodeConfigSource = struct('core.v1.NodeConfigSource', '', {
  configMap: optional(2, configMapNodeConfigSource, ''),
})
export interface NodeConfigSource extends Stored<typeof nodeConfigSource> {}

export const nodeSpec = struct('core.v1.NodeSpec', '', {
  podCIDR: omitEmpty(1, string, ''),
  podCIDRs: omitEmpty(7, listOf(string, { listType: 'set', patch: 'merge' }), ''),
  providerID: omitEmpty(3, string, ''),
  unschedulable: omitEmpty(4, boolean, ''),
  taints: omitEmpty(5, listOf(taint, { listType: 'atomic' }), ''),
  configSource: optional(6, nodeConfigSource, ''),
  externalID: omitEmpty(2, string, ''),
})
export interface NodeSpec extends Stored<typeof nodeSpec> {}

export const nodeCondition = struct('core.v1.NodeCondition', '', {
  type: always(
    1,
    wordOf('Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure', 'NetworkUnavailable'),
    '',
  ),
  status: always(2, wordOf('True', 'False', 'Unknown'), ''),
  lastHeartbeatTime: omitEmpty(3, time, ''),
  lastTransitionTime: omitEmpty(4, time, ''),
  reason: omitEmpty(5, string, ''),
  message: omitEmpty(6, string, ''),
})
export interface NodeCondition extends Stored<typeof nodeCondition> {}

export const nodeAddress = struct('core.v1.NodeAddress', '', {
  type: always(1, wordOf('Hostname', 'InternalIP', 'ExternalIP', 'InternalDNS', 'ExternalDNS'), ''),
  address: always(2, string, ''),
})
export interface NodeAddress extends Stored<typeof nodeAddress> {}

export const daemonEndpoint = struct('core.v1.DaemonEndpoint', '', {
  Port: always(1, int32, ''),
})
export interface DaemonEndpoint extends Stored<typeof daemonEndpoint> {}

export const nodeDaemonEndpoints = struct('core.v1.NodeDaemonEndpoints', '', {
  kubeletEndpoint: omitEmpty(1, daemonEndpoint, ''),
})
export interface NodeDaemonEndpoints extends Stored<typeof nodeDaemonEndpoints> {}

export const nodeSwapStatus = struct('core.v1.NodeSwapStatus', '', {
  capacity: optional(1, int64, ''),
})
export interface NodeSwapStatus extends Stored<typeof nodeSwapStatus> {}

export const nodeSystemInfo = struct('core.v1.NodeSystemInfo', '', {
  machineID: always(1, string, ''),
  systemUUID: always(2, string, ''),
  bootID: always(3, string, ''),
  kernelVersion: always(4, string, ''),
  osImage: always(5, string, ''),
  containerRuntimeVersion: always(6, string, ''),
  kubeletVersion: always(7, string, ''),
  kubeProxyVersion: always(8, string, ''),
  operatingSystem: always(9, string, ''),
  architecture: always(10, string, ''),
  swap: optional(11, nodeSwapStatus, ''),
})
export interface NodeSystemInfo extends Stored<typeof nodeSystemInfo> {}

export const containerImage = struct('core.v1.ContainerImage', '', {
  names: always(1, listOf(string, { listType: 'atomic' }), '', { mayOmit: true }),
  sizeBytes: omitEmpty(2, int64, ''),
})
export interface ContainerImage extends Stored<typeof containerImage> {}

export const attachedVolume = struct('core.v1.AttachedVolume', '', {
  name: always(1, string, ''),
  devicePath: always(2, string, ''),
})
export interface AttachedVolume extends Stored<typeof attachedVolume> {}

export const nodeConfigStatus = struct('core.v1.NodeConfigStatus', '', {
  assigned: optional(1, nodeConfigSource, ''),
  active: optional(2, nodeConfigSource, ''),
  lastKnownGood: optional(3, nodeConfigSource, ''),
  error: omitEmpty(4, string, ''),
})
export interface NodeConfigStatus extends Stored<typeof nodeConfigStatus> {}

export const nodeRuntimeHandlerFeatures = struct('core.v1.NodeRuntimeHandlerFeatures', '', {
  recursiveReadOnlyMounts: optional(1, boolean, ''),
  userNamespaces: optional(2, boolean, ''),
})
export interface NodeRuntimeHandlerFeatures extends Stored<typeof nodeRuntimeHandlerFeatures> {}

export const nodeRuntimeHandler = struct('core.v1.NodeRuntimeHandler', '', {
  name: always(1, string, '', { mayOmit: true }),
  features: optional(2, nodeRuntimeHandlerFeatures, ''),
})
export interface NodeRuntimeHandler extends Stored<typeof nodeRuntimeHandler> {}

export const nodeFeatures = struct('core.v1.NodeFeatures', '', {
  supplementalGroupsPolicy: optional(1, boolean, ''),
})
export interface NodeFeatures extends Stored<typeof nodeFeatures> {}

export const nodeStatus = struct('core.v1.NodeStatus', '', {
  capacity: omitEmpty(1, mapOf(quantity), ''),
  allocatable: omitEmpty(2, mapOf(quantity), ''),
  phase: omitEmpty(3, enumOf('Pending', 'Running', 'Terminated'), ''),
  conditions: omitEmpty(
    4,
    listOf(nodeCondition, { keys: ['type'], mergeKey: 'type', patch: 'merge' }),
    '',
  ),
  addresses: omitEmpty(
    5,
    listOf(nodeAddress, { keys: ['type'], mergeKey: 'type', patch: 'merge' }),
    '',
  ),
  daemonEndpoints: omitEmpty(6, nodeDaemonEndpoints, ''),
  nodeInfo: omitEmpty(7, nodeSystemInfo, ''),
  images: omitEmpty(8, listOf(containerImage, { listType: 'atomic' }), ''),
  volumesInUse: omitEmpty(9, listOf(string, { listType: 'atomic' }), ''),
  volumesAttached: omitEmpty(10, listOf(attachedVolume, { listType: 'atomic' }), ''),
  config: optional(11, nodeConfigStatus, ''),
  runtimeHandlers: omitEmpty(12, listOf(nodeRuntimeHandler, { listType: 'atomic' }), ''),
  features: optional(13, nodeFeatures, ''), // gate: SupplementalGroupsPolicy
  declaredFeatures: omitEmpty(14, listOf(string, { listType: 'atomic' }), ''), // gate: NodeDeclaredFeatures
})
export interface NodeStatus extends Stored<typeof nodeStatus> {}

export const Node = defineKind({
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  shortNames: ['no'],
  scope: 'Cluster',
  subresources: {
    proxy: {
      group: '',
      version: 'v1',
      kind: 'NodeProxyOptions',
      verbs: ['create', 'delete', 'get', 'patch', 'update'],
    },
    ...statusSubresource,
  },
  doc: '',
  fields: {
    spec: omitEmpty(2, nodeSpec, ''),
    status: omitEmpty(3, nodeStatus, ''),
  },
  // columns: Name, Status, Roles, Age, Version, Internal-IP*, External-IP*, OS-Image*, Kernel-Version*, Container-Runtime*
})
export interface Node extends Stored<typeof Node> {}
