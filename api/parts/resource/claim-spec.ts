/** What a claim for devices asks for. */
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

export const celDeviceSelector = struct(
  'resource.v1.CELDeviceSelector',
  'Selects devices by an expression.',
  {
    expression: required(
      1,
      string,
      'A CEL expression about one device; selected are those it is true for.',
    ),
  },
)
export interface CELDeviceSelector extends Stored<typeof celDeviceSelector> {}

export const deviceSelector = struct('resource.v1.DeviceSelector', 'Selects devices.', {
  cel: optional(1, celDeviceSelector, 'Selects them by an expression.'),
})
export interface DeviceSelector extends Stored<typeof deviceSelector> {}

export const opaqueDeviceConfiguration = struct(
  'resource.v1.OpaqueDeviceConfiguration',
  'Configuration that only a driver understands.',
  {
    driver: required(1, string, 'The driver that it is for.'),
    parameters: required(2, object, 'The configuration, up to 10 KiB.'),
  },
)
export interface OpaqueDeviceConfiguration extends Stored<typeof opaqueDeviceConfiguration> {}

export const deviceConfiguration = struct(
  'resource.v1.DeviceConfiguration',
  'Configuration for devices.',
  {
    opaque: optional(1, opaqueDeviceConfiguration, 'Configuration that only a driver understands.'),
  },
)
export interface DeviceConfiguration extends Stored<typeof deviceConfiguration> {}

export const deviceToleration = struct(
  'resource.v1.DeviceToleration',
  'Lets a request have devices with matching taints.',
  {
    key: omitEmpty(1, string, 'The key of the taint; empty with Exists matches every key.'),
    operator: omitEmpty(
      2,
      enumOf('Exists', 'Equal'),
      'How the value must relate: Equal or Exists.',
      { default: 'Equal' },
    ),
    value: omitEmpty(3, string, 'The value of the taint; empty with Exists.'),
    effect: omitEmpty(
      4,
      enumOf('None', 'NoSchedule', 'NoExecute'),
      'The effect of the taint; empty matches every one.',
    ),
    tolerationSeconds: optional(
      5,
      int64,
      'Seconds that NoExecute is tolerated for; unset means for ever.',
    ),
  },
)
export interface DeviceToleration extends Stored<typeof deviceToleration> {}

export const capacityRequirements = struct(
  'resource.v1.CapacityRequirements',
  'How much of a device is asked for.',
  {
    requests: omitEmpty(1, mapOf(quantity), 'How much, by name of the capacity.'),
  },
)
export interface CapacityRequirements extends Stored<typeof capacityRequirements> {}

interface Allocation {
  allocationMode?: string
  count?: number
}

function fillAllocationMode(request: Allocation): void {
  request.allocationMode ||= 'ExactCount'
  if (request.allocationMode === 'ExactCount') request.count ||= 1
}

export const exactDeviceRequest = struct(
  'resource.v1.ExactDeviceRequest',
  'A request for devices that one class describes.',
  {
    deviceClassName: required(1, string, 'The class of the devices.'),
    selectors: omitEmpty(
      2,
      listOf(deviceSelector, { listType: 'atomic' }),
      'What the devices must be like; all must hold.',
    ),
    allocationMode: omitEmpty(
      3,
      enumOf('ExactCount', 'All'),
      'ExactCount (default) or All that match.',
    ),
    count: omitEmpty(4, int64, 'How many devices. Defaults to 1 with ExactCount.'),
    adminAccess: optional(5, boolean, 'Whether to look after devices that others may be using.'),
    tolerations: omitEmpty(
      6,
      listOf(deviceToleration, { listType: 'atomic' }),
      'Taints that the devices may have.',
    ),
    capacity: optional(7, capacityRequirements, 'How much of each device is asked for.'),
  },
  { defaults: fillAllocationMode },
)
export interface ExactDeviceRequest extends Stored<typeof exactDeviceRequest> {}

export const deviceSubRequest = struct(
  'resource.v1.DeviceSubRequest',
  'One of several requests, the first of which that can be met is.',
  {
    name: required(1, string, 'Name of it, unique in the request.'),
    deviceClassName: required(2, string, 'The class of the devices.'),
    selectors: omitEmpty(
      3,
      listOf(deviceSelector, { listType: 'atomic' }),
      'What the devices must be like; all must hold.',
    ),
    allocationMode: omitEmpty(
      4,
      enumOf('ExactCount', 'All'),
      'ExactCount (default) or All that match.',
    ),
    count: omitEmpty(5, int64, 'How many devices. Defaults to 1 with ExactCount.'),
    tolerations: omitEmpty(
      6,
      listOf(deviceToleration, { listType: 'atomic' }),
      'Taints that the devices may have.',
    ),
    capacity: optional(7, capacityRequirements, 'How much of each device is asked for.'),
  },
  { defaults: fillAllocationMode },
)
export interface DeviceSubRequest extends Stored<typeof deviceSubRequest> {}

export const deviceRequest = struct(
  'resource.v1.DeviceRequest',
  'A request for devices. One of exactly and firstAvailable is set.',
  {
    name: required(1, string, 'Name of it, unique in the claim.'),
    exactly: optional(2, exactDeviceRequest, 'What is asked for.'),
    firstAvailable: omitEmpty(
      3,
      listOf(deviceSubRequest, { listType: 'atomic' }),
      'What is asked for, the first that can be met.',
    ),
  },
)
export interface DeviceRequest extends Stored<typeof deviceRequest> {}

export const deviceConstraint = struct(
  'resource.v1.DeviceConstraint',
  'What the devices of several requests must have in common.',
  {
    requests: omitEmpty(
      1,
      listOf(string, { listType: 'atomic' }),
      'The requests that it is about; empty means all.',
    ),
    matchAttribute: optional(2, string, 'An attribute that must be the same on all devices.'),
    distinctAttribute: optional(3, string, 'An attribute that must be different on all devices.'),
  },
)
export interface DeviceConstraint extends Stored<typeof deviceConstraint> {}

export const deviceClaimConfiguration = struct(
  'resource.v1.DeviceClaimConfiguration',
  'Configuration for the devices of some requests.',
  {
    requests: omitEmpty(
      1,
      listOf(string, { listType: 'atomic' }),
      'The requests that it is for; empty means all.',
    ),
    deviceConfiguration: inline(2, deviceConfiguration),
  },
)
export interface DeviceClaimConfiguration extends Stored<typeof deviceClaimConfiguration> {}

export const deviceClaim = struct('resource.v1.DeviceClaim', 'What a claim asks for.', {
  requests: always(
    1,
    listOf(deviceRequest, { listType: 'atomic' }),
    'The requests, all of which must be met, up to 32.',
    { mayOmit: true },
  ),
  constraints: omitEmpty(
    2,
    listOf(deviceConstraint, { listType: 'atomic' }),
    'What their devices must have in common, up to 32.',
  ),
  config: omitEmpty(
    3,
    listOf(deviceClaimConfiguration, { listType: 'atomic' }),
    'Configuration for drivers, up to 32.',
  ),
})
export interface DeviceClaim extends Stored<typeof deviceClaim> {}

export const resourceClaimSpec = struct('resource.v1.ResourceClaimSpec', 'What a claim asks for.', {
  devices: always(1, deviceClaim, 'The devices that are asked for.', { mayOmit: true }),
})
export interface ResourceClaimSpec extends Stored<typeof resourceClaimSpec> {}
