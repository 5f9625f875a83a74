/** Service CIDRs: at most one for each IP family, of which none is ever taken back. */
import { isCidr, parseCidr } from '../ip.ts'
import type { Path, Problems } from '../problems.ts'
import { immutableMessage } from '../validate-update.ts'

export function validateServiceCidrs(cidrs: readonly string[], at: Path, problems: Problems): void {
  if (!cidrs.length) {
    problems.required(at, 'at least one CIDR required')
    return
  }
  if (cidrs.length > 2) {
    problems.invalid(at, { CIDRs: cidrs }, 'may only hold up to 2 values')
    return
  }
  for (const [position, cidr] of cidrs.entries()) {
    for (const each of isCidr(cidr)) problems.invalid(at.index(position), cidr, each)
  }
  const [first, second] = cidrs.map((cidr) => parseCidr(cidr)?.ip.family)
  if (cidrs.length === 2 && first && first === second) {
    const detail =
      'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'
    problems.invalid(at, cidrs, detail)
  }
}

/** Ranges stay; a second one may join the first, which makes Services dual-stack. */
export function validateServiceCidrsUpdate(
  next: readonly string[],
  previous: readonly string[],
  at: Path,
  problems: Problems,
): void {
  const isExtended = previous.length === 1 && next.length === 2
  if (next.length !== previous.length && !isExtended) {
    problems.invalid(at, next, immutableMessage)
    return
  }
  for (const [position, cidr] of previous.entries()) {
    if (next[position] === cidr) continue
    problems.invalid(at.index(position), next[position], immutableMessage)
  }
}
