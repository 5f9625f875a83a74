/** FIXME: one sentence. */
import { defineKind, statusSubresource } from '../../kind.ts'
import { nodeSelector } from '../../parts/core/node-selector.ts'
import { condition } from '../../parts/meta/condition.ts'
import {
  deviceConfiguration,
  deviceToleration,
  resourceClaimSpec,
} from '../../parts/resource/claim-spec.ts'
import {
  always,
  boolean,
  enumOf,
  inline,
  listOf,
  mapOf,
  object,
  omitEmpty,
  optional,
  quantity,
  required,
  type Stored,
  string,
  struct,
  time,
} from '../../schema.ts'

export const deviceRequestAllocationResult = struct(
  'resource.v1.DeviceRequestAllocationResult',
  '',
  {
    request: required(1, string, ''),
    driver: required(2, string, ''),
    pool: required(3, string, ''),
    device: required(4, string, ''),
    adminAccess: optional(5, boolean, ''), // gate: DRAAdminAccess
    tolerations: omitEmpty(6, listOf(deviceToleration, { listType: 'atomic' }), ''), // gate: DRADeviceTaints
    bindingConditions: omitEmpty(7, listOf(string, { listType: 'atomic' }), ''), // gate: DRADeviceBindingConditions,DRAResourceClaimDeviceStatus
    bindingFailureConditions: omitEmpty(8, listOf(string, { listType: 'atomic' }), ''), // gate: DRADeviceBindingConditions,DRAResourceClaimDeviceStatus
    shareID: optional(9, string, ''), // gate: DRAConsumableCapacity
    consumedCapacity: omitEmpty(10, mapOf(quantity), ''), // gate: DRAConsumableCapacity
  },
)
export interface DeviceRequestAllocationResult
  extends Stored<typeof deviceRequestAllocationResult> {}

export const deviceAllocationConfiguration = struct(
  'resource.v1.DeviceAllocationConfiguration',
  '',
  {
    source: required(1, enumOf('FromClass', 'FromClaim'), ''),
    requests: omitEmpty(2, listOf(string, { listType: 'atomic' }), ''),
    deviceConfiguration: inline(3, deviceConfiguration),
  },
)
export interface DeviceAllocationConfiguration
  extends Stored<typeof deviceAllocationConfiguration> {}

export const deviceAllocationResult = struct('resource.v1.DeviceAllocationResult', '', {
  results: omitEmpty(1, listOf(deviceRequestAllocationResult, { listType: 'atomic' }), ''),
  config: omitEmpty(2, listOf(deviceAllocationConfiguration, { listType: 'atomic' }), ''),
})
export interface DeviceAllocationResult extends Stored<typeof deviceAllocationResult> {}

export const allocationResult = struct('resource.v1.AllocationResult', '', {
  devices: omitEmpty(1, deviceAllocationResult, ''),
  nodeSelector: optional(3, nodeSelector, ''),
  allocationTimestamp: optional(5, time, ''), // gate: DRADeviceBindingConditions,DRAResourceClaimDeviceStatus
})
export interface AllocationResult extends Stored<typeof allocationResult> {}

export const resourceClaimConsumerReference = struct(
  'resource.v1.ResourceClaimConsumerReference',
  '',
  {
    apiGroup: omitEmpty(1, string, ''),
    resource: required(3, string, ''),
    name: required(4, string, ''),
    uid: required(5, string, ''),
  },
)
export interface ResourceClaimConsumerReference
  extends Stored<typeof resourceClaimConsumerReference> {}

export const networkDeviceData = struct('resource.v1.NetworkDeviceData', '', {
  interfaceName: omitEmpty(1, string, ''),
  ips: omitEmpty(2, listOf(string, { listType: 'atomic' }), ''),
  hardwareAddress: omitEmpty(3, string, ''),
})
export interface NetworkDeviceData extends Stored<typeof networkDeviceData> {}

export const allocatedDeviceStatus = struct('resource.v1.AllocatedDeviceStatus', '', {
  driver: required(1, string, ''),
  pool: required(2, string, ''),
  device: required(3, string, ''),
  shareID: optional(7, string, ''), // gate: DRAConsumableCapacity
  conditions: always(4, listOf(condition, { keys: ['type'] }), '', { mayOmit: true }),
  data: optional(5, object, ''),
  networkData: optional(6, networkDeviceData, ''),
})
export interface AllocatedDeviceStatus extends Stored<typeof allocatedDeviceStatus> {}

export const resourceClaimStatus = struct('resource.v1.ResourceClaimStatus', '', {
  allocation: optional(1, allocationResult, ''),
  reservedFor: omitEmpty(
    2,
    listOf(resourceClaimConsumerReference, { keys: ['uid'], mergeKey: 'uid', patch: 'merge' }),
    '',
  ),
  devices: omitEmpty(
    4,
    listOf(allocatedDeviceStatus, { keys: ['driver', 'device', 'pool', 'shareID'] }),
    '',
  ), // gate: DRAResourceClaimDeviceStatus
})
export interface ResourceClaimStatus extends Stored<typeof resourceClaimStatus> {}

export const ResourceClaim = defineKind({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaim',
  plural: 'resourceclaims',
  scope: 'Namespaced',
  subresources: { ...statusSubresource },
  doc: '',
  fields: {
    spec: always(2, resourceClaimSpec, ''),
    status: omitEmpty(3, resourceClaimStatus, ''),
  },
  // columns: Name, State, Age
})
export interface ResourceClaim extends Stored<typeof ResourceClaim> {}
