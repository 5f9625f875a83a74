/** Rules about FlowSchemas: which requests they may match, in upstream's order. */
import { isDeepStrictEqual } from 'node:util'
import type {
  FlowSchemaSpec,
  FlowSchemaStatus,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  ServiceAccountSubject,
  Subject,
} from '../kinds/flowcontrol/flow-schema.ts'
import { dnsLabelName, dnsSubdomainName } from '../names.ts'
import type { Path, Problems } from '../problems.ts'

const MAX_PRECEDENCE = 10_000

const verbs: readonly string[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'proxy',
  'update',
  'watch',
]

type Rule = PolicyRulesWithSubjects
const everything: Omit<Rule, 'subjects'> = {
  resourceRules: [
    { verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] },
  ],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
}
const groupSubject = (name: string): Subject => ({ kind: 'Group', group: { name } })

/** Without these two the server could lock everyone out of itself, so they stay as they are. */
export const mandatoryFlowSchemas: Readonly<Record<string, FlowSchemaSpec>> = {
  exempt: {
    priorityLevelConfiguration: { name: 'exempt' },
    matchingPrecedence: 1,
    rules: [{ subjects: [groupSubject('system:masters')], ...everything }],
  },
  'catch-all': {
    priorityLevelConfiguration: { name: 'catch-all' },
    matchingPrecedence: MAX_PRECEDENCE,
    distinguisherMethod: { type: 'ByUser' },
    rules: [
      {
        subjects: [groupSubject('system:unauthenticated'), groupSubject('system:authenticated')],
        ...everything,
      },
    ],
  },
}

export function validateFlowSchemaSpec(
  name: string,
  spec: FlowSchemaSpec,
  at: Path,
  problems: Problems,
): void {
  validatePrecedence(name, spec.matchingPrecedence, at.child('matchingPrecedence'), problems)
  const method = spec.distinguisherMethod
  if (method && !['ByNamespace', 'ByUser'].includes(method.type)) {
    const path = at.child('distinguisherMethod').child('type')
    problems.notSupported(path, method, ['ByNamespace', 'ByUser'])
  }
  const path = at.child('priorityLevelConfiguration').child('name')
  const level = spec.priorityLevelConfiguration.name
  if (!level) problems.required(path, 'must reference a priority level')
  else for (const message of dnsSubdomainName(level)) problems.invalid(path, level, message)
  for (const [position, rule] of spec.rules?.entries() ?? []) {
    validateRule(rule, at.child('rules').index(position), problems)
  }
  const mandatory = Object.hasOwn(mandatoryFlowSchemas, name) && mandatoryFlowSchemas[name]
  if (mandatory && !isDeepStrictEqual(spec, mandatory)) {
    problems.invalid(at, spec, `spec of '${name}' must equal the fixed value`)
  }
}

function validatePrecedence(name: string, value: number, at: Path, problems: Problems): void {
  if (value <= 0) problems.invalid(at, value, 'must be a positive value')
  if (value > MAX_PRECEDENCE) {
    problems.invalid(at, value, `must not be greater than ${MAX_PRECEDENCE}`)
  }
  if (value === 1 && name !== 'exempt') {
    const message = "only the schema named 'exempt' may have matchingPrecedence 1"
    problems.invalid(at, value, message)
  }
}

function validateRule(rule: Rule, at: Path, problems: Problems): void {
  const { subjects, resourceRules, nonResourceRules } = rule
  if (!subjects?.length) {
    problems.required(at.child('subjects'), 'subjects must contain at least one value')
  }
  for (const [position, each] of subjects?.entries() ?? []) {
    validateSubject(each, at.child('subjects').index(position), problems)
  }
  if (!resourceRules?.length && !nonResourceRules?.length) {
    const message = 'at least one of resourceRules and nonResourceRules has to be non-empty'
    problems.required(at, message)
  }
  for (const [position, each] of resourceRules?.entries() ?? []) {
    validateResourceRule(each, at.child('resourceRules').index(position), problems)
  }
  for (const [position, each] of nonResourceRules?.entries() ?? []) {
    validateNonResourceRule(each, at.child('nonResourceRules').index(position), problems)
  }
}

const subjectFields = { ServiceAccount: 'serviceAccount', User: 'user', Group: 'group' } as const

/** The field named after the kind is there, and no other one is. */
function validateSubject(subject: Subject, at: Path, problems: Problems): void {
  const { kind } = subject
  if (!Object.hasOwn(subjectFields, kind)) {
    problems.notSupported(at.child('kind'), kind, Object.keys(subjectFields))
    return
  }
  const wanted = subjectFields[kind]
  const path = at.child(wanted)
  const value = subject[wanted]
  if (!value) problems.required(path, `${wanted} is required when subject kind is '${kind}'`)
  else if (subject.serviceAccount && wanted === 'serviceAccount') {
    validateServiceAccount(subject.serviceAccount, path, problems)
  } else if (!value.name) problems.required(path.child('name'))
  for (const [other, field] of Object.entries(subjectFields)) {
    if (field === wanted || !subject[field]) continue
    const message = `${field} is forbidden when subject kind is not '${other}'`
    problems.forbidden(at.child(field), message)
  }
}

function validateServiceAccount(
  { name, namespace }: ServiceAccountSubject,
  at: Path,
  problems: Problems,
): void {
  const path = at.child('name')
  if (!name) problems.required(path)
  else if (name !== '*') {
    for (const message of dnsSubdomainName(name)) problems.invalid(path, name, message)
  }
  const namespacePath = at.child('namespace')
  if (!namespace) {
    problems.required(namespacePath, 'must specify namespace for service account')
  } else {
    for (const message of dnsLabelName(namespace)) {
      problems.invalid(namespacePath, namespace, message)
    }
  }
}

/** A list with a wildcard has nothing else; `what` is what the items are called. */
function validateWildcard(
  values: readonly string[],
  what: string,
  at: Path,
  problems: Problems,
): void {
  if (values.length > 1 && values.includes('*')) {
    problems.invalid(at, values, `if '*' is present, must not specify other ${what}`)
  }
}

function validateVerbs(given: readonly string[] | null, at: Path, problems: Problems): void {
  if (!given?.length) problems.required(at, 'verbs must contain at least one value')
  else if (given.includes('*')) validateWildcard(given, 'verbs', at, problems)
  else if (!given.every((each) => verbs.includes(each))) problems.notSupported(at, given, verbs)
}

function validateResourceRule(rule: ResourcePolicyRule, at: Path, problems: Problems): void {
  validateVerbs(rule.verbs, at.child('verbs'), problems)
  for (const [field, one, many] of [
    ['apiGroups', 'api group', 'api groups'],
    ['resources', 'resource', 'resources'],
  ] as const) {
    const [values, path] = [rule[field], at.child(field)]
    if (!values?.length) problems.required(path, `resource rules must supply at least one ${one}`)
    else validateWildcard(values, many, path, problems)
  }
  validateNamespaces(rule.namespaces ?? [], rule.clusterScope ?? false, at, problems)
}

function validateNamespaces(
  namespaces: readonly string[],
  clusterScope: boolean,
  at: Path,
  problems: Problems,
): void {
  const path = at.child('namespaces')
  if (!namespaces.length && !clusterScope) {
    const which = 'resource rules that are not cluster scoped'
    problems.required(path, `${which} must supply at least one namespace`)
  } else if (namespaces.includes('*')) validateWildcard(namespaces, 'namespaces', path, problems)
  else {
    const intro = "each member of this list must be '*' or a DNS-1123 label; "
    for (const [position, each] of namespaces.entries()) {
      for (const message of dnsLabelName(each)) {
        problems.invalid(path.index(position), each, intro + message)
      }
    }
  }
}

function validateNonResourceRule(rule: NonResourcePolicyRule, at: Path, problems: Problems): void {
  validateVerbs(rule.verbs, at.child('verbs'), problems)
  const urls = rule.nonResourceURLs ?? []
  const path = at.child('nonResourceURLs')
  if (!urls.length) problems.required(path, 'nonResourceURLs must contain at least one value')
  else if (urls.includes('*')) validateWildcard(urls, 'non-resource URLs', path, problems)
  else {
    for (const [position, url] of urls.entries()) {
      const problem = urlProblem(url)
      if (problem) problems.invalid(path.index(position), url, problem)
    }
  }
}

function urlProblem(url: string): string | undefined {
  if (!url) return 'must not be empty'
  if (!url.startsWith('/')) return 'must start with slash'
  if (url.includes(' ')) return 'must not contain white-space'
  if (url.includes('//')) return 'must not contain double slash'
  const wildcard = url.indexOf('*')
  const isSuffix = wildcard === url.length - 1 && url.endsWith('/*')
  return wildcard < 0 || isSuffix ? undefined : 'wildcard can only do suffix matching'
}

/** Conditions of flow control need a type, and each type once. */
export function validateFlowConditions(
  { conditions }: Pick<FlowSchemaStatus, 'conditions'>,
  at: Path,
  problems: Problems,
): void {
  const types = new Set<string>()
  for (const [position, { type = '' }] of conditions?.entries() ?? []) {
    const path = at.child('conditions').index(position).child('type')
    if (types.has(type)) problems.duplicate(path, type)
    types.add(type)
    if (!type) problems.required(path, 'must not be empty')
  }
}
