/** Quotas: which resources can be bounded, and in which scopes. */
import type { Path, Problems } from '../problems.ts'
import {
  checkQuotaResourceName,
  checkResourceQuantity,
  isStandardQuotaResource,
} from './resource-names.ts'

interface QuotaSpec {
  readonly hard?: Record<string, string>
  readonly scopes?: readonly string[]
  readonly scopeSelector?: { readonly matchExpressions?: readonly Requirement[] }
}

interface Requirement {
  readonly scopeName: string
  readonly operator: string
  readonly values?: readonly string[]
}

const podResources: ReadonlySet<string> = new Set([
  'pods',
  'cpu',
  'memory',
  'limits.cpu',
  'limits.memory',
  'requests.cpu',
  'requests.memory',
])
const podCount: ReadonlySet<string> = new Set(['pods'])
const claimResources: ReadonlySet<string> = new Set(['persistentvolumeclaims', 'requests.storage'])

/** The standard resources that each scope can count. */
const resourcesOfScope = new Map([
  ['Terminating', podResources],
  ['NotTerminating', podResources],
  ['BestEffort', podCount],
  ['NotBestEffort', podResources],
  ['PriorityClass', podResources],
  ['CrossNamespacePodAffinity', podResources],
  ['VolumeAttributesClass', claimResources],
])

const opposites = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const

export function checkQuotaSpec(spec: QuotaSpec, at: Path, problems: Problems): void {
  checkAmounts(spec.hard, at.child('hard'), problems)
  if (spec.scopes) checkScopes(spec, spec.scopes, at.child('scopes'), problems)
  if (spec.scopeSelector) {
    checkSelector(spec, at.child('scopeSelector').child('matchExpressions'), problems)
  }
}

export function checkQuotaStatus(
  status: { hard?: Record<string, string>; used?: Record<string, string> },
  at: Path,
  problems: Problems,
): void {
  checkAmounts(status.hard, at.child('hard'), problems)
  checkAmounts(status.used, at.child('used'), problems)
}

function checkAmounts(
  amounts: Record<string, string> | undefined,
  at: Path,
  problems: Problems,
): void {
  for (const [name, amount] of Object.entries(amounts ?? {})) {
    const place = at.key(name)
    checkQuotaResourceName(name, place, problems)
    checkResourceQuantity(name, amount, place, problems)
  }
}

/** What of the quota a scope cannot count, once for each resource. */
function uncountable({ hard = {} }: QuotaSpec, scope: string): string[] {
  const countable = resourcesOfScope.get(scope)
  if (!countable) return []
  return Object.keys(hard).filter((name) => isStandardQuotaResource(name) && !countable.has(name))
}

function checkScopes(
  spec: QuotaSpec,
  scopes: readonly string[],
  at: Path,
  problems: Problems,
): void {
  for (const scope of scopes) {
    if (!resourcesOfScope.has(scope)) problems.invalid(at, scopes, 'unsupported scope')
    for (const _ of uncountable(spec, scope)) {
      problems.invalid(at, scopes, 'unsupported scope applied to resource')
    }
  }
  checkOpposites(new Set(scopes), scopes, at, problems)
}

function checkOpposites(
  found: ReadonlySet<string>,
  shown: unknown,
  at: Path,
  problems: Problems,
): void {
  for (const pair of opposites) {
    if (pair.every((scope) => found.has(scope))) problems.invalid(at, shown, 'conflicting scopes')
  }
}

const existsOnly =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"

function checkSelector(spec: QuotaSpec, at: Path, problems: Problems): void {
  const requirements = spec.scopeSelector?.matchExpressions ?? []
  for (const requirement of requirements) {
    const { scopeName } = requirement
    if (!resourcesOfScope.has(scopeName)) {
      problems.invalid(at.child('scopeName'), scopeName, 'unsupported scope')
    }
    for (const _ of uncountable(spec, scopeName)) {
      problems.invalid(at, goShaped(requirements), 'unsupported scope applied to resource')
    }
    checkRequirement(requirement, at, problems)
  }
  const found = new Set(requirements.map(({ scopeName }) => scopeName))
  checkOpposites(found, spec.scopes ?? null, at, problems)
}

/** Upstream prints the selector as its internal type, whose fields have no JSON names. */
function goShaped(requirements: readonly Requirement[]): object {
  return {
    MatchExpressions: requirements.map(({ scopeName, operator, values }) => ({
      ScopeName: scopeName,
      Operator: operator,
      Values: values ?? null,
    })),
  }
}

function checkRequirement(requirement: Requirement, at: Path, problems: Problems): void {
  const { scopeName, operator, values } = requirement
  const takesValues = scopeName === 'PriorityClass' || scopeName === 'VolumeAttributesClass'
  if (!takesValues && resourcesOfScope.has(scopeName) && operator !== 'Exists') {
    problems.invalid(at.child('operator'), operator, existsOnly)
  }
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (!values?.length) {
        const detail =
          "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
        problems.required(at.child('values'), detail)
      }
      break
    case 'Exists':
    case 'DoesNotExist':
      if (values?.length) {
        const detail =
          "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
        problems.invalid(at.child('values'), values, detail)
      }
      break
    default:
      problems.invalid(at.child('operator'), operator, 'not a valid selector operator')
  }
}

export function sameScopes(a: readonly string[] = [], b: readonly string[] = []): boolean {
  const [left, right] = [new Set(a), new Set(b)]
  return left.size === right.size && [...left].every((scope) => right.has(scope))
}
