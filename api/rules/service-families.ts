/** Which IP families a service has: what it asks for, against what the cluster can give. */
import { isDeepStrictEqual } from 'node:util'
import { type IpFamily, parseIp } from '../ip.ts'
import { type Path, Problems } from '../problems.ts'
import { checkClusterIps } from './service-addresses.ts'
import { isHeadless, needsClusterIp, type ServiceSpec } from './service-facts.ts'

/**
 * Sets policy and families, in place. `cluster` holds the families of the cluster, the preferred
 * one first. Answers whether addresses can be given out.
 */
export function settleFamilies(
  spec: ServiceSpec,
  previous: ServiceSpec | undefined,
  cluster: readonly IpFamily[],
  at: Path,
  problems: Problems,
): boolean {
  if (!needsClusterIp(spec)) return true
  if (previous && isSettled(spec, previous)) return true
  const isOpen = isHeadless(spec) && !Object.keys(spec.selector ?? {}).length
  spec.ipFamilyPolicy ??= previous?.ipFamilyPolicy ?? (isOpen ? 'RequireDualStack' : 'SingleStack')
  const flaws = new Problems()
  checkClusterIps(spec, at, flaws)
  if (!flaws.list.length) {
    if (previous) release(spec, previous, at, flaws)
    checkSingle(spec, at, flaws)
    inferFamilies(spec, cluster, at, flaws)
    if (!isOpen && !flaws.list.length) checkCluster(spec, cluster, at, flaws)
  }
  problems.list.push(...flaws.list)
  if (flaws.list.length) return false
  completeFamilies(spec, isOpen ? ['IPv4', 'IPv6'] : cluster, cluster[0]!)
  return true
}

/** A service that takes what there is does not change when the cluster does. */
function isSettled(spec: ServiceSpec, previous: ServiceSpec): boolean {
  const isFlexible = ({ ipFamilyPolicy = 'PreferDualStack' }: ServiceSpec): boolean =>
    ipFamilyPolicy === 'PreferDualStack'
  return (
    spec.ipFamilyPolicy !== undefined &&
    spec.type === previous.type &&
    isFlexible(spec) &&
    isFlexible(previous) &&
    isSame(spec.clusterIPs, previous.clusterIPs) &&
    isSame(spec.ipFamilies, previous.ipFamilies)
  )
}

const isSame = (some: readonly string[] = [], others: readonly string[] = []): boolean =>
  isDeepStrictEqual(some, others)

/** Saying SingleStack is enough to give the second address back. */
function release(spec: ServiceSpec, previous: ServiceSpec, at: Path, problems: Problems): void {
  if (spec.ipFamilyPolicy === 'SingleStack') {
    for (const name of ['clusterIPs', 'ipFamilies'] as const) {
      if (isSame(spec[name], previous[name])) spec[name]?.splice(1)
    }
    return
  }
  const place = at.child('ipFamilyPolicy')
  const isFewer = (name: 'clusterIPs' | 'ipFamilies'): boolean =>
    Boolean(spec[name]?.length) && spec[name]!.length < (previous[name]?.length ?? 0)
  const detail = (what: string) => `must be 'SingleStack' to release the secondary ${what}`
  if (isFewer('clusterIPs')) problems.invalid(place, spec.ipFamilyPolicy, detail('cluster IP'))
  if (isFewer('ipFamilies')) problems.invalid(place, spec.ipFamilyPolicy, detail('IP family'))
}

function checkSingle(spec: ServiceSpec, at: Path, problems: Problems): void {
  if (spec.ipFamilyPolicy !== 'SingleStack') return
  const place = at.child('ipFamilyPolicy')
  const detail = (what: string) =>
    `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`
  if (spec.clusterIPs?.length === 2) {
    problems.invalid(place, spec.ipFamilyPolicy, detail('cluster IPs'))
  }
  if (spec.ipFamilies?.length === 2) {
    problems.invalid(place, spec.ipFamilyPolicy, detail('IP families'))
  }
}

/** Addresses that are asked for say which families are meant. */
function inferFamilies(
  spec: ServiceSpec,
  cluster: readonly IpFamily[],
  at: Path,
  problems: Problems,
): void {
  for (const [position, text] of (spec.clusterIPs ?? []).entries()) {
    const family = parseIp(text)?.family
    if (!family || position < (spec.ipFamilies?.length ?? 0)) continue
    if (cluster.includes(family)) {
      spec.ipFamilies ??= []
      spec.ipFamilies.push(family)
    } else {
      const place = at.child('clusterIPs').index(position)
      problems.invalid(place, spec.clusterIPs, `${family} is not configured on this cluster`)
    }
  }
}

function checkCluster(
  { ipFamilyPolicy, ipFamilies = [] }: ServiceSpec,
  cluster: readonly string[],
  at: Path,
  problems: Problems,
): void {
  if (ipFamilyPolicy === 'RequireDualStack' && cluster.length < 2) {
    const detail = 'this cluster is not configured for dual-stack services'
    problems.invalid(at.child('ipFamilyPolicy'), ipFamilyPolicy, detail)
  }
  for (const [position, family] of ipFamilies.entries()) {
    if (cluster.includes(family)) continue
    const place = at.child('ipFamilies').index(position)
    problems.invalid(place, family, 'not configured on this cluster')
  }
}

function completeFamilies(
  spec: ServiceSpec,
  available: readonly IpFamily[],
  preferred: IpFamily,
): void {
  if (!spec.ipFamilies?.length) spec.ipFamilies = [preferred]
  if (spec.ipFamilyPolicy === 'SingleStack' || spec.ipFamilies.length > 1) return
  const other = available.find((family) => family !== spec.ipFamilies![0])
  if (other) spec.ipFamilies.push(other)
}
