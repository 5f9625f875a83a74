/** FIXME: one sentence. */

import {
  always,
  enumOf,
  int64,
  listOf,
  mapOf,
  omitEmpty,
  optional,
  quantity,
  required,
  type Stored,
  string,
  struct,
  time,
  wordOf,
} from '../../schema.ts'
import { containerExtendedResourceRequest, containerStatus } from './container-status.ts'
import { resourceRequirements } from './resources.ts'

export const podCondition = struct('core.v1.PodCondition', '', {
  type: always(
    1,
    wordOf(
      'ContainersReady',
      'Initialized',
      'Ready',
      'PodScheduled',
      'DisruptionTarget',
      'PodReadyToStartContainers',
      'PodResizePending',
      'PodResizeInProgress',
      'AllContainersRestarting',
    ),
    '',
  ),
  observedGeneration: omitEmpty(7, int64, ''),
  status: always(2, wordOf('True', 'False', 'Unknown'), ''),
  lastProbeTime: omitEmpty(3, time, ''),
  lastTransitionTime: omitEmpty(4, time, ''),
  reason: omitEmpty(5, string, ''),
  message: omitEmpty(6, string, ''),
})
export interface PodCondition extends Stored<typeof podCondition> {}

export const hostIP = struct('core.v1.HostIP', '', {
  ip: required(1, string, ''),
})
export interface HostIP extends Stored<typeof hostIP> {}

export const podIP = struct('core.v1.PodIP', '', {
  ip: required(1, string, ''),
})
export interface PodIP extends Stored<typeof podIP> {}

export const podResourceClaimStatus = struct('core.v1.PodResourceClaimStatus', '', {
  name: always(1, string, ''),
  resourceClaimName: optional(2, string, ''),
})
export interface PodResourceClaimStatus extends Stored<typeof podResourceClaimStatus> {}

export const podExtendedResourceClaimStatus = struct('core.v1.PodExtendedResourceClaimStatus', '', {
  requestMappings: always(1, listOf(containerExtendedResourceRequest, { listType: 'atomic' }), ''),
  resourceClaimName: always(2, string, ''),
})
export interface PodExtendedResourceClaimStatus
  extends Stored<typeof podExtendedResourceClaimStatus> {}

export const nodeAllocatableResourceClaimStatus = struct(
  'core.v1.NodeAllocatableResourceClaimStatus',
  '',
  {
    resourceClaimName: required(1, string, ''),
    containers: omitEmpty(2, listOf(string, { listType: 'set' }), ''),
    resources: required(3, mapOf(quantity), ''),
  },
)
export interface NodeAllocatableResourceClaimStatus
  extends Stored<typeof nodeAllocatableResourceClaimStatus> {}

export const podStatus = struct('core.v1.PodStatus', '', {
  observedGeneration: omitEmpty(17, int64, ''),
  phase: omitEmpty(1, enumOf('Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'), ''),
  conditions: omitEmpty(
    2,
    listOf(podCondition, { keys: ['type'], mergeKey: 'type', patch: 'merge' }),
    '',
  ),
  message: omitEmpty(3, string, ''),
  reason: omitEmpty(4, string, ''),
  nominatedNodeName: omitEmpty(11, string, ''),
  hostIP: omitEmpty(5, string, ''),
  hostIPs: omitEmpty(
    16,
    listOf(hostIP, { listType: 'atomic', mergeKey: 'ip', patch: 'merge' }),
    '',
  ),
  podIP: omitEmpty(6, string, ''),
  podIPs: omitEmpty(12, listOf(podIP, { keys: ['ip'], mergeKey: 'ip', patch: 'merge' }), ''),
  startTime: optional(7, time, ''),
  initContainerStatuses: omitEmpty(10, listOf(containerStatus, { listType: 'atomic' }), ''),
  containerStatuses: omitEmpty(8, listOf(containerStatus, { listType: 'atomic' }), ''),
  qosClass: omitEmpty(9, enumOf('Guaranteed', 'Burstable', 'BestEffort'), ''),
  ephemeralContainerStatuses: omitEmpty(13, listOf(containerStatus, { listType: 'atomic' }), ''),
  resize: omitEmpty(14, wordOf('InProgress', 'Deferred', 'Infeasible'), ''), // gate: InPlacePodVerticalScaling
  resourceClaimStatuses: omitEmpty(
    15,
    listOf(podResourceClaimStatus, { keys: ['name'], mergeKey: 'name', patch: 'merge,retainKeys' }),
    '',
  ), // gate: DynamicResourceAllocation
  extendedResourceClaimStatus: optional(18, podExtendedResourceClaimStatus, ''), // gate: DRAExtendedResource
  allocatedResources: omitEmpty(19, mapOf(quantity), ''), // gate: InPlacePodLevelResourcesVerticalScaling
  resources: optional(20, resourceRequirements, ''), // gate: InPlacePodLevelResourcesVerticalScaling
  nodeAllocatableResourceClaimStatuses: omitEmpty(
    21,
    listOf(nodeAllocatableResourceClaimStatus, { listType: 'atomic' }),
    '',
  ), // gate: DRANodeAllocatableResources
})
export interface PodStatus extends Stored<typeof podStatus> {}
