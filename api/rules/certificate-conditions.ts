/** Rules about the conditions of a CertificateSigningRequest: what may be decided, and by whom. */
import type { Path, Problems } from '../problems.ts'

const decisions: readonly string[] = ['Approved', 'Denied']
const finalTypes: readonly string[] = [...decisions, 'Failed']

interface CertificateCondition {
  readonly type: string
  status: string
  lastUpdateTime?: string | null
  lastTransitionTime?: string | null
}
type Conditions<C> = readonly C[] | null | undefined

export function validateCertificateConditions(
  conditions: Conditions<CertificateCondition>,
  at: Path,
  problems: Problems,
): void {
  const seen = new Set<string>()
  for (const [position, { type, status }] of conditions?.entries() ?? []) {
    const path = at.index(position)
    if (!type) problems.required(path.child('type'))
    const supported = finalTypes.includes(type) ? ['True'] : ['False', 'True', 'Unknown']
    if (!status) problems.required(path.child('status'))
    else if (!supported.includes(status)) {
      problems.notSupported(path.child('status'), status, supported)
    }
    const other = decisions.find((each) => each !== type)!
    if (decisions.includes(type) && seen.has(other)) {
      const message = 'Approved and Denied conditions are mutually exclusive'
      problems.invalid(path.child('type'), type, message)
    }
    if (seen.has(type)) problems.duplicate(path.child('type'), type)
    seen.add(type)
  }
}

/** What was decided stays decided. */
export function validateConditionsKept(
  next: Conditions<CertificateCondition>,
  previous: Conditions<CertificateCondition>,
  at: Path,
  problems: Problems,
): void {
  for (const type of finalTypes) {
    if (hasType(previous, type) && !hasType(next, type)) {
      problems.forbidden(at, `updates may not remove a condition of type ${JSON.stringify(type)}`)
    }
  }
}

/** A signer, who writes the status, may not decide; that takes the approval subresource. */
export function validateNoDecision(
  next: Conditions<CertificateCondition>,
  previous: Conditions<CertificateCondition>,
  at: Path,
  problems: Problems,
): void {
  for (const type of decisions) {
    if (!hasType(previous, type) && hasType(next, type)) {
      problems.forbidden(at, `updates may not add a condition of type ${JSON.stringify(type)}`)
    }
  }
}

const hasType = (conditions: Conditions<CertificateCondition>, type: string): boolean =>
  conditions?.some((each) => each.type === type) ?? false

/** Fills in the times that whoever wrote the conditions left out. */
export function stampCertificateConditions(
  next: Conditions<CertificateCondition>,
  previous: Conditions<CertificateCondition>,
  now: string,
): void {
  for (const each of next ?? []) {
    each.lastUpdateTime ??= now
    const same = previous?.find(({ type, status }) => type === each.type && status === each.status)
    each.lastTransitionTime ??= same?.lastTransitionTime ?? now
  }
}
