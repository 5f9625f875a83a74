/** CSI drivers: tokens that differ, and words that drivers know. */
import type { Path, Problems } from '../problems.ts'

interface DriverSpec {
  readonly fsGroupPolicy: string
  readonly tokenRequests?: readonly TokenRequest[]
  readonly volumeLifecycleModes: readonly string[]
  readonly nodeAllocatableUpdatePeriodSeconds?: number
  readonly serviceAccountTokenInSecrets?: boolean
}

interface TokenRequest {
  readonly audience: string
  readonly expirationSeconds?: number
}

const groupPolicies = ['File', 'None', 'ReadWriteOnceWithFSType']
const lifecycleModes = ['Ephemeral', 'Persistent']
const MIN_UPDATE_SECONDS = 10
const MIN_TOKEN_SECONDS = 600
const MAX_TOKEN_SECONDS = 2 ** 32

export function checkDriverSpec(spec: DriverSpec, at: Path, problems: Problems): void {
  if (!groupPolicies.includes(spec.fsGroupPolicy)) {
    problems.notSupported(at.child('fsGroupPolicy'), spec.fsGroupPolicy, groupPolicies)
  }
  const { tokenRequests = [], serviceAccountTokenInSecrets: inSecrets } = spec
  checkTokens(tokenRequests, at.child('tokenRequests'), problems)
  for (const mode of spec.volumeLifecycleModes) {
    if (lifecycleModes.includes(mode)) continue
    problems.notSupported(at.child('volumeLifecycleModes'), mode, lifecycleModes)
  }
  const seconds = spec.nodeAllocatableUpdatePeriodSeconds ?? MIN_UPDATE_SECONDS
  if (seconds < MIN_UPDATE_SECONDS) {
    const detail = `must be greater than or equal to ${MIN_UPDATE_SECONDS} seconds`
    problems.invalid(at.child('nodeAllocatableUpdatePeriodSeconds'), seconds, detail)
  }
  if (inSecrets !== undefined && !tokenRequests.length) {
    const detail = 'serviceAccountTokenInSecrets is set but no tokenRequests are specified'
    problems.invalid(at.child('serviceAccountTokenInSecrets'), inSecrets, detail)
  }
}

function checkTokens(requests: readonly TokenRequest[], at: Path, problems: Problems): void {
  const audiences = new Set<string>()
  for (const [position, { audience, expirationSeconds: seconds }] of requests.entries()) {
    const place = at.index(position)
    if (audiences.has(audience)) {
      problems.duplicate(place.child('audience'), audience)
      continue
    }
    audiences.add(audience)
    const secondsPlace = place.child('expirationSeconds')
    if (seconds !== undefined && seconds < MIN_TOKEN_SECONDS) {
      problems.invalid(secondsPlace, seconds, 'may not specify a duration less than 10 minutes')
    }
    if (seconds !== undefined && seconds > MAX_TOKEN_SECONDS) {
      const detail = 'may not specify a duration larger than 2^32 seconds'
      problems.invalid(secondsPlace, seconds, detail)
    }
  }
}
