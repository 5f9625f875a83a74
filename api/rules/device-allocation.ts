/** Rules about the status of a ResourceClaim: what was allocated, for whom, and how it fares. */
import { isDeepStrictEqual } from 'node:util'
import { validateConditions } from '../conditions.ts'
import { formatIp, parseCidr } from '../ip.ts'
import type {
  AllocatedDeviceStatus,
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceRequestAllocationResult,
  NetworkDeviceData,
  ResourceClaimConsumerReference,
  ResourceClaimStatus,
} from '../kinds/resource/resource-claim.ts'
import { isDnsLabel } from '../names.ts'
import type { Path, Problems } from '../problems.ts'
import { immutableMessage } from '../validate-update.ts'
import {
  MAX_CONFIGURATIONS,
  type RequestNames,
  validateConfiguration,
  validateRawSize,
  validateRequestReference,
  validateRequestReferences,
  validateTolerations,
} from './device-claim.ts'
import {
  validateBindingConditions,
  validateDriverName,
  validateItems,
  validateName,
  validatePoolName,
  validateUniqueItems,
  validateUuid,
} from './device-names.ts'
import { validateNodeSelector } from './node-selector.ts'

const MAX_CONSUMERS = 256
const MAX_RESULTS = 32
const MAX_DEVICE_CONDITIONS = 8
const MAX_DATA_BYTES = 10 * 1024
const MAX_ADDRESSES = 16
const MAX_INTERFACE_BYTES = 256
const MAX_HARDWARE_ADDRESS_BYTES = 128
export const MAX_BINDING_CONDITIONS = 4

export function validateClaimStatus(
  status: ResourceClaimStatus,
  names: RequestNames,
  at: Path,
  problems: Problems,
): void {
  const { allocation, reservedFor } = status
  const path = at.child('reservedFor')
  validateUniqueItems(
    reservedFor,
    MAX_CONSUMERS,
    validateConsumer,
    ({ uid }) => uid,
    path,
    problems,
  )
  const allocated = new Set(allocation?.devices.results?.map(deviceKey))
  validateUniqueItems(
    status.devices,
    Number.POSITIVE_INFINITY,
    (each, where) => validateDeviceStatus(each, allocated, where, problems),
    deviceKey,
    at.child('devices'),
    problems,
  )
  if (reservedFor?.length && !allocation) {
    problems.forbidden(path, 'may not be specified when `allocated` is not set')
  }
  if (allocation) validateAllocation(allocation, names, at.child('allocation'), problems)
}

/** Allocated stays allocated; a claim that is to go gets no new consumers. */
export function validateClaimStatusUpdate(
  next: ResourceClaimStatus,
  previous: ResourceClaimStatus,
  isDeleted: boolean,
  at: Path,
  problems: Problems,
): void {
  const before = new Set(previous.reservedFor?.map(({ uid }) => uid))
  const hasNewConsumer = next.reservedFor?.some(({ uid }) => !before.has(uid))
  if (isDeleted && next.allocation && hasNewConsumer) {
    const when = '`deallocationRequested` or `deletionTimestamp` are set'
    problems.forbidden(at.child('reservedFor'), `new entries may not be added while ${when}`)
  }
  const isChanged =
    next.allocation &&
    previous.allocation &&
    !isDeepStrictEqual(next.allocation, previous.allocation)
  if (isChanged) problems.invalid(at.child('allocation'), next.allocation, immutableMessage)
}

/** What drivers say about devices that are no longer allocated is of no use. */
export function dropDeallocatedDevices(
  next: ResourceClaimStatus,
  previous: ResourceClaimStatus,
): void {
  const kept = new Set(next.allocation?.devices.results?.map(deviceKey))
  const gone = new Set(previous.allocation?.devices.results?.map(deviceKey)).difference(kept)
  const devices = next.devices?.filter((each) => !gone.has(deviceKey(each))) ?? []
  if (devices.length) next.devices = devices
  else delete next.devices
}

interface DeviceId {
  readonly driver: string
  readonly pool: string
  readonly device: string
  readonly shareID?: string
}

function deviceKey({ driver, pool, device, shareID }: DeviceId): string {
  const key = `${driver}/${pool}/${device}`
  return shareID === undefined ? key : `${key}/${shareID}`
}

function validateConsumer(
  consumer: ResourceClaimConsumerReference,
  at: Path,
  problems: Problems,
): void {
  for (const field of ['resource', 'name', 'uid'] as const) {
    if (!consumer[field]) problems.required(at.child(field))
  }
}

function validateAllocation(
  { devices, nodeSelector }: AllocationResult,
  names: RequestNames,
  at: Path,
  problems: Problems,
): void {
  const path = at.child('devices')
  validateItems(
    devices.results,
    MAX_RESULTS,
    (each, where) => validateResult(each, names, where, problems),
    path.child('results'),
    problems,
  )
  validateItems(
    devices.config,
    2 * MAX_CONFIGURATIONS, // Those of the class, then those of the claim.
    (each, where) => validateAllocatedConfiguration(each, names, where, problems),
    path.child('config'),
    problems,
  )
  if (nodeSelector) validateNodeSelector(nodeSelector, at.child('nodeSelector'), problems)
}

function validateResult(
  result: DeviceRequestAllocationResult,
  names: RequestNames,
  at: Path,
  problems: Problems,
): void {
  const { bindingConditions, bindingFailureConditions, shareID } = result
  validateRequestReference(result.request, names, at.child('request'), problems)
  validateDeviceId(result, at, problems)
  validateBindingConditions(
    bindingConditions,
    bindingFailureConditions,
    MAX_BINDING_CONDITIONS,
    at,
    problems,
  )
  validateTolerations(result.tolerations, at.child('tolerations'), problems)
  if (shareID !== undefined) validateUuid(shareID, at.child('shareID'), problems)
}

function validateDeviceId({ driver, pool, device }: DeviceId, at: Path, problems: Problems): void {
  validateDriverName(driver, at.child('driver'), problems)
  validatePoolName(pool, at.child('pool'), problems)
  validateName(device, isDnsLabel, at.child('device'), problems)
}

function validateAllocatedConfiguration(
  configuration: DeviceAllocationConfiguration,
  names: RequestNames,
  at: Path,
  problems: Problems,
): void {
  const { source } = configuration
  if (!source) problems.required(at.child('source'))
  else if (!['FromClaim', 'FromClass'].includes(source)) {
    problems.notSupported(at.child('source'), source, ['FromClaim', 'FromClass'])
  }
  validateRequestReferences(configuration.requests, names, at.child('requests'), problems)
  validateConfiguration(configuration, at, problems)
}

function validateDeviceStatus(
  status: AllocatedDeviceStatus,
  allocated: ReadonlySet<string>,
  at: Path,
  problems: Problems,
): void {
  const { shareID, conditions, data, networkData } = status
  validateDeviceId(status, at, problems)
  if (shareID !== undefined) validateUuid(shareID, at.child('shareID'), problems)
  const key = deviceKey(status)
  if (!allocated.has(key)) problems.invalid(at, key, 'must be an allocated device in the claim')
  if (conditions && conditions.length > MAX_DEVICE_CONDITIONS) {
    problems.tooMany(at.child('conditions'), conditions.length, MAX_DEVICE_CONDITIONS)
  }
  validateConditions(conditions, at.child('conditions'), problems)
  if (data) validateRawSize(data, MAX_DATA_BYTES, at.child('data'), problems)
  if (networkData) validateNetworkData(networkData, at.child('networkData'), problems)
}

function validateNetworkData(data: NetworkDeviceData, at: Path, problems: Problems): void {
  const { interfaceName = '', hardwareAddress = '', ips } = data
  if (Buffer.byteLength(interfaceName) > MAX_INTERFACE_BYTES) {
    problems.tooLong(at.child('interfaceName'), MAX_INTERFACE_BYTES)
  }
  if (Buffer.byteLength(hardwareAddress) > MAX_HARDWARE_ADDRESS_BYTES) {
    problems.tooLong(at.child('hardwareAddress'), MAX_HARDWARE_ADDRESS_BYTES)
  }
  validateUniqueItems(
    ips,
    MAX_ADDRESSES,
    validateInterfaceAddress,
    (each) => each,
    at.child('ips'),
    problems,
  )
}

function validateInterfaceAddress(text: string, at: Path, problems: Problems): void {
  const cidr = parseCidr(text)
  const canonical = cidr && `${formatIp(cidr.ip)}/${cidr.prefixLength}`
  if (!cidr) {
    const examples = '(e.g. 10.9.8.7/24 or 2001:db8::1/64)'
    problems.invalid(at, text, `must be a valid address in CIDR form, ${examples}`)
  } else if (canonical !== text) {
    problems.invalid(at, text, `must be in canonical form (${JSON.stringify(canonical)})`)
  }
}
