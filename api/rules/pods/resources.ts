/** Rules about compute resources: of containers, of pods as a whole and of their overhead. */
import type { ResourceClaim, ResourceRequirements } from '../../parts/core/resources.ts'
import type { Path, Problems } from '../../problems.ts'
import { compareQuantities, milliValue, parseQuantity, quantityValue } from '../../quantity.ts'
import { isPodLevelResource } from '../pod-resources.ts'
import {
  checkContainerResourceName,
  checkResourceName,
  checkResourceQuantity,
  isHugePages,
  isOvercommitAllowed,
} from '../resource-names.ts'
import { checkDnsLabel } from './checks.ts'

const hugePagesPrefix = 'hugepages-'

type NameRule = (name: string, at: Path, problems: Problems) => void

const checkPodResourceName: NameRule = (name, at, problems) => {
  if (checkResourceName(name, at, problems) && !isPodLevelResource(name)) {
    problems.notSupported(at, name, ['cpu', 'hugepages-', 'memory'])
  }
}

/** Huge pages come whole. */
function checkHugePages(name: string, amount: string, at: Path, problems: Problems): void {
  const size = pageSize(name)
  if (size > 0n && quantityValue(amount) % size === 0n) return
  problems.invalid(at, amount, `${amount} is not positive integer multiple of ${name}`)
}

function pageSize(name: string): bigint {
  try {
    const size = parseQuantity(name.slice(hugePagesPrefix.length))
    return milliValue(size) % 1000n === 0n ? quantityValue(size) : 0n
  } catch {
    return 0n // A name without a size, of which nothing is a multiple.
  }
}

/** The resources of a container. */
export function validateResources(
  requirements: ResourceRequirements,
  claimNames: ReadonlySet<string>,
  at: Path,
  problems: Problems,
): void {
  const { limits, requests, claims } = requirements
  if (limits || requests) {
    checkAmounts(requirements, checkContainerResourceName, at, problems)
  }
  if (claims) checkClaims(claims, claimNames, at.child('claims'), problems)
}

/** The resources of a pod as a whole, as far as they stand for themselves. */
export function validatePodLevelResources(
  requirements: ResourceRequirements,
  at: Path,
  problems: Problems,
): void {
  if (requirements.claims) {
    problems.forbidden(at.child('claims'), 'claims cannot be set for Resources at pod-level')
  }
  checkAmounts(requirements, checkPodResourceName, at, problems)
}

export function validateOverhead(
  overhead: Readonly<Record<string, string>>,
  at: Path,
  problems: Problems,
): void {
  checkAmounts({ limits: overhead }, checkContainerResourceName, at, problems)
}

function checkAmounts(
  { limits = {}, requests = {} }: ResourceRequirements,
  checkName: NameRule,
  at: Path,
  problems: Problems,
): void {
  const limitsAt = at.child('limits')
  const requestsAt = at.child('requests')
  for (const [name, limit] of Object.entries(limits)) {
    const place = limitsAt.key(name)
    checkName(name, place, problems)
    checkResourceQuantity(name, limit, place, problems)
    if (isHugePages(name)) checkHugePages(name, limit, place, problems)
  }
  for (const [name, request] of Object.entries(requests)) {
    const place = requestsAt.key(name)
    checkName(name, place, problems)
    checkResourceQuantity(name, request, place, problems)
    const limit = Object.hasOwn(limits, name) ? limits[name] : undefined
    if (limit !== undefined) checkAgainstLimit(name, request, limit, requestsAt, problems)
    else if (!isOvercommitAllowed(name)) {
      problems.required(limitsAt, 'Limit must be set for non overcommitable resources')
    }
    if (isHugePages(name)) checkHugePages(name, request, place, problems)
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)]
  if (names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory')) {
    problems.forbidden(at, 'HugePages require cpu or memory')
  }
}

function checkAgainstLimit(
  name: string,
  request: string,
  limit: string,
  at: Path,
  problems: Problems,
): void {
  if (request === limit) return
  const order = compareQuantities(request, limit)
  if (order !== 0 && !isOvercommitAllowed(name)) {
    problems.invalid(at, request, `must be equal to ${name} limit of ${limit}`)
  } else if (order > 0) {
    problems.invalid(at, request, `must be less than or equal to ${name} limit of ${limit}`)
  }
}

/** A claim may be used whole or by single requests, but nothing of it twice. */
function checkClaims(
  claims: readonly ResourceClaim[],
  claimNames: ReadonlySet<string>,
  at: Path,
  problems: Problems,
): void {
  const used = new Set<string>()
  for (const [position, { name, request }] of claims.entries()) {
    const place = at.index(position)
    if (!name) {
      problems.required(place)
      continue
    }
    if (used.has(name)) problems.duplicate(place, name)
    else {
      const key = request ? `${name}/${request}` : name
      if (request) checkDnsLabel(request, place.child('request'), problems)
      if (used.has(key)) problems.duplicate(place, key)
      else if (!request) {
        for (const other of used) {
          if (other.startsWith(`${name}/`)) problems.duplicate(place, name)
        }
      }
      used.add(key)
    }
    if (!claimNames.has(name)) problems.notFound(place, name, claimHint(claimNames))
  }
}

function claimHint(claimNames: ReadonlySet<string>): string {
  const choice = claimNames.size ? `: ${[...claimNames].sort().join(', ')}` : ' which is empty'
  return `must be one of the names in pod.spec.resourceClaims${choice}`
}
