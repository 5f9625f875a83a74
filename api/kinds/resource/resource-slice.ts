/** ResourceSlice: devices that a driver offers, or part of them. */
import { defineKind } from '../../kind.ts'
import { nodeSelector } from '../../parts/core/node-selector.ts'
import { validateSliceSpec, validateSliceUpdate } from '../../rules/resource-slice.ts'
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
import { ageColumn, column, nameColumn } from '../../table.ts'

export const resourcePool = struct(
  'resource.v1.ResourcePool',
  'The pool of devices that a slice is part of.',
  {
    name: required(1, string, 'Name of the pool, unique for the driver; often that of the node.'),
    generation: required(
      2,
      int64,
      'Number of the description of the pool; a higher one makes the others void.',
    ),
    resourceSliceCount: required(3, int64, 'How many slices make up the pool in this generation.'),
  },
)
export interface ResourcePool extends Stored<typeof resourcePool> {}

export const deviceAttribute = struct(
  'resource.v1.DeviceAttribute',
  'What a device is like in one respect. One field is set.',
  {
    int: optional(2, int64, 'A whole number.'),
    bool: optional(3, boolean, 'Yes or no.'),
    string: optional(4, string, 'A text of up to 64 bytes.'),
    version: optional(5, string, 'A version, as semver.org has them, of up to 64 bytes.'),
    // Lists are alpha in 1.36.
    ints: omitEmpty(6, listOf(int64, { listType: 'atomic' }), 'Several whole numbers.'),
    bools: omitEmpty(7, listOf(boolean, { listType: 'atomic' }), 'Several answers of yes or no.'),
    strings: omitEmpty(
      8,
      listOf(string, { listType: 'atomic' }),
      'Several texts of up to 64 bytes.',
    ),
    versions: omitEmpty(
      9,
      listOf(string, { listType: 'atomic' }),
      'Several versions of up to 64 bytes.',
    ),
  },
)
export interface DeviceAttribute extends Stored<typeof deviceAttribute> {}

export const capacityRequestPolicyRange = struct(
  'resource.v1.CapacityRequestPolicyRange',
  'Amounts between two bounds.',
  {
    min: optional(1, quantity, 'The least amount; more is rounded up to the next step.'),
    max: optional(2, quantity, 'The greatest amount. Defaults to the whole capacity.'),
    step: optional(3, quantity, 'The distance between amounts. Unset allows any.'),
  },
)
export interface CapacityRequestPolicyRange extends Stored<typeof capacityRequestPolicyRange> {}

export const capacityRequestPolicy = struct(
  'resource.v1.CapacityRequestPolicy',
  'Which amounts of a capacity may be asked for.',
  {
    default: nullable(1, quantity, 'The amount when a request names none.', { mayOmit: true }),
    validValues: omitEmpty(
      3,
      listOf(quantity, { listType: 'atomic' }),
      'The amounts, from least to greatest, up to ten.',
    ),
    validRange: optional(4, capacityRequestPolicyRange, 'The amounts, as a range.'),
  },
)
export interface CapacityRequestPolicy extends Stored<typeof capacityRequestPolicy> {}

export const deviceCapacity = struct(
  'resource.v1.DeviceCapacity',
  'How much of something a device has.',
  {
    value: required(1, quantity, 'How much there is.'),
    requestPolicy: optional(
      2,
      capacityRequestPolicy,
      'Which amounts may be asked for, when the device may be allocated more than once.',
    ),
  },
)
export interface DeviceCapacity extends Stored<typeof deviceCapacity> {}

export const counter = struct('resource.v1.Counter', 'How much of something there is in common.', {
  value: required(1, quantity, 'How much there is.'),
})
export interface Counter extends Stored<typeof counter> {}

export const deviceCounterConsumption = struct(
  'resource.v1.DeviceCounterConsumption',
  'What a device takes from a set of counters.',
  {
    counterSet: required(1, string, 'Name of the set.'),
    counters: omitEmpty(2, mapOf(counter), 'How much it takes, by name of the counter.'),
  },
)
export interface DeviceCounterConsumption extends Stored<typeof deviceCounterConsumption> {}

export const deviceTaint = struct(
  'resource.v1.DeviceTaint',
  'Keeps claims away from a device unless they tolerate it.',
  {
    key: required(1, string, 'The key, like that of a label.'),
    value: omitEmpty(2, string, 'The value, like that of a label.'),
    effect: required(
      3,
      enumOf('None', 'NoSchedule', 'NoExecute'),
      'NoSchedule, NoExecute or None, which only informs.',
    ),
    timeAdded: optional(4, time, 'When the taint was added. Defaults to when it was written.'),
  },
)
export interface DeviceTaint extends Stored<typeof deviceTaint> {}

export const nodeAllocatableResourceMapping = struct(
  'resource.v1.NodeAllocatableResourceMapping',
  'How a device uses up a resource that nodes have, such as memory.',
  {
    capacityKey: optional(
      1,
      string,
      'The capacity of the device that says how much; unset means one for each device.',
    ),
    allocationMultiplier: optional(
      2,
      quantity,
      'What the amount is multiplied with. Defaults to 1.',
      { default: '1' },
    ),
  },
)
export interface NodeAllocatableResourceMapping
  extends Stored<typeof nodeAllocatableResourceMapping> {}

export const device = struct('resource.v1.Device', 'A device that can be allocated.', {
  name: required(1, string, 'Name of the device, unique in its pool.'),
  attributes: omitEmpty(2, mapOf(deviceAttribute), 'What the device is like, by name.'),
  capacity: omitEmpty(3, mapOf(deviceCapacity), 'What the device has, by name.'),
  consumesCounters: omitEmpty(
    4,
    listOf(deviceCounterConsumption, { listType: 'atomic' }),
    'What it takes from the shared counters, two sets at most.',
  ),
  nodeName: optional(5, string, 'The node that can use it, when perDeviceNodeSelection is set.'),
  nodeSelector: optional(
    6,
    nodeSelector,
    'The nodes that can use it, when perDeviceNodeSelection is set.',
  ),
  allNodes: optional(
    7,
    boolean,
    'Whether every node can use it, when perDeviceNodeSelection is set.',
  ),
  taints: omitEmpty(
    8,
    listOf(deviceTaint, { listType: 'atomic' }),
    'Keep claims away from it unless they tolerate them.',
  ),
  bindsToNode: optional(
    9,
    boolean,
    'Whether its claim is bound to the node that was chosen with it.',
  ),
  bindingConditions: omitEmpty(
    10,
    listOf(string, { listType: 'atomic' }),
    'Conditions that must be True before the pod is bound, up to four.',
  ),
  bindingFailureConditions: omitEmpty(
    11,
    listOf(string, { listType: 'atomic' }),
    'Conditions that, when True, call an allocation off, up to four.',
  ),
  allowMultipleAllocations: optional(
    12,
    boolean,
    'Whether it may be allocated to several requests at once.',
  ),
  nodeAllocatableResourceMappings: omitEmpty(
    13,
    mapOf(nodeAllocatableResourceMapping),
    'Resources of the node that it uses up, by name.',
  ),
})
export interface Device extends Stored<typeof device> {}

export const counterSet = struct('resource.v1.CounterSet', 'Counters that devices share.', {
  name: required(1, string, 'Name of the set, unique in the pool.'),
  counters: omitEmpty(2, mapOf(counter), 'The counters, by name, up to 32.'),
})
export interface CounterSet extends Stored<typeof counterSet> {}

export const resourceSliceSpec = struct(
  'resource.v1.ResourceSliceSpec',
  'What a driver offers, and to which nodes.',
  {
    driver: required(1, string, 'The driver, named like a domain of whoever made it.'),
    pool: required(2, resourcePool, 'The pool that this is part of.'),
    nodeName: optional(3, string, 'The one node that can use the devices. Never changes.'),
    nodeSelector: optional(4, nodeSelector, 'The nodes that can use the devices.'),
    allNodes: optional(5, boolean, 'Whether every node can use the devices.'),
    devices: omitEmpty(
      6,
      listOf(device, { listType: 'atomic' }),
      'The devices, up to 128, or 64 with taints or counters.',
    ),
    perDeviceNodeSelection: optional(
      7,
      boolean,
      'Whether each device says for itself which nodes can use it.',
    ),
    sharedCounters: omitEmpty(
      8,
      listOf(counterSet, { listType: 'atomic' }),
      'Counters that the devices of the pool share, up to eight sets.',
    ),
  },
)
export interface ResourceSliceSpec extends Stored<typeof resourceSliceSpec> {}

export const ResourceSlice = defineKind({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceSlice',
  plural: 'resourceslices',
  scope: 'Cluster',
  generation: true,
  deletion: { returnsObject: true },
  doc: 'Devices that a driver offers, or part of them.',
  fields: {
    spec: required(2, resourceSliceSpec, 'What is offered, and to which nodes.'),
  },
  selectable: {
    'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
    'spec.driver': ({ spec }) => spec.driver,
  },
  validateWhole({ spec }, at, problems) {
    validateSliceSpec(spec, at.child('spec'), problems)
  },
  validateUpdate({ spec: next }, { spec: previous }, at, problems) {
    validateSliceUpdate(next, previous, at.child('spec'), problems)
  },
  columns: [
    nameColumn,
    column(
      'Node',
      'string',
      'The node that can use the devices.',
      ({ spec }) => spec.nodeName ?? '<unset>',
    ),
    column('Driver', 'string', 'The driver that offers the devices.', ({ spec }) => spec.driver),
    column('Pool', 'string', 'The pool that the devices are in.', ({ spec }) => spec.pool.name),
    ageColumn,
  ],
})
export interface ResourceSlice extends Stored<typeof ResourceSlice> {}
