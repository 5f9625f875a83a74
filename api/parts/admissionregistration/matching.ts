/** Which requests an admission webhook or policy is about. */
import {
  always,
  enumOf,
  inline,
  listOf,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
} from '../../schema.ts'
import { labelSelector } from '../meta/label-selector.ts'

export const rule = struct('admissionregistration.v1.Rule', 'Resources of the API.', {
  apiGroups: omitEmpty(
    1,
    listOf(string, { listType: 'atomic' }),
    'API groups; empty is the core group, * is every one.',
  ),
  apiVersions: omitEmpty(
    2,
    listOf(string, { listType: 'atomic' }),
    'Versions of the groups; * is every one.',
  ),
  resources: omitEmpty(
    3,
    listOf(string, { listType: 'atomic' }),
    'Plural names, with subresources after a slash; * is every one.',
  ),
  scope: optional(
    4,
    enumOf('Cluster', 'Namespaced', '*'),
    'Whether objects in namespaces match, others, or * both. Defaults to *.',
    { default: '*' },
  ),
})
export interface Rule extends Stored<typeof rule> {}

export const ruleWithOperations = struct(
  'admissionregistration.v1.RuleWithOperations',
  'Requests that do something with some resources.',
  {
    operations: omitEmpty(
      1,
      listOf(enumOf('*', 'CREATE', 'UPDATE', 'DELETE', 'CONNECT'), { listType: 'atomic' }),
      'CREATE, UPDATE, DELETE, CONNECT or * for every one.',
    ),
    rule: inline(2, rule),
  },
)
export interface RuleWithOperations extends Stored<typeof ruleWithOperations> {}

export const matchCondition = struct(
  'admissionregistration.v1.MatchCondition',
  'A condition that a request must meet.',
  {
    name: always(1, string, 'Name of the condition, unique in its list.'),
    expression: always(2, string, 'A CEL expression that must be true.'),
  },
)
export interface MatchCondition extends Stored<typeof matchCondition> {}

export const namedRuleWithOperations = struct(
  'admissionregistration.v1.NamedRuleWithOperations',
  'Requests that do something with some objects.',
  {
    resourceNames: omitEmpty(
      1,
      listOf(string, { listType: 'atomic' }),
      'Names of the objects; empty means no limit.',
    ),
    ruleWithOperations: inline(2, ruleWithOperations),
  },
  { atomic: true },
)
export interface NamedRuleWithOperations extends Stored<typeof namedRuleWithOperations> {}

export const matchResources = struct(
  'admissionregistration.v1.MatchResources',
  'Which requests a policy is about.',
  {
    namespaceSelector: optional(
      1,
      labelSelector,
      'Only requests in namespaces with these labels. Defaults to all.',
      { default: {} },
    ),
    objectSelector: optional(
      2,
      labelSelector,
      'Only objects with these labels, before or after the change. Defaults to all.',
      { default: {} },
    ),
    resourceRules: omitEmpty(
      3,
      listOf(namedRuleWithOperations, { listType: 'atomic' }),
      'What is matched; one rule is enough.',
    ),
    excludeResourceRules: omitEmpty(
      4,
      listOf(namedRuleWithOperations, { listType: 'atomic' }),
      'What is not matched even so.',
    ),
    matchPolicy: optional(
      7,
      enumOf('Exact', 'Equivalent'),
      'Whether rules also match other versions of a resource. Defaults to Equivalent.',
      { default: 'Equivalent' },
    ),
  },
  { atomic: true },
)
export interface MatchResources extends Stored<typeof matchResources> {}
