/** Resource versions: their order, and what the parameters of list and watch may say about them. */
import { goParseUintError } from './go-number.ts'
import { Path, type Problems } from './problems.ts'

export class ResourceVersionError extends Error {
  override name = 'ResourceVersionError'
}

const MAX_UINT64 = 2n ** 64n - 1n
const WELL_FORMED = /^[1-9][0-9]*$/
const UNSIGNED = /^[0-9]{1,40}$/

/**
 * The revision a parameter asks for; empty and `0` ask for any. Throws `ResourceVersionError`
 * with what upstream appends to `Invalid value: "…": `.
 */
export function parseResourceVersion(text: string): bigint {
  if (text === '') return 0n
  const revision = UNSIGNED.test(text) ? BigInt(text) : -1n
  if (revision < 0n || revision > MAX_UINT64) throw new ResourceVersionError(goParseUintError(text))
  return revision
}

/** -1, 0 or 1; both must be versions that an object can have. */
export function compareResourceVersions(a: string, b: string): -1 | 0 | 1 {
  for (const version of [a, b]) {
    if (!WELL_FORMED.test(version)) {
      throw new ResourceVersionError(`resource version is not well formed: ${version}`)
    }
  }
  if (a === b) return 0
  // Without leading zeros the longer one is larger, and equally long ones compare as text.
  const isLess = a.length === b.length ? a < b : a.length < b.length
  return isLess ? -1 : 1
}

/** The parameters of list and watch, once their texts are read. */
export interface ListParameters {
  watch?: boolean
  resourceVersion?: string
  resourceVersionMatch?: string
  sendInitialEvents?: boolean
  continueToken?: string
}

const match = Path.root.child('resourceVersionMatch')
const initialEvents = Path.root.child('sendInitialEvents')

/** A watch from no version in particular always began with the present state; now it says so. */
export function withWatchDefaults<T extends ListParameters>(parameters: T): T {
  const { watch, resourceVersion = '', resourceVersionMatch, sendInitialEvents } = parameters
  const isLegacy = resourceVersion === '' || resourceVersion === '0'
  if (!watch || !isLegacy || resourceVersionMatch || sendInitialEvents !== undefined) {
    return parameters
  }
  return { ...parameters, sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' }
}

export function validateListParameters(parameters: ListParameters, problems: Problems): void {
  if (parameters.watch) validateWatch(parameters, problems)
  else validateList(parameters, problems)
}

function validateList(parameters: ListParameters, problems: Problems): void {
  const { resourceVersion, resourceVersionMatch: wanted, continueToken } = parameters
  if (wanted) {
    if (!resourceVersion) {
      const detail = 'resourceVersionMatch is forbidden unless resourceVersion is provided'
      problems.forbidden(match, detail)
    }
    if (continueToken) {
      problems.forbidden(match, 'resourceVersionMatch is forbidden when continue is provided')
    }
    if (wanted !== 'Exact' && wanted !== 'NotOlderThan') {
      problems.notSupported(match, wanted, ['Exact', 'NotOlderThan', ''])
    }
    if (wanted === 'Exact' && resourceVersion === '0') {
      const detail = 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
      problems.forbidden(match, detail)
    }
  }
  if (parameters.sendInitialEvents !== undefined) {
    problems.forbidden(initialEvents, 'sendInitialEvents is forbidden for list')
  }
}

function validateWatch(parameters: ListParameters, problems: Problems): void {
  const { resourceVersionMatch: wanted, sendInitialEvents, continueToken } = parameters
  if (sendInitialEvents !== undefined && wanted !== 'NotOlderThan') {
    const detail = 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'
    problems.forbidden(match, detail)
  }
  if (!wanted) return
  if (sendInitialEvents === undefined) {
    const detail =
      'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'
    problems.forbidden(match, detail)
  }
  if (wanted !== 'NotOlderThan') problems.notSupported(match, wanted, ['NotOlderThan'])
  if (continueToken) {
    problems.forbidden(match, 'resourceVersionMatch is forbidden when continue is provided')
  }
}

/** A continue token carries the version of the list it continues; a second one is refused. */
export function continueProblem({ continueToken, resourceVersion }: ListParameters): string {
  const isPinned =
    resourceVersion !== undefined && resourceVersion !== '' && resourceVersion !== '0'
  if (!continueToken || !isPinned) return ''
  return 'specifying resource version is not allowed when using continue'
}
