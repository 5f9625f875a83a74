/** What Services, claims to volumes and claims to devices use of a quota. */
import type { PersistentVolumeClaim } from '../../kinds/core/persistent-volume-claim.ts'
import type { Service } from '../../kinds/core/service.ts'
import type { ResourceClaim } from '../../kinds/resource/resource-claim.ts'
import {
  compareQuantities,
  parseQuantity,
  type Quantity,
  quantityFromUnits,
  quantityValue,
} from '../../quantity.ts'
import { type Amounts, one, zero } from './amounts.ts'

const serviceNames: ReadonlySet<string> = new Set([
  'count/services',
  'services',
  'services.nodeports',
  'services.loadbalancers',
])

export const countsServices = (name: string): boolean => serviceNames.has(name)

/** Node ports are counted before they are given out, by what the Service asks for. */
export function serviceUsage({ spec }: Pick<Service, 'spec'>): Amounts {
  const { type, ports = [], allocateLoadBalancerNodePorts } = spec
  const isBalanced = type === 'LoadBalancer'
  const isExplicit = isBalanced && allocateLoadBalancerNodePorts === false
  const counted = isExplicit ? ports.filter(({ nodePort }) => nodePort) : ports
  const nodePorts = isBalanced || type === 'NodePort' ? counted.length : 0
  return new Map([
    ['count/services', one],
    ['services', one],
    ['services.nodeports', quantityFromUnits(nodePorts, 'DecimalSI')],
    ['services.loadbalancers', isBalanced ? one : zero],
  ])
}

const claimNames = ['persistentvolumeclaims', 'requests.storage']
const classSuffix = '.storageclass.storage.k8s.io/'

export const countsClaims = (name: string): boolean =>
  name === 'count/persistentvolumeclaims' ||
  claimNames.some((each) => name === each || name.endsWith(classSuffix + each))

const classAnnotation = 'volume.beta.kubernetes.io/storage-class'

export function claimUsage(claim: PersistentVolumeClaim): Amounts {
  const { metadata, spec } = claim
  const storageClass = metadata.annotations?.[classAnnotation] ?? spec.storageClassName ?? ''
  const storage = storageOf(claim)
  const usage: Amounts = new Map([
    ['count/persistentvolumeclaims', one],
    ['persistentvolumeclaims', one],
  ])
  if (storage) usage.set('requests.storage', storage)
  if (!storageClass) return usage
  usage.set(`${storageClass}${classSuffix}persistentvolumeclaims`, one)
  if (storage) usage.set(`${storageClass}${classSuffix}requests.storage`, storage)
  return usage
}

/** What is being allocated counts while it is more than what is asked for. */
function storageOf({ spec, status }: PersistentVolumeClaim): Quantity | undefined {
  const wanted = spec.resources.requests?.storage
  if (wanted === undefined) return undefined
  const allocated = status.allocatedResources?.storage
  const isMore = allocated !== undefined && compareQuantities(allocated, wanted) > 0
  const { format, scale, ...amount } = parseQuantity(isMore ? allocated : wanted)
  const whole = { format, scale, ...amount }
  // A fraction of a byte cannot be counted.
  return scale < 0 ? quantityFromUnits(quantityValue(whole), format) : whole
}

const deviceSuffix = '.deviceclass.resource.k8s.io/devices'
/** As many as a claim for all devices of a class can be given. */
const DEVICES_MAX = 32

export const countsDeviceClaims = (name: string): boolean =>
  name === 'count/resourceclaims.resource.k8s.io' || name.endsWith(deviceSuffix)

export function deviceClaimUsage({ spec }: Pick<ResourceClaim, 'spec'>): Amounts {
  const counts = new Map<string, number>()
  const charge = (name: string, count: number): void => {
    counts.set(name, (counts.get(name) ?? 0) + count)
  }
  for (const { exactly, firstAvailable } of spec.devices?.requests ?? []) {
    if (exactly) charge(exactly.deviceClassName, countOf(exactly))
    // One of them will do, and nobody knows yet which.
    const most = new Map<string, number>()
    for (const each of firstAvailable ?? []) {
      most.set(each.deviceClassName, Math.max(most.get(each.deviceClassName) ?? 0, countOf(each)))
    }
    for (const [name, count] of most) charge(name, count)
  }
  return new Map([
    ['count/resourceclaims.resource.k8s.io', one],
    ...[...counts].map(
      ([name, count]) => [name + deviceSuffix, quantityFromUnits(count, 'DecimalSI')] as const,
    ),
  ])
}

const countOf = ({ allocationMode, count = 1 }: { allocationMode?: string; count?: number }) =>
  allocationMode === 'All' ? DEVICES_MAX : count
