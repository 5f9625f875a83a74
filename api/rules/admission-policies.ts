/** Rules about admission policies and bindings; their expressions are checked where compiled. */
import { validateLabelSelector } from '../label-selector.ts'
import {
  dnsSubdomainName,
  isDns1035Label,
  isDnsSubdomain,
  isQualifiedName,
  pathSegmentName,
} from '../names.ts'
import type { MatchCondition, MatchResources } from '../parts/admissionregistration/matching.ts'
import type { ParamKind, ParamRef, Variable } from '../parts/admissionregistration/policy.ts'
import type { Path, Problems } from '../problems.ts'
import {
  failurePolicies,
  validateMatchConditions,
  validateMatchResources,
  validateRequiredWord,
} from './admission-matching.ts'

interface PolicySpec {
  readonly failurePolicy?: string
  readonly paramKind?: ParamKind
  readonly matchConstraints?: MatchResources
  readonly matchConditions?: readonly MatchCondition[] | null
  readonly variables?: readonly Variable[] | null
}

/** What validating and mutating policies have in common, up to their variables. */
export function validatePolicy(
  spec: PolicySpec,
  at: Path,
  problems: Problems,
  validateConstraints?: (constraints: MatchResources, at: Path, problems: Problems) => void,
): void {
  const { failurePolicy, paramKind, matchConstraints } = spec
  validateRequiredWord(failurePolicy, failurePolicies, at.child('failurePolicy'), problems)
  if (paramKind) validateParamKind(paramKind, at.child('paramKind'), problems)
  const path = at.child('matchConstraints')
  if (matchConstraints) {
    validateMatchResources(matchConstraints, path, problems)
    if (!matchConstraints.resourceRules?.length) problems.required(path.child('resourceRules'))
    validateConstraints?.(matchConstraints, path, problems)
  } else problems.required(path)
  validateMatchConditions(spec.matchConditions, at.child('matchConditions'), problems)
  for (const [position, variable] of spec.variables?.entries() ?? []) {
    validateVariable(variable, at.child('variables').index(position), problems)
  }
}

function validateParamKind({ apiVersion, kind }: ParamKind, at: Path, problems: Problems): void {
  const path = at.child('apiVersion')
  if (!apiVersion) problems.required(path)
  else validateGroupVersion(apiVersion, path, problems)
  if (!kind) problems.required(at.child('kind'))
  else {
    const messages = isDns1035Label(kind.toLowerCase())
    if (messages.length) {
      const message = `may have mixed case, but should otherwise match: ${messages.join(',')}`
      problems.invalid(at.child('kind'), kind, message)
    }
  }
}

function validateGroupVersion(text: string, at: Path, problems: Problems): void {
  const parts = text.split('/')
  if (parts.length > 2) {
    problems.invalid(at, text, `unexpected GroupVersion string: ${text}`)
    return
  }
  const version = parts.at(-1)!
  const group = parts.length === 2 ? parts[0]! : ''
  const groupProblems = group ? isDnsSubdomain(group) : []
  if (groupProblems.length) problems.invalid(at, group, groupProblems.join(','))
  if (!version) problems.invalid(at, text, 'version must be specified')
  else {
    const versionProblems = isDns1035Label(version)
    if (versionProblems.length) problems.invalid(at, version, versionProblems.join(','))
  }
}

function validateVariable({ name, expression }: Variable, at: Path, problems: Problems): void {
  if (!name.trim()) problems.required(at.child('name'), 'name is not specified')
  else if (!isCelIdentifier(name)) {
    problems.invalid(at.child('name'), name, 'name is not a valid CEL identifier')
  }
  if (!expression.trim()) problems.required(at.child('expression'), 'expression is not specified')
}

const identifierPattern = /^[_a-zA-Z][_a-zA-Z0-9]*$/
const reservedWords = new Set(
  (
    'true false null in as break const continue else for function if import let loop package ' +
    'namespace return var void while'
  ).split(' '),
)

function isCelIdentifier(name: string): boolean {
  return identifierPattern.test(name) && !reservedWords.has(name)
}

export function validatePolicyName(name: string | undefined, at: Path, problems: Problems): void {
  if (!name) problems.required(at)
  else for (const message of dnsSubdomainName(name)) problems.invalid(at, name, message)
}

export function validateParamRef(
  reference: ParamRef | undefined,
  at: Path,
  problems: Problems,
): void {
  if (!reference) return
  const { name, selector, parameterNotFoundAction } = reference
  const exclusive = 'name and selector are mutually exclusive'
  if (name) {
    for (const message of pathSegmentName(name)) problems.invalid(at.child('name'), name, message)
    if (selector) problems.forbidden(at.child('name'), exclusive)
  }
  if (selector) {
    validateLabelSelector(selector, at.child('selector'), problems)
    if (name) problems.forbidden(at.child('selector'), exclusive)
  }
  if (!name && !selector) problems.required(at, 'one of name or selector must be specified')
  const path = at.child('parameterNotFoundAction')
  if (!parameterNotFoundAction) problems.required(path)
  else validateRequiredWord(parameterNotFoundAction, ['Allow', 'Deny'], path, problems)
}

const mutableOperations: readonly string[] = ['CREATE', 'UPDATE']

/** Only requests that write an object can be mutated; upstream leaves out which rule is wrong. */
export function validateMutableOperations(
  resources: MatchResources,
  at: Path,
  problems: Problems,
): void {
  const path = at.child('resourceRules').child('operations')
  for (const { operations } of resources.resourceRules ?? []) {
    for (const each of operations ?? []) {
      if (!mutableOperations.includes(each)) problems.notSupported(path, each, mutableOperations)
    }
  }
}

/** The key of an audit annotation is written after the name of the policy. */
export function validateAuditKey(
  policyName: string,
  key: string,
  at: Path,
  problems: Problems,
): void {
  if (!policyName) problems.invalid(at, key, 'requires metadata.name be non-empty')
  else {
    const whole = `${policyName}/${key}`
    for (const message of isQualifiedName(whole)) problems.invalid(at, whole, message)
  }
}
