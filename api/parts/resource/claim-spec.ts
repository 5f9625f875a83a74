/** FIXME: one sentence. */
import {
  always,
  boolean,
  enumOf,
  inline,
  int64,
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
} from '../../schema.ts'

export const celDeviceSelector = struct('resource.v1.CELDeviceSelector', '', {
  expression: required(1, string, ''),
})
export interface CELDeviceSelector extends Stored<typeof celDeviceSelector> {}

export const deviceSelector = struct('resource.v1.DeviceSelector', '', {
  cel: optional(1, celDeviceSelector, ''),
})
export interface DeviceSelector extends Stored<typeof deviceSelector> {}

export const opaqueDeviceConfiguration = struct('resource.v1.OpaqueDeviceConfiguration', '', {
  driver: required(1, string, ''),
  parameters: required(2, object, ''),
})
export interface OpaqueDeviceConfiguration extends Stored<typeof opaqueDeviceConfiguration> {}

export const deviceConfiguration = struct('resource.v1.DeviceConfiguration', '', {
  opaque: optional(1, opaqueDeviceConfiguration, ''),
})
export interface DeviceConfiguration extends Stored<typeof deviceConfiguration> {}

export const deviceToleration = struct('resource.v1.DeviceToleration', '', {
  key: omitEmpty(1, string, ''),
  operator: omitEmpty(2, enumOf('Exists', 'Equal'), '', { default: 'Equal' }),
  value: omitEmpty(3, string, ''),
  effect: omitEmpty(4, enumOf('None', 'NoSchedule', 'NoExecute'), ''),
  tolerationSeconds: optional(5, int64, ''),
})
export interface DeviceToleration extends Stored<typeof deviceToleration> {}

export const capacityRequirements = struct('resource.v1.CapacityRequirements', '', {
  requests: omitEmpty(1, mapOf(quantity), ''),
})
export interface CapacityRequirements extends Stored<typeof capacityRequirements> {}

export const exactDeviceRequest = struct('resource.v1.ExactDeviceRequest', '', {
  deviceClassName: required(1, string, ''),
  selectors: omitEmpty(2, listOf(deviceSelector, { listType: 'atomic' }), ''),
  allocationMode: omitEmpty(3, enumOf('ExactCount', 'All'), ''),
  count: omitEmpty(4, int64, ''),
  adminAccess: optional(5, boolean, ''), // gate: DRAAdminAccess
  tolerations: omitEmpty(6, listOf(deviceToleration, { listType: 'atomic' }), ''), // gate: DRADeviceTaints
  capacity: optional(7, capacityRequirements, ''), // gate: DRAConsumableCapacity
})
export interface ExactDeviceRequest extends Stored<typeof exactDeviceRequest> {}

export const deviceSubRequest = struct('resource.v1.DeviceSubRequest', '', {
  name: required(1, string, ''),
  deviceClassName: required(2, string, ''),
  selectors: omitEmpty(3, listOf(deviceSelector, { listType: 'atomic' }), ''),
  allocationMode: omitEmpty(4, enumOf('ExactCount', 'All'), ''),
  count: omitEmpty(5, int64, ''),
  tolerations: omitEmpty(6, listOf(deviceToleration, { listType: 'atomic' }), ''), // gate: DRADeviceTaints
  capacity: optional(7, capacityRequirements, ''), // gate: DRAConsumableCapacity
})
export interface DeviceSubRequest extends Stored<typeof deviceSubRequest> {}

export const deviceRequest = struct('resource.v1.DeviceRequest', '', {
  name: required(1, string, ''),
  exactly: optional(2, exactDeviceRequest, ''),
  firstAvailable: omitEmpty(3, listOf(deviceSubRequest, { listType: 'atomic' }), ''), // gate: DRAPrioritizedList
})
export interface DeviceRequest extends Stored<typeof deviceRequest> {}

export const deviceConstraint = struct('resource.v1.DeviceConstraint', '', {
  requests: omitEmpty(1, listOf(string, { listType: 'atomic' }), ''),
  matchAttribute: optional(2, string, ''),
  distinctAttribute: optional(3, string, ''), // gate: DRAConsumableCapacity
})
export interface DeviceConstraint extends Stored<typeof deviceConstraint> {}

export const deviceClaimConfiguration = struct('resource.v1.DeviceClaimConfiguration', '', {
  requests: omitEmpty(1, listOf(string, { listType: 'atomic' }), ''),
  deviceConfiguration: inline(2, deviceConfiguration),
})
export interface DeviceClaimConfiguration extends Stored<typeof deviceClaimConfiguration> {}

export const deviceClaim = struct('resource.v1.DeviceClaim', '', {
  requests: always(1, listOf(deviceRequest, { listType: 'atomic' }), '', { mayOmit: true }),
  constraints: omitEmpty(2, listOf(deviceConstraint, { listType: 'atomic' }), ''),
  config: omitEmpty(3, listOf(deviceClaimConfiguration, { listType: 'atomic' }), ''),
})
export interface DeviceClaim extends Stored<typeof deviceClaim> {}

export const resourceClaimSpec = struct('resource.v1.ResourceClaimSpec', '', {
  devices: always(1, deviceClaim, '', { mayOmit: true }),
})
export interface ResourceClaimSpec extends Stored<typeof resourceClaimSpec> {}
