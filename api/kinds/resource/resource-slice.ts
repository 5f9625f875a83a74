/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import { nodeSelector } from '../../parts/core/node-selector.ts'
import {
  boolean,
  enumOf,
  int64,
  listOf,
  mapOf,
  nullable,
  omitEmpty,
  optional,
  quantity,
  required,
  type Stored,
  string,
  struct,
  time,
} from '../../schema.ts'

export const resourcePool = struct('resource.v1.ResourcePool', '', {
  name: required(1, string, ''),
  generation: required(2, int64, ''),
  resourceSliceCount: required(3, int64, ''),
})
export interface ResourcePool extends Stored<typeof resourcePool> {}

export const deviceAttribute = struct('resource.v1.DeviceAttribute', '', {
  int: optional(2, int64, ''),
  bool: optional(3, boolean, ''),
  string: optional(4, string, ''),
  version: optional(5, string, ''),
  ints: omitEmpty(6, listOf(int64, { listType: 'atomic' }), ''), // gate: DRAListTypeAttributes
  bools: omitEmpty(7, listOf(boolean, { listType: 'atomic' }), ''), // gate: DRAListTypeAttributes
  strings: omitEmpty(8, listOf(string, { listType: 'atomic' }), ''), // gate: DRAListTypeAttributes
  versions: omitEmpty(9, listOf(string, { listType: 'atomic' }), ''), // gate: DRAListTypeAttributes
})
export interface DeviceAttribute extends Stored<typeof deviceAttribute> {}

export const capacityRequestPolicyRange = struct('resource.v1.CapacityRequestPolicyRange', '', {
  min: optional(1, quantity, ''),
  max: optional(2, quantity, ''),
  step: optional(3, quantity, ''),
})
export interface CapacityRequestPolicyRange extends Stored<typeof capacityRequestPolicyRange> {}

export const capacityRequestPolicy = struct('resource.v1.CapacityRequestPolicy', '', {
  default: nullable(1, quantity, '', { mayOmit: true }),
  validValues: omitEmpty(3, listOf(quantity, { listType: 'atomic' }), ''),
  validRange: optional(4, capacityRequestPolicyRange, ''),
})
export interface CapacityRequestPolicy extends Stored<typeof capacityRequestPolicy> {}

export const deviceCapacity = struct('resource.v1.DeviceCapacity', '', {
  value: required(1, quantity, ''),
  requestPolicy: optional(2, capacityRequestPolicy, ''), // gate: DRAConsumableCapacity
})
export interface DeviceCapacity extends Stored<typeof deviceCapacity> {}

export const counter = struct('resource.v1.Counter', '', {
  value: required(1, quantity, ''),
})
export interface Counter extends Stored<typeof counter> {}

export const deviceCounterConsumption = struct('resource.v1.DeviceCounterConsumption', '', {
  counterSet: required(1, string, ''),
  counters: omitEmpty(2, mapOf(counter), ''),
})
export interface DeviceCounterConsumption extends Stored<typeof deviceCounterConsumption> {}

export const deviceTaint = struct('resource.v1.DeviceTaint', '', {
  key: required(1, string, ''),
  value: omitEmpty(2, string, ''),
  effect: required(3, enumOf('None', 'NoSchedule', 'NoExecute'), ''),
  timeAdded: optional(4, time, ''),
})
export interface DeviceTaint extends Stored<typeof deviceTaint> {}

export const nodeAllocatableResourceMapping = struct(
  'resource.v1.NodeAllocatableResourceMapping',
  '',
  {
    capacityKey: optional(1, string, ''),
    allocationMultiplier: optional(2, quantity, ''),
  },
)
export interface NodeAllocatableResourceMapping
  extends Stored<typeof nodeAllocatableResourceMapping> {}

export const device = struct('resource.v1.Device', '', {
  name: required(1, string, ''),
  attributes: omitEmpty(2, mapOf(deviceAttribute), ''),
  capacity: omitEmpty(3, mapOf(deviceCapacity), ''),
  consumesCounters: omitEmpty(4, listOf(deviceCounterConsumption, { listType: 'atomic' }), ''), // gate: DRAPartitionableDevices
  nodeName: optional(5, string, ''), // gate: DRAPartitionableDevices
  nodeSelector: optional(6, nodeSelector, ''), // gate: DRAPartitionableDevices
  allNodes: optional(7, boolean, ''), // gate: DRAPartitionableDevices
  taints: omitEmpty(8, listOf(deviceTaint, { listType: 'atomic' }), ''), // gate: DRADeviceTaints
  bindsToNode: optional(9, boolean, ''), // gate: DRADeviceBindingConditions,DRAResourceClaimDeviceStatus
  bindingConditions: omitEmpty(10, listOf(string, { listType: 'atomic' }), ''), // gate: DRADeviceBindingConditions,DRAResourceClaimDeviceStatus
  bindingFailureConditions: omitEmpty(11, listOf(string, { listType: 'atomic' }), ''), // gate: DRADeviceBindingConditions,DRAResourceClaimDeviceStatus
  allowMultipleAllocations: optional(12, boolean, ''), // gate: DRAConsumableCapacity
  nodeAllocatableResourceMappings: omitEmpty(13, mapOf(nodeAllocatableResourceMapping), ''), // gate: DRANodeAllocatableResources
})
export interface Device extends Stored<typeof device> {}

export const counterSet = struct('resource.v1.CounterSet', '', {
  name: required(1, string, ''),
  counters: omitEmpty(2, mapOf(counter), ''),
})
export interface CounterSet extends Stored<typeof counterSet> {}

export const resourceSliceSpec = struct('resource.v1.ResourceSliceSpec', '', {
  driver: required(1, string, ''),
  pool: required(2, resourcePool, ''),
  nodeName: optional(3, string, ''),
  nodeSelector: optional(4, nodeSelector, ''),
  allNodes: optional(5, boolean, ''),
  devices: omitEmpty(6, listOf(device, { listType: 'atomic' }), ''),
  perDeviceNodeSelection: optional(7, boolean, ''), // gate: DRAPartitionableDevices
  sharedCounters: omitEmpty(8, listOf(counterSet, { listType: 'atomic' }), ''), // gate: DRAPartitionableDevices
})
export interface ResourceSliceSpec extends Stored<typeof resourceSliceSpec> {}

export const ResourceSlice = defineKind({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceSlice',
  plural: 'resourceslices',
  scope: 'Cluster',
  doc: '',
  fields: {
    spec: required(2, resourceSliceSpec, ''),
  },
  // columns: Name, Node, Driver, Pool, Age
})
export interface ResourceSlice extends Stored<typeof ResourceSlice> {}
