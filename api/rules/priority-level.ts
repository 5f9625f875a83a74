/** Rules about PriorityLevelConfigurations, in upstream's order. */
import { isDeepStrictEqual } from 'node:util'
import type {
  LimitedPriorityLevelConfiguration,
  LimitResponse,
  PriorityLevelConfigurationSpec,
  QueuingConfiguration,
} from '../kinds/flowcontrol/priority-level-configuration.ts'
import type { Path, Problems } from '../problems.ts'

const MAX_QUEUES = 10_000_000
/** Bits of the hash from which a flow is dealt its hand of queues. */
const MAX_HASH_BITS = 60

/** Where requests go that nothing else matches; it stays as it is. */
export const mandatoryCatchAll: PriorityLevelConfigurationSpec = {
  type: 'Limited',
  limited: {
    nominalConcurrencyShares: 5,
    limitResponse: { type: 'Reject' },
    lendablePercent: 0,
  },
}

export function validatePriorityLevelSpec(
  name: string,
  spec: PriorityLevelConfigurationSpec,
  at: Path,
  problems: Problems,
): void {
  const { type, limited, exempt } = spec
  if ((name === 'exempt') !== (type === 'Exempt')) {
    const message = "type must be 'Exempt' if and only if name is 'exempt'"
    problems.invalid(at.child('type'), type, message)
  }
  if (type === 'Exempt') {
    if (limited) problems.forbidden(at.child('limited'), 'must be nil if the type is not Limited')
    if (exempt) {
      validateShares(exempt.nominalConcurrencyShares, at.child('exempt'), problems)
      validatePercent(exempt.lendablePercent, at.child('exempt'), problems)
    }
  } else if (type === 'Limited') {
    if (exempt) problems.forbidden(at.child('exempt'), 'must be nil if the type is Limited')
    if (limited) validateLimited(limited, at.child('limited'), problems)
    else problems.required(at.child('limited'), 'must not be empty when type is Limited')
  } else problems.notSupported(at.child('type'), type, ['Exempt', 'Limited'])
  if (name === 'catch-all' && !isDeepStrictEqual(spec, mandatoryCatchAll)) {
    problems.invalid(at, spec, `spec of '${name}' must equal the fixed value`)
  }
}

function validateShares(shares: number | null | undefined, at: Path, problems: Problems): void {
  if (shares && shares < 0) {
    const path = at.child('nominalConcurrencyShares')
    problems.invalid(path, shares, 'must be a non-negative integer')
  }
}

function validatePercent(percent: number | undefined, at: Path, problems: Problems): void {
  if (percent !== undefined && (percent < 0 || percent > 100)) {
    const message = 'must be between 0 and 100, inclusive'
    problems.invalid(at.child('lendablePercent'), percent, message)
  }
}

function validateLimited(
  limited: LimitedPriorityLevelConfiguration,
  at: Path,
  problems: Problems,
): void {
  validateShares(limited.nominalConcurrencyShares, at, problems)
  validateLimitResponse(limited.limitResponse, at.child('limitResponse'), problems)
  validatePercent(limited.lendablePercent, at, problems)
  const { borrowingLimitPercent } = limited
  if (borrowingLimitPercent !== undefined && borrowingLimitPercent < 0) {
    const message = 'if specified, must be a non-negative integer'
    problems.invalid(at.child('borrowingLimitPercent'), borrowingLimitPercent, message)
  }
}

// What the two messages call Limited is a type of response; the wording is upstream's.
function validateLimitResponse(
  { type, queuing }: LimitResponse,
  at: Path,
  problems: Problems,
): void {
  const path = at.child('queuing')
  if (type === 'Reject') {
    const message = 'must be nil if limited.limitResponse.type is not Limited'
    if (queuing) problems.forbidden(path, message)
  } else if (type === 'Queue') {
    const message = 'must not be empty if limited.limitResponse.type is Limited'
    if (queuing) validateQueuing(queuing, path, problems)
    else problems.required(path, message)
  } else problems.notSupported(at.child('type'), type, ['Queue', 'Reject'])
}

function validateQueuing(
  { queues, handSize, queueLengthLimit }: QueuingConfiguration,
  at: Path,
  problems: Problems,
): void {
  const positive = 'must be positive'
  if (queueLengthLimit <= 0) {
    problems.invalid(at.child('queueLengthLimit'), queueLengthLimit, positive)
  }
  if (queues <= 0) problems.invalid(at.child('queues'), queues, positive)
  else if (queues > MAX_QUEUES) {
    problems.invalid(at.child('queues'), queues, `must not be greater than ${MAX_QUEUES}`)
  }
  const path = at.child('handSize')
  if (handSize <= 0) problems.invalid(path, handSize, positive)
  else if (handSize > queues) {
    problems.invalid(path, handSize, `should not be greater than queues (${queues})`)
  } else if (Math.ceil(Math.log2(queues) * handSize) > MAX_HASH_BITS) {
    const what = `required entropy bits of deckSize ${queues} and handSize ${handSize}`
    problems.invalid(path, handSize, `${what} should not be greater than ${MAX_HASH_BITS}`)
  }
}
