/** What controllers may report about a claim. */
import { isQualifiedName } from '../names.ts'
import type { PersistentVolumeClaimStatus } from '../parts/core/claim.ts'
import type { Path, Problems } from '../problems.ts'
import { quantityValue } from '../quantity.ts'
import { checkNonNegative, isNativeResource } from './resource-names.ts'

const resizeStatuses = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizePending',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
]

export function checkClaimStatus(
  status: PersistentVolumeClaimStatus,
  at: Path,
  problems: Problems,
): void {
  for (const [name, amount] of Object.entries(status.capacity ?? {})) {
    checkAmount(amount, at.child('capacity').key(name), problems)
  }
  const statusPlace = at.child('allocatedResourceStatus')
  for (const [name, resize] of Object.entries(status.allocatedResourceStatuses ?? {})) {
    checkName(name, statusPlace, problems)
    if (!resizeStatuses.includes(resize)) problems.notSupported(statusPlace, name, resizeStatuses)
  }
  const place = at.child('allocatedResources')
  for (const [name, amount] of Object.entries(status.allocatedResources ?? {})) {
    if (!checkName(name, place, problems)) continue
    if (checkAmount(amount, place.key(name), problems)) {
      checkNonNegative(amount, place.key(name), problems)
    }
  }
}

function checkAmount(amount: string, at: Path, problems: Problems): boolean {
  const value = quantityValue(amount)
  if (value < 0n) problems.invalid(at, Number(value), 'must be a valid resource quantity')
  return value >= 0n
}

/** Resources of Kubernetes itself are out of place, except storage. */
function checkName(name: string, at: Path, problems: Problems): boolean {
  const messages = isQualifiedName(name)
  for (const message of messages) problems.invalid(at, name, message)
  if (messages.length) return false
  if (!isNativeResource(name) || name === 'storage') return true
  problems.notSupported(at, name, ['storage'])
  return false
}
