/** Addresses that are accepted and yet written in a way that may be misread. */
import {
  bitsOf,
  formatCidr,
  formatIp,
  isIpForLegacyField,
  networkOf,
  parseCidr,
  parseIp,
} from '../ip.ts'

/** `place` is the path of the field. */
export function ipWarnings(place: string, text: string): string[] {
  const ip = parseIp(text)
  if (!ip) return []
  const canonical = JSON.stringify(formatIp(ip))
  const shown = JSON.stringify(text)
  if (isIpForLegacyField(text).length) {
    const future = 'will be considered invalid in a future Kubernetes release'
    return [`${place}: non-standard IP address ${shown} ${future}: use ${canonical}`]
  }
  if (ip.family === 'IPv4' || canonical === shown) return []
  return [`${place}: IPv6 address ${shown} should be in RFC 5952 canonical format (${canonical})`]
}

export function cidrWarnings(place: string, text: string): string[] {
  const cidr = parseCidr(text)
  if (!cidr) return []
  const { ip } = cidr
  const canonical = JSON.stringify(formatCidr(cidr))
  const shown = JSON.stringify(text)
  if (networkOf(cidr).value !== ip.value) {
    const single = JSON.stringify(`${formatIp(ip)}/${bitsOf(ip.family)}`)
    const choice = `should be ${canonical} or ${single}?`
    return [`${place}: CIDR value ${shown} is ambiguous in this context (${choice})`]
  }
  if (canonical === shown) return []
  if (ip.family === 'IPv4') {
    const future = 'will be considered invalid in a future Kubernetes release'
    return [`${place}: non-standard CIDR value ${shown} ${future}: use ${canonical}`]
  }
  const rule = 'should be in RFC 5952 canonical format'
  return [`${place}: IPv6 CIDR value ${shown} ${rule} (${canonical})`]
}
