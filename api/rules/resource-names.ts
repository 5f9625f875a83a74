/** Names of compute resources: which are standard, extended, countable or may be overcommitted. */
import { isQualifiedName } from '../names.ts'
import type { Path, Problems } from '../problems.ts'
import { milliValue, quantitySign } from '../quantity.ts'

const counted = [
  'pods',
  'services',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]
const containerResources = ['cpu', 'memory', 'ephemeral-storage']
const quotaResources = [
  ...containerResources,
  ...containerResources.map((name) => `requests.${name}`),
  ...containerResources.map((name) => `limits.${name}`),
  'requests.storage',
  ...counted,
]

const countedNames: ReadonlySet<string> = new Set(counted)
const containerNames: ReadonlySet<string> = new Set(containerResources)
const quotaNames: ReadonlySet<string> = new Set(quotaResources)
const standardNames: ReadonlySet<string> = new Set([...quotaResources, 'storage'])

export const isHugePages = (name: string): boolean => name.startsWith('hugepages-')
const isQuotaHugePages = (name: string): boolean =>
  isHugePages(name) || name.startsWith('requests.hugepages-')

export const isStandardQuotaResource = (name: string): boolean =>
  quotaNames.has(name) || isQuotaHugePages(name)

const isStandardContainerResource = (name: string): boolean =>
  containerNames.has(name) || isHugePages(name)

/** Known to Kubernetes itself: without a domain, or in one of kubernetes.io. */
export const isNativeResource = (name: string): boolean =>
  !name.includes('/') || name.includes('kubernetes.io/')

/** Of a device plugin or the like: with a domain of its own. */
export function isExtendedResource(name: string): boolean {
  if (isNativeResource(name) || name.startsWith('requests.')) return false
  return isQualifiedName(`requests.${name}`).length === 0
}

/** Whether limits may exceed requests. */
export const isOvercommitAllowed = (name: string): boolean =>
  isNativeResource(name) && !isHugePages(name)

export const isIntegerResource = (name: string): boolean =>
  countedNames.has(name) || isExtendedResource(name)

/** Answers whether the name is fit to be judged further. */
export function checkResourceName(name: string, at: Path, problems: Problems): boolean {
  const messages = isQualifiedName(name)
  for (const message of messages) problems.invalid(at, name, message)
  if (messages.length) return false
  if (name.includes('/') || standardNames.has(name) || isQuotaHugePages(name)) return true
  problems.invalid(at, name, 'must be a standard resource type or fully qualified')
  return false
}

export function checkContainerResourceName(name: string, at: Path, problems: Problems): void {
  checkResourceName(name, at, problems)
  if (!name.includes('/')) {
    if (isStandardContainerResource(name)) return
    problems.invalid(at, name, 'must be a standard resource for containers')
  } else if (!isNativeResource(name) && !isExtendedResource(name)) {
    problems.invalid(at, name, "doesn't follow extended resource name standard")
  }
}

export function checkQuotaResourceName(name: string, at: Path, problems: Problems): void {
  checkResourceName(name, at, problems)
  if (!name.includes('/') && !isStandardQuotaResource(name)) {
    problems.invalid(at, name, 'must be a standard resource for quota')
  }
}

/** No resource is negative, and what is counted comes in whole numbers. */
export function checkResourceQuantity(
  name: string,
  quantity: string,
  at: Path,
  problems: Problems,
): void {
  checkNonNegative(quantity, at, problems)
  if (isIntegerResource(name) && milliValue(quantity) % 1000n !== 0n) {
    problems.invalid(at, quantity, 'must be an integer')
  }
}

export function checkNonNegative(quantity: string, at: Path, problems: Problems): void {
  if (quantitySign(quantity) < 0) {
    problems.invalid(at, quantity, 'must be greater than or equal to 0')
  }
}

export function checkPositive(quantity: string, at: Path, problems: Problems): void {
  if (quantitySign(quantity) <= 0) problems.invalid(at, quantity, 'must be greater than zero')
}
