/** What may be reported about the balancer of a service. */
import { isIpForLegacyField, parseIp } from '../ip.ts'
import { isDnsSubdomain } from '../names.ts'
import type { Path, Problems } from '../problems.ts'

interface Ingress {
  readonly ip?: string
  readonly hostname?: string
  readonly ipMode?: string
}

const modes = ['Proxy', 'VIP']

export function checkLoadBalancerStatus(
  { ingress = [] }: { readonly ingress?: readonly Ingress[] },
  type: string,
  at: Path,
  problems: Problems,
): void {
  const place = at.child('ingress')
  if (type !== 'LoadBalancer' && ingress.length) {
    problems.forbidden(place, "may only be used when `spec.type` is 'LoadBalancer'")
    return
  }
  for (const [position, each] of ingress.entries()) {
    checkIngress(each, place.index(position), problems)
  }
}

function checkIngress({ ip, hostname, ipMode }: Ingress, at: Path, problems: Problems): void {
  const modePlace = at.child('ipMode')
  for (const message of ip ? isIpForLegacyField(ip) : []) {
    problems.invalid(at.child('ip'), ip, message)
  }
  if (ipMode === undefined) {
    if (ip) problems.required(modePlace, 'must be specified when `ip` is set')
  } else if (!ip) problems.forbidden(modePlace, 'may not be specified when `ip` is not set')
  else if (!modes.includes(ipMode)) problems.notSupported(modePlace, ipMode, modes)
  if (!hostname) return
  const place = at.child('hostname')
  for (const message of isDnsSubdomain(hostname)) problems.invalid(place, hostname, message)
  if (parseIp(hostname)) {
    problems.invalid(place, hostname, 'must be a DNS name, not an IP address')
  }
}
