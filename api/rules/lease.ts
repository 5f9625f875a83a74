/** Leases: for how long one is held, and how its next holder is chosen. */
import type { LeaseSpec } from '../kinds/coordination/lease.ts'
import { isQualifiedName } from '../names.ts'
import type { Path, Problems } from '../problems.ts'

const strategies = ['OldestEmulationVersion']

export function validateLeaseSpec(spec: LeaseSpec, at: Path, problems: Problems): void {
  const { leaseDurationSeconds, leaseTransitions, strategy, preferredHolder } = spec
  if (leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0) {
    const place = at.child('leaseDurationSeconds')
    problems.invalid(place, leaseDurationSeconds, 'must be greater than 0')
  }
  if (leaseTransitions !== undefined && leaseTransitions < 0) {
    const place = at.child('leaseTransitions')
    problems.invalid(place, leaseTransitions, 'must be greater than or equal to 0')
  }
  if (strategy !== undefined) validateStrategy(strategy, at.child('strategy'), problems)
  if (preferredHolder && !strategy) {
    const detail = 'may only be specified if `strategy` is defined'
    problems.forbidden(at.child('preferredHolder'), detail)
  }
}

/** Ours, or that of somebody else under a name with a domain. Upstream names the field twice. */
function validateStrategy(strategy: string, at: Path, problems: Problems): void {
  const place = at.child('strategy')
  if (strategy.includes('/')) {
    for (const each of isQualifiedName(strategy)) problems.invalid(place, strategy, each)
  } else if (!strategies.includes(strategy)) problems.notSupported(place, strategy, strategies)
}
