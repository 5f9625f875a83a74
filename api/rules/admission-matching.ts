/** Rules about which requests admission webhooks and policies are for. */
import { validateLabelSelector } from '../label-selector.ts'
import { isQualifiedName, pathSegmentName } from '../names.ts'
import type {
  MatchCondition,
  MatchResources,
  NamedRuleWithOperations,
  Rule,
  RuleWithOperations,
} from '../parts/admissionregistration/matching.ts'
import type { Path, Problems } from '../problems.ts'

const MAX_MATCH_CONDITIONS = 64

export const failurePolicies = ['Fail', 'Ignore']
export const matchPolicies = ['Equivalent', 'Exact']
export const reinvocationPolicies = ['IfNeeded', 'Never']
const scopes = ['*', 'Cluster', 'Namespaced']
const operationWords = ['*', 'CREATE', 'UPDATE', 'DELETE', 'CONNECT']

/** Reports a word that is given and not one of these. */
export function validateWord(
  word: string | null | undefined,
  supported: readonly string[],
  at: Path,
  problems: Problems,
): void {
  if (word !== undefined && word !== null && !supported.includes(word)) {
    problems.notSupported(at, word, supported)
  }
}

/** Reports a word that is missing, or not one of these. */
export function validateRequiredWord(
  word: string | null | undefined,
  supported: readonly string[],
  at: Path,
  problems: Problems,
): void {
  if (word === undefined || word === null) problems.required(at)
  else validateWord(word, supported, at, problems)
}

export function validateRuleWithOperations(
  rule: RuleWithOperations,
  at: Path,
  problems: Problems,
): void {
  const operations = rule.operations ?? []
  const path = at.child('operations')
  if (!operations.length) problems.required(path)
  if (operations.length > 1 && operations.includes('*')) {
    problems.invalid(path, operations, "if '*' is present, must not specify other operations")
  }
  for (const [position, each] of operations.entries()) {
    validateWord(each, operationWords, path.index(position), problems)
  }
  validateRule(rule, at, problems)
}

function validateRule(
  { apiGroups, apiVersions, resources, scope }: Rule,
  at: Path,
  problems: Problems,
): void {
  const path = at.child('apiGroups')
  if (!apiGroups?.length) problems.required(path)
  else if (isMixedWildcard(apiGroups)) {
    problems.invalid(path, apiGroups, "if '*' is present, must not specify other API groups")
  }
  const versionsPath = at.child('apiVersions')
  if (!apiVersions?.length) problems.required(versionsPath)
  else if (isMixedWildcard(apiVersions)) {
    const message = "if '*' is present, must not specify other API versions"
    problems.invalid(versionsPath, apiVersions, message)
  }
  for (const [position, version] of apiVersions?.entries() ?? []) {
    if (!version) problems.required(versionsPath.index(position))
  }
  validateResources(resources ?? [], at.child('resources'), problems)
  validateWord(scope, scopes, at.child('scope'), problems)
}

const isMixedWildcard = (values: readonly string[]): boolean =>
  values.length > 1 && values.includes('*')

function validateResources(resources: readonly string[], at: Path, problems: Problems): void {
  if (!resources.length) problems.required(at)
  const wholeResources = new Set<string>()
  const wholeSubresources = new Set<string>()
  let hasPlainResource = false
  for (const [position, text] of resources.entries()) {
    const path = at.index(position)
    if (!text) {
      problems.required(path)
      continue
    }
    const slash = text.indexOf('/')
    if (slash < 0) {
      hasPlainResource = text !== '*'
      continue
    }
    const [resource, subresource] = [text.slice(0, slash), text.slice(slash + 1)]
    if (wholeResources.has(resource)) {
      problems.invalid(path, text, `if '${resource}/*' is present, must not specify ${text}`)
    }
    if (wholeSubresources.has(subresource)) {
      problems.invalid(path, text, `if '*/${subresource}' is present, must not specify ${text}`)
    }
    if (subresource === '*') wholeResources.add(resource)
    if (resource === '*') wholeSubresources.add(subresource)
  }
  if (resources.length > 1 && resources.includes('*/*')) {
    problems.invalid(at, resources, "if '*/*' is present, must not specify other resources")
  }
  if (resources.includes('*') && hasPlainResource) {
    const message = "if '*' is present, must not specify other resources without subresources"
    problems.invalid(at, resources, message)
  }
}

/** The expressions themselves are checked by whoever compiles them. */
export function validateMatchConditions(
  conditions: readonly MatchCondition[] | null | undefined,
  at: Path,
  problems: Problems,
): void {
  if (!conditions) return
  if (conditions.length > MAX_MATCH_CONDITIONS) {
    problems.tooMany(at, conditions.length, MAX_MATCH_CONDITIONS)
  }
  const names = new Set<string>()
  for (const [position, { name, expression }] of conditions.entries()) {
    const path = at.index(position)
    if (!expression.trim()) problems.required(path.child('expression'))
    if (!name) problems.required(path.child('name'))
    else {
      for (const message of isQualifiedName(name)) {
        problems.invalid(path.child('name'), name, message)
      }
      if (names.has(name)) problems.duplicate(path.child('name'), name)
      names.add(name)
    }
  }
}

export function validateMatchResources(
  resources: MatchResources | undefined,
  at: Path,
  problems: Problems,
): void {
  if (!resources) return
  const { matchPolicy, namespaceSelector, objectSelector } = resources
  validateRequiredWord(matchPolicy, matchPolicies, at.child('matchPolicy'), problems)
  if (!namespaceSelector) problems.required(at.child('namespaceSelector'))
  else validateLabelSelector(namespaceSelector, at.child('namespaceSelector'), problems)
  if (!objectSelector) problems.required(at.child('objectSelector'))
  else validateLabelSelector(objectSelector, at.child('objectSelector'), problems)
  for (const name of ['resourceRules', 'excludeResourceRules'] as const) {
    for (const [position, each] of resources[name]?.entries() ?? []) {
      validateNamedRule(each, at.child(name).index(position), problems)
    }
  }
}

function validateNamedRule(rule: NamedRuleWithOperations, at: Path, problems: Problems): void {
  const names = new Set<string>()
  for (const [position, name] of rule.resourceNames?.entries() ?? []) {
    const path = at.child('resourceNames').index(position)
    for (const message of pathSegmentName(name)) problems.invalid(path, name, message)
    if (names.has(name)) problems.duplicate(path, name)
    names.add(name)
  }
  validateRuleWithOperations(rule, at, problems)
}
