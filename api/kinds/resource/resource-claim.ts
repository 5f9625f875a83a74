/** ResourceClaim: asks for devices, and says which were allocated. */
import { defineKind, statusSubresource } from '../../kind.ts'
import { nodeSelector } from '../../parts/core/node-selector.ts'
import { condition } from '../../parts/meta/condition.ts'
import {
  deviceConfiguration,
  deviceToleration,
  resourceClaimSpec,
} from '../../parts/resource/claim-spec.ts'
import { validateClaimStatus, validateClaimStatusUpdate } from '../../rules/device-allocation.ts'
import { requestNamesOf, validateDeviceClaim } from '../../rules/device-claim.ts'
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
import { ageColumn, column, nameColumn } from '../../table.ts'

export const deviceRequestAllocationResult = struct(
  'resource.v1.DeviceRequestAllocationResult',
  'A device that was allocated for a request.',
  {
    request: required(
      1,
      string,
      'The request, or request and subrequest with a slash between, that it is for.',
    ),
    driver: required(2, string, 'The driver that serves the device.'),
    pool: required(3, string, 'The pool that the device is in.'),
    device: required(4, string, 'Name of the device in its pool.'),
    adminAccess: optional(
      5,
      boolean,
      'Allocated for looking after the device, beside its ordinary users.',
    ),
    tolerations: omitEmpty(
      6,
      listOf(deviceToleration, { listType: 'atomic' }),
      'Copied from the request when the device was allocated.',
    ),
    bindingConditions: omitEmpty(
      7,
      listOf(string, { listType: 'atomic' }),
      'Conditions that must be True before the pod is bound.',
    ),
    bindingFailureConditions: omitEmpty(
      8,
      listOf(string, { listType: 'atomic' }),
      'Conditions that, when True, call the allocation off.',
    ),
    shareID: optional(
      9,
      string,
      'Tells shares of one device apart; set when it may be allocated more than once.',
    ),
    consumedCapacity: omitEmpty(
      10,
      mapOf(quantity),
      'How much of the device was allocated, by name of the capacity.',
    ),
  },
)
export interface DeviceRequestAllocationResult
  extends Stored<typeof deviceRequestAllocationResult> {}

export const deviceAllocationConfiguration = struct(
  'resource.v1.DeviceAllocationConfiguration',
  'Configuration that drivers get together with the devices.',
  {
    source: required(
      1,
      enumOf('FromClass', 'FromClaim'),
      'Where it came from: FromClass or FromClaim.',
    ),
    requests: omitEmpty(
      2,
      listOf(string, { listType: 'atomic' }),
      'The requests that it is for; empty means all.',
    ),
    deviceConfiguration: inline(3, deviceConfiguration),
  },
)
export interface DeviceAllocationConfiguration
  extends Stored<typeof deviceAllocationConfiguration> {}

export const deviceAllocationResult = struct(
  'resource.v1.DeviceAllocationResult',
  'The devices that were allocated.',
  {
    results: omitEmpty(
      1,
      listOf(deviceRequestAllocationResult, { listType: 'atomic' }),
      'The devices, one for each that a request asked for.',
    ),
    config: omitEmpty(
      2,
      listOf(deviceAllocationConfiguration, { listType: 'atomic' }),
      'Configuration for them, from the class first.',
    ),
  },
)
export interface DeviceAllocationResult extends Stored<typeof deviceAllocationResult> {}

export const allocationResult = struct(
  'resource.v1.AllocationResult',
  'What was allocated for a claim.',
  {
    devices: omitEmpty(1, deviceAllocationResult, 'The devices that were allocated.'),
    nodeSelector: optional(3, nodeSelector, 'The nodes that can use them; unset means all.'),
    allocationTimestamp: optional(5, time, 'When they were allocated.'),
  },
)
export interface AllocationResult extends Stored<typeof allocationResult> {}

export const resourceClaimConsumerReference = struct(
  'resource.v1.ResourceClaimConsumerReference',
  'Who uses a claim.',
  {
    apiGroup: omitEmpty(1, string, 'API group of the user; empty is the core group.'),
    resource: required(3, string, 'Plural name of its resource, such as pods.'),
    name: required(4, string, 'Name of the user.'),
    uid: required(5, string, 'UID of the user.'),
  },
)
export interface ResourceClaimConsumerReference
  extends Stored<typeof resourceClaimConsumerReference> {}

export const networkDeviceData = struct(
  'resource.v1.NetworkDeviceData',
  'What a network device has been given.',
  {
    interfaceName: omitEmpty(1, string, 'Name of the interface in the pod, up to 256 bytes.'),
    ips: omitEmpty(
      2,
      listOf(string, { listType: 'atomic' }),
      'Its addresses, each with the length of its network, up to 16.',
    ),
    hardwareAddress: omitEmpty(3, string, 'Its hardware address, up to 128 bytes.'),
  },
)
export interface NetworkDeviceData extends Stored<typeof networkDeviceData> {}

export const allocatedDeviceStatus = struct(
  'resource.v1.AllocatedDeviceStatus',
  'What a driver says about an allocated device.',
  {
    driver: required(1, string, 'The driver that serves the device.'),
    pool: required(2, string, 'The pool that the device is in.'),
    device: required(3, string, 'Name of the device in its pool.'),
    shareID: optional(7, string, 'The share of the device that this is about.'),
    conditions: always(
      4,
      listOf(condition, { keys: ['type'] }),
      'Aspects of the state of the device, up to eight.',
      { mayOmit: true },
    ),
    data: optional(5, object, 'Anything else the driver has to say, up to 10 KiB.'),
    networkData: optional(6, networkDeviceData, 'What a network device has been given.'),
  },
)
export interface AllocatedDeviceStatus extends Stored<typeof allocatedDeviceStatus> {}

export const resourceClaimStatus = struct(
  'resource.v1.ResourceClaimStatus',
  'What has become of a claim.',
  {
    allocation: optional(1, allocationResult, 'What was allocated; unset until then.'),
    reservedFor: omitEmpty(
      2,
      listOf(resourceClaimConsumerReference, { keys: ['uid'], mergeKey: 'uid', patch: 'merge' }),
      'Who may use the claim now, up to 256.',
    ),
    devices: omitEmpty(
      4,
      listOf(allocatedDeviceStatus, { keys: ['driver', 'device', 'pool', 'shareID'] }),
      'What drivers say about the allocated devices.',
    ),
  },
)
export interface ResourceClaimStatus extends Stored<typeof resourceClaimStatus> {}

export const ResourceClaim = defineKind({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaim',
  plural: 'resourceclaims',
  scope: 'Namespaced',
  subresources: { ...statusSubresource },
  deletion: { returnsObject: true },
  doc: 'Asks for devices, and says which were allocated.',
  fields: {
    spec: always(2, resourceClaimSpec, 'What is asked for. Never changes.', { immutable: true }),
    status: omitEmpty(3, resourceClaimStatus, 'What has become of the claim.'),
  },
  validateWhole({ spec, status }, at, problems) {
    validateDeviceClaim(spec.devices, at.child('spec').child('devices'), problems)
    const names = requestNamesOf(spec.devices)
    validateClaimStatus(status, names, at.child('status'), problems)
  },
  validateUpdate(next, previous, at, problems) {
    const isDeleted = next.metadata.deletionTimestamp !== undefined
    const path = at.child('status')
    validateClaimStatusUpdate(next.status, previous.status, isDeleted, path, problems)
  },
  columns: [
    nameColumn,
    column('State', 'string', 'How far the claim has come.', ({ metadata, status }) =>
      stateText(metadata.deletionTimestamp !== undefined, status),
    ),
    ageColumn,
  ],
})
export interface ResourceClaim extends Stored<typeof ResourceClaim> {}

function stateText(isDeleted: boolean, { allocation, reservedFor }: ResourceClaimStatus): string {
  const states = [
    isDeleted && 'deleted',
    allocation ? 'allocated' : !isDeleted && 'pending',
    allocation && reservedFor?.length && 'reserved',
  ]
  return states.filter(Boolean).join(',')
}
