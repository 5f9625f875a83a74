/** Network policies: ports and their ranges, and exceptions that lie inside their block. */
import { cidrContains, isCidrForLegacyField, parseCidr } from '../ip.ts'
import { isPortName, isPortNumber } from '../names.ts'
import type { Path, Problems } from '../problems.ts'

interface PolicyPort {
  readonly port?: number | string
  readonly endPort?: number
}

export function validatePolicyPort({ port, endPort }: PolicyPort, at: Path, problems: Problems) {
  const portAt = at.child('port')
  const endPortAt = at.child('endPort')
  if (port === undefined) {
    if (endPort === undefined) return
    problems.invalid(endPortAt, endPort, 'may not be specified when `port` is not specified')
  } else if (typeof port === 'string') {
    if (endPort !== undefined) {
      problems.invalid(endPortAt, endPort, 'may not be specified when `port` is non-numeric')
    }
    for (const each of isPortName(port)) problems.invalid(portAt, port, each)
  } else {
    for (const each of isPortNumber(port)) problems.invalid(portAt, port, each)
    if (endPort === undefined) return
    if (endPort < port) {
      problems.invalid(endPortAt, endPort, 'must be greater than or equal to `port`')
    }
    for (const each of isPortNumber(endPort)) problems.invalid(endPortAt, endPort, each)
  }
}

/** Each exception must be a smaller part of the range; without a range there is nothing to say. */
export function validateExceptions(
  cidr: string,
  exceptions: readonly string[],
  at: Path,
  problems: Problems,
): void {
  const range = parseCidr(cidr)
  if (!range) return
  for (const [position, text] of exceptions.entries()) {
    const place = at.index(position)
    for (const each of isCidrForLegacyField(text)) problems.invalid(place, text, each)
    const exception = parseCidr(text)
    if (!exception) continue
    const isPart = cidrContains(range, exception.ip) && range.prefixLength < exception.prefixLength
    if (!isPart) problems.invalid(place, text, 'must be a strict subset of `cidr`')
  }
}
