/** IP families of services: which ones a service gets in a cluster that has one or two of them. */
import { isDeepStrictEqual } from 'node:util'
import { type IpFamily, parseIp } from '../ip.ts'
import { type Path, Problems } from '../problems.ts'
import { checkClusterIps } from './service-addresses.ts'
import { needsClusterIp, type ServiceSpec } from './service-facts.ts'

/**
 * Fills policy and families, before addresses are allocated and after everything is defaulted.
 * `clusterFamilies` are those of the service ranges, the default one first.
 */
export function settleFamilies(
  next: ServiceSpec,
  previous: ServiceSpec | undefined,
  clusterFamilies: readonly IpFamily[],
  at: Path,
  problems: Problems,
): void {
  if (!needsClusterIp(next)) return
  // A cluster that gains or loses a family changes no service by itself.
  if (previous && keepsPreference(next, previous)) return
  next.ipFamilyPolicy ??= previous?.ipFamilyPolicy ?? usualPolicy(next)
  const wrong = new Problems()
  checkClusterIps(next, at, wrong)
  if (!wrong.list.length) {
    if (previous) followPolicy(next, previous, at, wrong)
    checkPolicy(next, at.child('ipFamilyPolicy'), wrong)
    inferFamilies(next, clusterFamilies, at.child('clusterIPs'), wrong)
  }
  if (!wrong.list.length) fillFamilies(next, clusterFamilies, at, wrong)
  problems.list.push(...wrong.list)
}

const isSelectorless = ({ clusterIP, selector }: ServiceSpec): boolean =>
  clusterIP === 'None' && Object.keys(selector ?? {}).length === 0

/** Whoever names the addresses of a headless service may name some of either family. */
const usualPolicy = (spec: ServiceSpec): string =>
  isSelectorless(spec) ? 'RequireDualStack' : 'SingleStack'

function keepsPreference(next: ServiceSpec, previous: ServiceSpec): boolean {
  return (
    next.type === previous.type &&
    next.ipFamilyPolicy === 'PreferDualStack' &&
    previous.ipFamilyPolicy === 'PreferDualStack' &&
    isDeepStrictEqual(next.clusterIPs, previous.clusterIPs) &&
    isDeepStrictEqual(next.ipFamilies, previous.ipFamilies)
  )
}

/** Asking for a single family is enough to let the second one go; anything less is not. */
function followPolicy(
  next: ServiceSpec,
  previous: ServiceSpec,
  at: Path,
  problems: Problems,
): void {
  const lists = [
    ['clusterIPs', 'cluster IP'],
    ['ipFamilies', 'IP family'],
  ] as const
  for (const [name, what] of lists) {
    const [now, old] = [next[name] ?? [], previous[name] ?? []]
    if (next.ipFamilyPolicy === 'SingleStack') {
      if (now.length > 1 && isDeepStrictEqual(now, old)) next[name] = now.slice(0, 1)
    } else if (now.length && now.length < old.length) {
      const detail = `must be 'SingleStack' to release the secondary ${what}`
      problems.invalid(at.child('ipFamilyPolicy'), next.ipFamilyPolicy, detail)
    }
  }
}

function checkPolicy(spec: ServiceSpec, at: Path, problems: Problems): void {
  const { ipFamilyPolicy: policy, clusterIPs = [], ipFamilies = [] } = spec
  if (policy !== 'SingleStack') return
  const rule = "must be 'RequireDualStack' or 'PreferDualStack' when multiple"
  if (clusterIPs.length === 2) problems.invalid(at, policy, `${rule} cluster IPs are specified`)
  if (ipFamilies.length === 2) problems.invalid(at, policy, `${rule} IP families are specified`)
}

function inferFamilies(
  spec: ServiceSpec,
  clusterFamilies: readonly IpFamily[],
  at: Path,
  problems: Problems,
): void {
  const { clusterIPs = [] } = spec
  const families = [...(spec.ipFamilies ?? [])]
  for (const [position, ip] of clusterIPs.entries()) {
    if (ip === 'None' || position < families.length) continue
    const family = parseIp(ip)?.family ?? 'IPv4'
    if (clusterFamilies.includes(family)) families.push(family)
    else {
      const detail = `${family} is not configured on this cluster`
      problems.invalid(at.index(position), clusterIPs, detail)
    }
  }
  if (families.length) spec.ipFamilies = families
}

const otherFamily = (family: string | undefined): IpFamily => (family === 'IPv4' ? 'IPv6' : 'IPv4')

function fillFamilies(
  spec: ServiceSpec,
  clusterFamilies: readonly IpFamily[],
  at: Path,
  problems: Problems,
): void {
  const families: string[] = spec.ipFamilies ?? []
  const { ipFamilyPolicy: policy } = spec
  // The cluster sets no bounds where it gives no addresses.
  const isFree = isSelectorless(spec)
  if (!isFree) {
    if (policy === 'RequireDualStack' && clusterFamilies.length < 2) {
      const detail = 'this cluster is not configured for dual-stack services'
      problems.invalid(at.child('ipFamilyPolicy'), policy, detail)
    }
    for (const [position, family] of families.entries()) {
      if (clusterFamilies.some((each) => each === family)) continue
      const place = at.child('ipFamilies').index(position)
      problems.invalid(place, family, 'not configured on this cluster')
    }
    if (problems.list.length) return
  }
  const settled = families.length ? families : clusterFamilies.slice(0, 1)
  const isDual = policy !== 'SingleStack' && (isFree || clusterFamilies.length === 2)
  const isComplete = !isDual || settled.length !== 1
  spec.ipFamilies = isComplete ? [...settled] : [...settled, otherFamily(settled[0])]
}
