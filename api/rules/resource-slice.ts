/** Rules about ResourceSlices: what a driver offers, and to which nodes. */
import type {
  Counter,
  Device,
  DeviceAttribute,
  DeviceTaint,
  ResourcePool,
  ResourceSliceSpec,
} from '../kinds/resource/resource-slice.ts'
import { dnsSubdomainName, isDnsLabel } from '../names.ts'
import type { Path, Problems } from '../problems.ts'
import { immutableMessage } from '../validate-update.ts'
import { MAX_BINDING_CONDITIONS } from './device-allocation.ts'
import { validateCapacity } from './device-capacity.ts'
import { taintEffects } from './device-claim.ts'
import {
  validateBindingConditions,
  validateDriverName,
  validateItems,
  validateLabelKey,
  validateLabelValue,
  validateName,
  validatePoolName,
  validateQualifiedIdentifier,
  validateUniqueItems,
} from './device-names.ts'
import { validateNodeSelector } from './node-selector.ts'

const MAX_DEVICES = 128
/** Devices with taints, counters or lists take the scheduler more time. */
const MAX_ADVANCED_DEVICES = 64
const MAX_ATTRIBUTES_AND_CAPACITIES = 32
const MAX_ATTRIBUTE_VALUES = 48
const MAX_ATTRIBUTE_BYTES = 64
const MAX_COUNTER_SETS = 8
const MAX_COUNTERS = 32
const MAX_CONSUMED_SETS = 2
const MAX_TAINTS = 16

export function validateSliceSpec(spec: ResourceSliceSpec, at: Path, problems: Problems): void {
  validateDriverName(spec.driver, at.child('driver'), problems)
  validatePool(spec.pool, at.child('pool'), problems)
  validatePlacement(spec, at, problems)
  if (spec.sharedCounters && spec.devices) {
    problems.invalid(at, '', 'only one of `sharedCounters` or `devices` is allowed')
  }
  validateUniqueItems(
    spec.devices,
    spec.devices?.some(isAdvanced) ? MAX_ADVANCED_DEVICES : MAX_DEVICES,
    (each, path) => validateDevice(each, spec.perDeviceNodeSelection ?? false, path, problems),
    ({ name }) => name,
    at.child('devices'),
    problems,
  )
  validateUniqueItems(
    spec.sharedCounters,
    MAX_COUNTER_SETS,
    ({ name, counters }, path) => {
      if (!name) problems.required(path.child('name'))
      else validateName(name, isDnsLabel, path.child('name'), problems)
      validateCounters(counters, path.child('counters'), problems)
    },
    ({ name }) => name,
    at.child('sharedCounters'),
    problems,
  )
}

export function validateSliceUpdate(
  next: ResourceSliceSpec,
  previous: ResourceSliceSpec,
  at: Path,
  problems: Problems,
): void {
  for (const [path, after, before] of [
    [at.child('pool').child('name'), next.pool.name, previous.pool.name],
    [at.child('driver'), next.driver, previous.driver],
    [at.child('nodeName'), next.nodeName, previous.nodeName],
  ] as const) {
    if (after !== before) problems.invalid(path, after ?? 'null', immutableMessage)
  }
}

/** Taints say since when they are there; `now` is a time of the API. */
export function stampTaints({ devices }: ResourceSliceSpec, now: string): void {
  for (const { taints } of devices ?? []) for (const taint of taints ?? []) taint.timeAdded ??= now
}

function validatePool(pool: ResourcePool, at: Path, problems: Problems): void {
  const { name, resourceSliceCount, generation } = pool
  validatePoolName(name, at.child('name'), problems)
  if (resourceSliceCount <= 0) {
    const message = 'must be greater than zero'
    problems.invalid(at.child('resourceSliceCount'), resourceSliceCount, message)
  }
  if (generation < 0) {
    const message = 'must be greater than or equal to zero'
    problems.invalid(at.child('generation'), generation, message)
  }
}

type Placement = Pick<ResourceSliceSpec, 'nodeName' | 'nodeSelector' | 'allNodes'> & {
  readonly perDeviceNodeSelection?: boolean
}

const unsetOrTrue = 'must be either unset or set to true'

/** One field says which nodes can use the devices. */
function validatePlacement(spec: Placement, at: Path, problems: Problems): void {
  const set = placementFields(
    spec,
    'must be either unset or set to a non-empty string',
    at,
    problems,
  )
  if (spec.nodeSelector) {
    const terms = spec.nodeSelector.nodeSelectorTerms
    const path = at.child('nodeSelector').child('nodeSelectorTerms')
    if (terms?.length !== 1) {
      problems.invalid(path, terms, 'must have exactly one node selector term')
    }
  }
  if (spec.perDeviceNodeSelection) set.push('`perDeviceNodeSelection`')
  else if (spec.perDeviceNodeSelection === false) {
    problems.invalid(at.child('perDeviceNodeSelection'), false, unsetOrTrue)
  }
  const fields = '`nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection`'
  const message = `exactly one of ${fields} is required`
  if (!set.length) problems.required(at, message)
  else if (set.length > 1) {
    problems.invalid(at, `{${set.join(', ')}}`, `${message}, but multiple fields are set`)
  }
}

/** Which of the three fields are set, each checked by itself. */
function placementFields(
  { nodeName, nodeSelector, allNodes }: Placement,
  emptyMessage: string,
  at: Path,
  problems: Problems,
): string[] {
  const set: string[] = []
  if (nodeName) {
    set.push('`nodeName`')
    validateName(nodeName, dnsSubdomainName, at.child('nodeName'), problems)
  } else if (nodeName !== undefined) problems.invalid(at.child('nodeName'), nodeName, emptyMessage)
  if (nodeSelector) {
    set.push('`nodeSelector`')
    validateNodeSelector(nodeSelector, at.child('nodeSelector'), problems)
  }
  if (allNodes) set.push('`allNodes`')
  else if (allNodes === false) problems.invalid(at.child('allNodes'), allNodes, unsetOrTrue)
  return set
}

function isAdvanced({ taints, consumesCounters, attributes }: Device): boolean {
  return (
    Boolean(taints?.length || consumesCounters?.length) ||
    Object.values(attributes ?? {}).some(
      ({ ints, bools, strings, versions }) => ints ?? bools ?? strings ?? versions,
    )
  )
}

function validateDevice(device: Device, isPlaced: boolean, at: Path, problems: Problems): void {
  validateName(device.name, isDnsLabel, at.child('name'), problems)
  validateAttributes(device, at, problems)
  const isShared = device.allowMultipleAllocations ?? false
  for (const [name, capacity] of Object.entries(device.capacity ?? {})) {
    validateQualifiedIdentifier(name, at.child('capacity'), problems)
    validateCapacity(capacity, isShared, at.child('capacity').key(name), problems)
  }
  validateItems(device.taints, MAX_TAINTS, validateTaint, at.child('taints'), problems)
  validateUniqueItems(
    device.consumesCounters,
    MAX_CONSUMED_SETS,
    ({ counterSet, counters }, path) => {
      if (!counterSet) problems.required(path.child('counterSet'))
      else validateName(counterSet, isDnsLabel, path.child('counterSet'), problems)
      validateCounters(counters, path.child('counters'), problems)
    },
    ({ counterSet }) => counterSet,
    at.child('consumesCounters'),
    problems,
  )
  validateDevicePlacement(device, isPlaced, at, problems)
  const { bindingConditions, bindingFailureConditions } = device
  validateBindingConditions(
    bindingConditions,
    bindingFailureConditions,
    MAX_BINDING_CONDITIONS,
    at,
    problems,
  )
}

function validateDevicePlacement(
  device: Device,
  isPlaced: boolean,
  at: Path,
  problems: Problems,
): void {
  const when = '`perDeviceNodeSelection` is set to true in the ResourceSlice spec'
  const { nodeName, nodeSelector, allNodes } = device
  if (!isPlaced) {
    const isSet = nodeName !== undefined || nodeSelector !== undefined || allNodes !== undefined
    const fields = '`nodeName`, `nodeSelector` and `allNodes`'
    if (isSet) problems.invalid(at, 'null', `${fields} can only be set if ${when}`)
    return
  }
  const set = placementFields(device, 'must not be empty', at, problems)
  const fields = '`nodeName`, `nodeSelector`, or `allNodes`'
  const message = `exactly one of ${fields} is required when ${when}`
  if (!set.length) problems.required(at, message)
  else if (set.length > 1) problems.invalid(at, `{${set.join(', ')}}`, message)
}

function validateAttributes(device: Device, at: Path, problems: Problems): void {
  const attributes = Object.entries(device.attributes ?? {})
  const count = attributes.length + Object.keys(device.capacity ?? {}).length
  if (count > MAX_ATTRIBUTES_AND_CAPACITIES) {
    const limit = MAX_ATTRIBUTES_AND_CAPACITIES
    const message = `the total number of attributes and capacities must not exceed ${limit}`
    problems.invalid(at, count, message)
  }
  const values = attributes.reduce((sum, [, each]) => sum + valueCount(each), 0)
  if (values > MAX_ATTRIBUTE_VALUES) {
    const message = `the total number of attribute values must not exceed ${MAX_ATTRIBUTE_VALUES}`
    problems.invalid(at, values, message)
  }
  for (const [name, attribute] of attributes) {
    validateQualifiedIdentifier(name, at.child('attributes'), problems)
    validateAttribute(attribute, at.child('attributes').key(name), problems)
  }
}

function valueCount({ ints, bools, strings, versions }: DeviceAttribute): number {
  const items = [ints, bools, strings, versions].map((each) => each?.length ?? 0)
  return items.reduce((sum, each) => sum + each, 0) || 1
}

/** As semver.org has it: numbers without leading zeros, then a pre-release and a build. */
const versionPattern =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$/

function validateAttribute(attribute: DeviceAttribute, at: Path, problems: Problems): void {
  const { string: text, version, strings, versions } = attribute
  if (text !== undefined) validateText(text, at.child('string'), problems)
  if (version !== undefined) validateVersion(version, at.child('version'), problems)
  for (const [position, each] of strings?.entries() ?? []) {
    validateText(each, at.child('strings').index(position), problems)
  }
  for (const [position, each] of versions?.entries() ?? []) {
    validateVersion(each, at.child('versions').index(position), problems)
  }
  const set = Object.values(attribute).filter((each) => each !== undefined && each !== null).length
  const message = 'exactly one value must be specified'
  if (set !== 1) problems.invalid(at, set ? attribute : '', message)
}

function validateText(text: string, at: Path, problems: Problems): void {
  if (Buffer.byteLength(text) > MAX_ATTRIBUTE_BYTES) problems.tooLong(at, MAX_ATTRIBUTE_BYTES)
}

function validateVersion(version: string, at: Path, problems: Problems): void {
  // What is too long anyway is not worth the time that the pattern could take.
  const isShort = version.length <= MAX_ATTRIBUTE_BYTES
  if (!isShort || !versionPattern.test(version)) {
    problems.invalid(at, version, 'must be a string compatible with semver.org spec 2.0.0')
  }
  validateText(version, at, problems)
}

function validateTaint(taint: DeviceTaint, at: Path, problems: Problems): void {
  const { key, value, effect } = taint
  validateLabelKey(key, at.child('key'), problems)
  if (value) validateLabelValue(value, at.child('value'), problems)
  if (!effect) problems.required(at.child('effect'))
  else if (!taintEffects.includes(effect)) {
    problems.notSupported(at.child('effect'), effect, taintEffects)
  }
}

function validateCounters(
  counters: Readonly<Record<string, Counter>> | null | undefined,
  at: Path,
  problems: Problems,
): void {
  const names = Object.keys(counters ?? {})
  if (!names.length) problems.required(at)
  else if (names.length > MAX_COUNTERS) problems.tooMany(at, names.length, MAX_COUNTERS)
  else for (const name of names) validateName(name, isDnsLabel, at, problems)
}
