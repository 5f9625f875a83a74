/** Addresses of services: one for each IP family, and how they may change. */
import { isIpForLegacyField, parseIp } from '../ip.ts'
import type { Path, Problems } from '../problems.ts'
import { isHeadless, needsClusterIp, type ServiceSpec } from './service-facts.ts'

const families = ['IPv4', 'IPv6']
const familyPolicies = ['PreferDualStack', 'RequireDualStack', 'SingleStack']

/** Where everything that has to do with the addresses of a service fits together. */
export function checkClusterIps(spec: ServiceSpec, at: Path, problems: Problems): void {
  if (!needsClusterIp(spec)) return
  checkFirstIp(spec, at.child('clusterIPs'), problems)
  checkFamilies(spec, at, problems)
  const { clusterIPs: ips = [], ipFamilies = [] } = spec
  const place = at.child('clusterIPs')
  if (!checkEachIp(ips, place, problems)) return
  if (ips.length > 1 && new Set(ips.map((ip) => parseIp(ip)?.family)).size < 2) {
    problems.invalid(place, ips, 'may specify no more than one IP for each IP family')
  }
  if (isHeadless(spec)) return
  for (const [position, ip] of ips.entries()) {
    const family = ipFamilies[position]
    if (!family || !families.includes(family) || familyOf(ip) === family) continue
    const detail = `expected an ${family} value as indicated by \`ipFamilies[${position}]\``
    problems.invalid(place.index(position), ip, detail)
  }
}

const familyOf = (ip: string): string => (parseIp(ip)?.family === 'IPv6' ? 'IPv6' : 'IPv4')

function checkFirstIp(spec: ServiceSpec, at: Path, problems: Problems): void {
  const { clusterIP, clusterIPs = [] } = spec
  if (!clusterIP) {
    if (clusterIPs.length) {
      problems.invalid(at, clusterIPs, 'must be empty when `clusterIP` is not specified')
    }
  } else if (!clusterIPs.length) problems.required(at)
  else if (clusterIPs[0] !== clusterIP) {
    problems.invalid(at, clusterIPs, 'first value must match `clusterIP`')
  }
}

function checkFamilies(spec: ServiceSpec, at: Path, problems: Problems): void {
  const { ipFamilies = [], ipFamilyPolicy } = spec
  const seen = new Set<string>()
  for (const [position, family] of ipFamilies.entries()) {
    const place = at.child('ipFamilies').index(position)
    if (!families.includes(family)) problems.notSupported(place, family, families)
    if (seen.has(family)) problems.duplicate(place, family)
    seen.add(family)
  }
  if (ipFamilyPolicy !== undefined && !familyPolicies.includes(ipFamilyPolicy)) {
    problems.notSupported(at.child('ipFamilyPolicy'), ipFamilyPolicy, familyPolicies)
  }
}

/** Answers whether the addresses are fit to be compared with each other. */
function checkEachIp(ips: readonly string[], at: Path, problems: Problems): boolean {
  let isFit = true
  for (const [position, ip] of ips.entries()) {
    const isNone = position === 0 && ip === 'None'
    if (isNone && ips.length > 1) {
      isFit = false
      problems.invalid(at, ips, "'None' must be the first and only value")
    }
    for (const message of isNone ? [] : isIpForLegacyField(ip)) {
      isFit = false
      problems.invalid(at.index(position), ip, message)
    }
  }
  if (ips.length > 2) problems.invalid(at, ips, 'may only hold up to 2 values')
  return isFit
}

/** The first address stays for good; the second may come, and go when that is said explicitly. */
export function checkAddressChanges(
  next: ServiceSpec,
  previous: ServiceSpec,
  at: Path,
  problems: Problems,
): void {
  if (!needsClusterIp(next) || !needsClusterIp(previous)) return
  const [isNow, was] = [isHeadless(next), isHeadless(previous)]
  if (!isNow || !was) checkIpChanges(next, previous, at, problems)
  if (!isNow && !was) checkFamilyChanges(next, previous, at, problems)
}

const fixed = 'may not change once set'

function checkIpChanges(
  next: ServiceSpec,
  previous: ServiceSpec,
  at: Path,
  problems: Problems,
): void {
  const { clusterIPs: ips = [] } = next
  const { clusterIPs: old = [] } = previous
  const place = at.child('clusterIPs')
  if (ips.length === old.length) {
    for (const [position, ip] of old.entries()) {
      if (ips[position] !== ip) problems.invalid(place.index(position), ips, fixed)
    }
    return
  }
  if (!ips.length) {
    problems.invalid(place.index(0), null, 'primary clusterIP can not be unset')
  } else if (old.length && ips[0] !== old[0]) problems.invalid(place.index(0), ips, fixed)
  if (old.length > ips.length && ips.length === 1) {
    checkRelease(next, 'clusterIP', at.child('ipFamilyPolicy'), problems)
  }
}

function checkFamilyChanges(
  next: ServiceSpec,
  previous: ServiceSpec,
  at: Path,
  problems: Problems,
): void {
  const { ipFamilies: now = [] } = next
  const { ipFamilies: old = [] } = previous
  const place = at.child('ipFamilies').index(0)
  if (now.length === old.length) {
    for (const [position, family] of old.entries()) {
      if (now[position] !== family) problems.invalid(place, now, fixed)
    }
    return
  }
  if (old.length > now.length && !next.clusterIPs?.length) {
    problems.invalid(place, now.length ? now : null, 'primary ipFamily can not be unset')
  }
  // The value that upstream prints here is that of another field.
  if (now.length && old.length && now[0] !== old[0]) {
    problems.invalid(place, next.clusterIPs ?? null, fixed)
  }
  if (old.length > now.length && now.length === 1) {
    checkRelease(next, 'ipFamily', at.child('ipFamilyPolicy'), problems)
  }
}

function checkRelease(next: ServiceSpec, what: string, at: Path, problems: Problems): void {
  if (next.ipFamilyPolicy === 'SingleStack') return
  const detail = `must be set to 'SingleStack' when releasing the secondary ${what}`
  problems.invalid(at, next.ipFamilyPolicy ?? null, detail)
}
