/** What is known about a node: its state, addresses, capacity, software and images. */
import { roundResources } from '../../rules/resource-list.ts'
import {
  always,
  boolean,
  int32,
  int64,
  listOf,
  mapOf,
  omitEmpty,
  optional,
  publishedEnum,
  quantity,
  type Stored,
  string,
  struct,
  time,
  wordOf,
} from '../../schema.ts'
import { changeFields, conditionStatus } from '../meta/condition-fields.ts'
import { nodeConfigSource } from './node-config-source.ts'

export const nodeCondition = struct('core.v1.NodeCondition', 'One aspect of the state of a node.', {
  type: always(
    1,
    wordOf('Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure', 'NetworkUnavailable'),
    'Which aspect, such as Ready or DiskPressure.',
  ),
  status: conditionStatus,
  lastHeartbeatTime: omitEmpty(3, time, 'When it was last reported.'),
  ...changeFields(4),
})
export interface NodeCondition extends Stored<typeof nodeCondition> {}

export const nodeAddress = struct('core.v1.NodeAddress', 'An address of a node.', {
  type: always(
    1,
    wordOf('Hostname', 'InternalIP', 'ExternalIP', 'InternalDNS', 'ExternalDNS'),
    'What kind of address: Hostname, InternalIP, ExternalIP, InternalDNS or ExternalDNS.',
  ),
  address: always(2, string, 'The address.'),
})
export interface NodeAddress extends Stored<typeof nodeAddress> {}

export const daemonEndpoint = struct('core.v1.DaemonEndpoint', 'Where a daemon listens.', {
  Port: always(1, int32, 'The port.'),
})
export interface DaemonEndpoint extends Stored<typeof daemonEndpoint> {}

export const nodeDaemonEndpoints = struct(
  'core.v1.NodeDaemonEndpoints',
  'Where the daemons of a node listen.',
  {
    kubeletEndpoint: omitEmpty(1, daemonEndpoint, 'Where the kubelet listens.'),
  },
)
export interface NodeDaemonEndpoints extends Stored<typeof nodeDaemonEndpoints> {}

export const nodeSwapStatus = struct('core.v1.NodeSwapStatus', 'The swap space of a node.', {
  capacity: optional(1, int64, 'All of it, in bytes.'),
})
export interface NodeSwapStatus extends Stored<typeof nodeSwapStatus> {}

export const nodeSystemInfo = struct('core.v1.NodeSystemInfo', 'What runs on a node.', {
  machineID: always(1, string, 'Identifier of the machine, from /etc/machine-id.'),
  systemUUID: always(2, string, 'Identifier of the machine that its firmware reports.'),
  bootID: always(3, string, 'Identifier of this start of the machine.'),
  kernelVersion: always(4, string, 'Version of the kernel, as `uname -r` prints it.'),
  osImage: always(5, string, 'Name of the operating system, as /etc/os-release has it.'),
  containerRuntimeVersion: always(6, string, 'Container runtime, as <name>://<version>.'),
  kubeletVersion: always(7, string, 'Version of the kubelet.'),
  kubeProxyVersion: always(8, string, 'No longer reported.'),
  operatingSystem: always(9, string, 'Kind of operating system, such as linux.'),
  architecture: always(10, string, 'Kind of processor, such as amd64.'),
  swap: optional(11, nodeSwapStatus, 'Its swap space.'),
})
export interface NodeSystemInfo extends Stored<typeof nodeSystemInfo> {}

export const containerImage = struct('core.v1.ContainerImage', 'An image on a node.', {
  names: always(1, listOf(string, { listType: 'atomic' }), 'Its names, with tag or digest.', {
    mayOmit: true,
  }),
  sizeBytes: omitEmpty(2, int64, 'The space that it takes, in bytes.'),
})
export interface ContainerImage extends Stored<typeof containerImage> {}

export const attachedVolume = struct('core.v1.AttachedVolume', 'A volume attached to a node.', {
  name: always(1, string, 'Name of the volume.'),
  devicePath: always(2, string, 'Path of its device on the node.'),
})
export interface AttachedVolume extends Stored<typeof attachedVolume> {}

export const nodeConfigStatus = struct(
  'core.v1.NodeConfigStatus',
  'Where a kubelet has its settings from. No longer used.',
  {
    assigned: optional(1, nodeConfigSource, 'The settings it should use.'),
    active: optional(2, nodeConfigSource, 'The settings it uses.'),
    lastKnownGood: optional(3, nodeConfigSource, 'The settings it falls back to.'),
    error: omitEmpty(4, string, 'What is wrong with the settings it should use.'),
  },
)
export interface NodeConfigStatus extends Stored<typeof nodeConfigStatus> {}

export const nodeRuntimeHandlerFeatures = struct(
  'core.v1.NodeRuntimeHandlerFeatures',
  'What a runtime handler can do.',
  {
    recursiveReadOnlyMounts: optional(1, boolean, 'Whether it can mount all below read-only.'),
    userNamespaces: optional(2, boolean, 'Whether it can give pods users of their own.'),
  },
)
export interface NodeRuntimeHandlerFeatures extends Stored<typeof nodeRuntimeHandlerFeatures> {}

export const nodeRuntimeHandler = struct(
  'core.v1.NodeRuntimeHandler',
  'A way to run containers on a node, which a RuntimeClass can name.',
  {
    name: always(1, string, 'Name of the handler; empty for the default one.', { mayOmit: true }),
    features: optional(2, nodeRuntimeHandlerFeatures, 'What it can do.'),
  },
)
export interface NodeRuntimeHandler extends Stored<typeof nodeRuntimeHandler> {}

export const nodeFeatures = struct('core.v1.NodeFeatures', 'What a node can do.', {
  supplementalGroupsPolicy: optional(
    1,
    boolean,
    'Whether it honours supplementalGroupsPolicy of pods.',
  ),
})
export interface NodeFeatures extends Stored<typeof nodeFeatures> {}

export const nodeStatus = struct(
  'core.v1.NodeStatus',
  'The state of a node.',
  {
    capacity: omitEmpty(1, mapOf(quantity), 'All that it has of each resource.'),
    allocatable: omitEmpty(
      2,
      mapOf(quantity),
      'What pods may use of each resource; capacity unless set.',
    ),
    phase: omitEmpty(3, publishedEnum('Pending', 'Running', 'Terminated'), 'No longer used.'),
    conditions: omitEmpty(
      4,
      listOf(nodeCondition, { keys: ['type'], mergeKey: 'type', patch: 'merge' }),
      'Aspects of its state.',
    ),
    addresses: omitEmpty(
      5,
      listOf(nodeAddress, { keys: ['type'], mergeKey: 'type', patch: 'merge' }),
      'Its addresses.',
    ),
    daemonEndpoints: omitEmpty(6, nodeDaemonEndpoints, 'Where its daemons listen.'),
    nodeInfo: omitEmpty(7, nodeSystemInfo, 'What runs on it.'),
    images: omitEmpty(8, listOf(containerImage, { listType: 'atomic' }), 'Images that it has.'),
    volumesInUse: omitEmpty(
      9,
      listOf(string, { listType: 'atomic' }),
      'Names of attached volumes that are mounted, and so may not be detached.',
    ),
    volumesAttached: omitEmpty(
      10,
      listOf(attachedVolume, { listType: 'atomic' }),
      'Volumes that are attached to it.',
    ),
    config: optional(11, nodeConfigStatus, 'No longer used.'),
    runtimeHandlers: omitEmpty(
      12,
      listOf(nodeRuntimeHandler, { listType: 'atomic' }),
      'Ways to run containers on it.',
    ),
    features: optional(13, nodeFeatures, 'What it can do.'),
    declaredFeatures: omitEmpty(
      14,
      listOf(string, { listType: 'atomic' }),
      'Names of features that its kubelet has and that pods may depend on.',
    ),
  },
  {
    defaults(value) {
      roundResources(value.capacity)
      roundResources(value.allocatable)
      if (value.capacity && !value.allocatable) value.allocatable = { ...value.capacity }
    },
  },
)
export interface NodeStatus extends Stored<typeof nodeStatus> {}
