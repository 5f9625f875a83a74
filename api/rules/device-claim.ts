/** Rules about what a ResourceClaim asks for, apart from what compiling its expressions finds. */
import type {
  DeviceClaim,
  DeviceConfiguration,
  DeviceConstraint,
  DeviceRequest,
  DeviceSelector,
  DeviceToleration,
  ExactDeviceRequest,
} from '../parts/resource/claim-spec.ts'
import type { Path, Problems } from '../problems.ts'
import {
  validateClassName,
  validateDriverName,
  validateFullIdentifier,
  validateItems,
  validateLabelKey,
  validateLabelValue,
  validateRequestName,
  validateUniqueItems,
} from './device-names.ts'

const MAX_REQUESTS = 32
const MAX_CONSTRAINTS = 32
export const MAX_CONFIGURATIONS = 32
const MAX_SELECTORS = 32
const MAX_ALTERNATIVES = 8
const MAX_EXPRESSION_BYTES = 10 * 1024
const MAX_PARAMETER_BYTES = 10 * 1024

export const taintEffects: readonly string[] = ['NoExecute', 'NoSchedule', 'None']

/** Requests by name, each with the names of its alternatives. */
export type RequestNames = ReadonlyMap<string, ReadonlySet<string>>

export function requestNamesOf({ requests }: DeviceClaim): RequestNames {
  return new Map(
    (requests ?? []).map(({ name, firstAvailable }) => [
      name,
      new Set(firstAvailable?.map((each) => each.name)),
    ]),
  )
}

export function validateDeviceClaim(claim: DeviceClaim, at: Path, problems: Problems): void {
  const names = requestNamesOf(claim)
  validateUniqueItems(
    claim.requests,
    MAX_REQUESTS,
    validateRequest,
    ({ name }) => name,
    at.child('requests'),
    problems,
  )
  const constraintRule = (each: DeviceConstraint, path: Path): void =>
    validateConstraint(each, names, path, problems)
  validateItems(
    claim.constraints,
    MAX_CONSTRAINTS,
    constraintRule,
    at.child('constraints'),
    problems,
  )
  validateItems(
    claim.config,
    MAX_CONFIGURATIONS,
    (each, path) => {
      validateRequestReferences(each.requests, names, path.child('requests'), problems)
      validateConfiguration(each, path, problems)
    },
    at.child('config'),
    problems,
  )
}

function validateRequest(request: DeviceRequest, at: Path, problems: Problems): void {
  const { name, exactly, firstAvailable } = request
  validateRequestName(name, at.child('name'), problems)
  const message = 'exactly one of `exactly` or `firstAvailable` is required'
  if (exactly && firstAvailable?.length) {
    problems.invalid(at, 'null', `${message}, but multiple fields are set`)
  } else if (exactly) validateExactRequest(exactly, at.child('exactly'), problems)
  else if (firstAvailable?.length) {
    validateUniqueItems(
      firstAvailable,
      MAX_ALTERNATIVES,
      (each, path) => {
        validateRequestName(each.name, path.child('name'), problems)
        validateExactRequest(each, path, problems)
      },
      (each) => each.name,
      at.child('firstAvailable'),
      problems,
    )
  } else problems.required(at, message)
}

function validateExactRequest(
  request: Omit<ExactDeviceRequest, 'adminAccess'>,
  at: Path,
  problems: Problems,
): void {
  const { allocationMode, count = 0 } = request
  validateClassName(request.deviceClassName, at.child('deviceClassName'), problems)
  validateSelectors(request.selectors, at.child('selectors'), problems)
  if (allocationMode === 'All') {
    const message = `must not be specified when allocationMode is '${allocationMode}'`
    if (count) problems.invalid(at.child('count'), count, message)
  } else if (allocationMode === 'ExactCount') {
    if (count <= 0) problems.invalid(at.child('count'), count, 'must be greater than zero')
  } else {
    problems.notSupported(at.child('allocationMode'), allocationMode, ['All', 'ExactCount'])
  }
  validateTolerations(request.tolerations, at.child('tolerations'), problems)
}

export function validateSelectors(
  selectors: readonly DeviceSelector[] | null | undefined,
  at: Path,
  problems: Problems,
): void {
  const rule = ({ cel }: DeviceSelector, path: Path): void => {
    if (!cel) problems.required(path.child('cel'))
    else if (Buffer.byteLength(cel.expression) > MAX_EXPRESSION_BYTES) {
      problems.tooLong(path.child('cel').child('expression'), MAX_EXPRESSION_BYTES)
    }
  }
  validateItems(selectors, MAX_SELECTORS, rule, at, problems)
}

export function validateTolerations(
  tolerations: readonly DeviceToleration[] | null | undefined,
  at: Path,
  problems: Problems,
): void {
  for (const [position, each] of tolerations?.entries() ?? []) {
    validateToleration(each, at.index(position), problems)
  }
}

function validateToleration(toleration: DeviceToleration, at: Path, problems: Problems): void {
  const { key, operator, value = '', effect } = toleration
  if (key) validateLabelKey(key, at.child('key'), problems)
  const path = at.child('operator')
  if (operator === 'Exists') {
    const message = 'must be empty for operator `Exists`'
    if (value) problems.invalid(at.child('value'), value, message)
  } else if (operator === 'Equal') validateLabelValue(value, at.child('value'), problems)
  else if (operator) problems.notSupported(path, operator, ['Equal', 'Exists'])
  else problems.required(path)
  if (effect && !taintEffects.includes(effect)) {
    problems.notSupported(at.child('effect'), effect, taintEffects)
  }
}

function validateConstraint(
  { requests, matchAttribute, distinctAttribute }: DeviceConstraint,
  names: RequestNames,
  at: Path,
  problems: Problems,
): void {
  validateRequestReferences(requests, names, at.child('requests'), problems)
  if (matchAttribute !== undefined) {
    validateFullIdentifier(matchAttribute, at.child('matchAttribute'), problems)
  } else if (distinctAttribute !== undefined) {
    validateFullIdentifier(distinctAttribute, at.child('distinctAttribute'), problems)
  } else {
    // The last words are upstream's, although nothing is set here.
    const which = 'exactly one of "matchAttribute" or "distinctAttribute" is required'
    problems.required(at, `${which}, but multiple fields are set`)
  }
}

export function validateRequestReferences(
  references: readonly string[] | null | undefined,
  names: RequestNames,
  at: Path,
  problems: Problems,
): void {
  validateUniqueItems(
    references,
    MAX_REQUESTS,
    (each, path) => validateRequestReference(each, names, path, problems),
    (each) => each,
    at,
    problems,
  )
}

/** `request`, or `request/alternative`. */
export function validateRequestReference(
  reference: string,
  names: RequestNames,
  at: Path,
  problems: Problems,
): void {
  const parts = reference.split('/')
  const message =
    "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"
  if (parts.length > 2) {
    problems.invalid(at, reference, message)
    return
  }
  for (const part of parts) validateRequestName(part, at, problems)
  const [request, alternative] = parts
  const alternatives = names.get(request!)
  const isKnown = alternatives && (alternative === undefined || alternatives.has(alternative))
  if (!isKnown) problems.invalid(at, reference, message)
}

export function validateConfiguration(
  { opaque }: DeviceConfiguration,
  at: Path,
  problems: Problems,
): void {
  const path = at.child('opaque')
  if (!opaque) {
    problems.required(path)
    return
  }
  validateDriverName(opaque.driver, path.child('driver'), problems)
  const { parameters } = opaque
  if (!parameters) problems.required(path.child('parameters'))
  else validateRawSize(parameters, MAX_PARAMETER_BYTES, path.child('parameters'), problems)
}

export function validateRawSize(
  value: object,
  maxBytes: number,
  at: Path,
  problems: Problems,
): void {
  if (Buffer.byteLength(JSON.stringify(value)) > maxBytes) problems.tooLong(at, maxBytes)
}
