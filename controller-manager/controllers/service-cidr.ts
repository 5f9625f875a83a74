/** Says which ranges of Service addresses can be used, and keeps each while addresses need it. */
import { findCondition, withCondition } from '#api/conditions.ts'
import { type Cidr, cidrContains, networkOf, parseCidr, parseIp } from '#api/ip.ts'
import { IPAddress } from '#api/kinds/networking/ip-address.ts'
import { ServiceCIDR } from '#api/kinds/networking/service-cidr.ts'
import { isReason } from '#api/status.ts'
import { epochToTime } from '#api/time.ts'
import {
  type CacheAccess,
  defineController,
  type ReconcileContext,
  watching,
} from '#client/controller.ts'
import type { Reference } from '#client/resource.ts'
import { timeToMs } from '../pods.ts'

const FINALIZER = 'networking.k8s.io/service-cidr-finalizer'
/** As upstream: whoever gives out addresses must have heard that the range is going. */
const DELETION_GRACE_MS = 10_000
const MANAGED_BY = 'ipaddress.kubernetes.io/managed-by'
const ALLOCATOR = 'ipallocator.k8s.io'

export const serviceCidrController = defineController<ServiceCIDR>({
  name: 'service-cidr-controller',
  for: ServiceCIDR,
  watches: [
    watching(IPAddress, goingRanges),
    // Another range may stand in for one that is going.
    watching(ServiceCIDR, goingRanges),
  ],
  async reconcile(range, context) {
    if (range.metadata.deletionTimestamp) return release(range, context)
    const { client } = context
    const { finalizers = [] } = range.metadata
    const isHeld = finalizers.includes(FINALIZER)
    const metadata = { ...range.metadata, finalizers: [...finalizers, FINALIZER] }
    const held = isHeld ? range : await client.update(ServiceCIDR, { ...range, metadata })
    if (findCondition(held.status.conditions, 'Ready')?.status === 'True') return undefined
    await say(held, 'True', 'Ready', 'Kubernetes Service CIDR is ready', context)
    return undefined
  },
})

function* goingRanges(_: unknown, { cached }: CacheAccess): Iterable<Reference> {
  for (const { metadata } of cached(ServiceCIDR).list()) {
    if (metadata.deletionTimestamp) yield { name: metadata.name }
  }
}

async function release(range: ServiceCIDR, context: ReconcileContext) {
  const { cached, client, clock } = context
  const { finalizers = [], deletionTimestamp } = range.metadata
  if (!finalizers.includes(FINALIZER)) return undefined
  const addresses = cached(IPAddress)
    .list()
    .filter(({ metadata }) => metadata.labels?.[MANAGED_BY] === ALLOCATOR)
    .map(({ metadata }) => metadata.name)
  if (!isDispensable(range, cached(ServiceCIDR).list(), addresses)) {
    const message =
      'There are still IPAddresses referencing the ServiceCIDR, ' +
      'please remove them or create a new ServiceCIDR'
    await say(range, 'False', 'Terminating', message, context)
    return undefined
  }
  const waitMs = (timeToMs(deletionTimestamp) ?? 0) + DELETION_GRACE_MS - clock.now()
  if (waitMs > 0) return { requeueAfterMs: waitMs }
  const left = finalizers.filter((each) => each !== FINALIZER)
  const metadata = { ...range.metadata, finalizers: left }
  try {
    await client.update(ServiceCIDR, { ...range, metadata })
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
  return undefined
}

async function say(
  range: ServiceCIDR,
  status: 'True' | 'False',
  reason: string,
  message: string,
  { client, clock }: ReconcileContext,
): Promise<void> {
  const now = epochToTime(Math.floor(clock.now() / 1000))
  const next = { type: 'Ready', status, reason, message, lastTransitionTime: now }
  const conditions = [...withCondition(range.status.conditions ?? [], next, now)]
  await client.updateStatus(ServiceCIDR, range, { ...range.status, conditions })
}

const rangesOf = ({ spec }: ServiceCIDR): Cidr[] =>
  (spec.cidrs ?? []).map(parseCidr).filter((cidr) => cidr !== undefined)

/** Pure: whether every address that is given out is in some other range, too. */
export function isDispensable(
  range: ServiceCIDR,
  all: readonly ServiceCIDR[],
  addresses: readonly string[],
): boolean {
  const { name } = range.metadata
  const others = all
    .filter(({ metadata }) => metadata.name !== name && !metadata.deletionTimestamp)
    .flatMap(rangesOf)
  const isWithin = (inner: Cidr): boolean =>
    others.some(
      (outer) => outer.prefixLength <= inner.prefixLength && cidrContains(outer, networkOf(inner)),
    )
  const own = rangesOf(range).filter((cidr) => !isWithin(cidr))
  return addresses.every((text) => {
    const ip = parseIp(text)
    if (!ip || !own.some((cidr) => cidrContains(cidr, ip))) return true
    return others.some((cidr) => cidrContains(cidr, ip))
  })
}
