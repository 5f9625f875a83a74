/** FIXME: one sentence. */

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

export const rule = struct('admissionregistration.v1.Rule', '', {
  apiGroups: omitEmpty(1, listOf(string, { listType: 'atomic' }), ''),
  apiVersions: omitEmpty(2, listOf(string, { listType: 'atomic' }), ''),
  resources: omitEmpty(3, listOf(string, { listType: 'atomic' }), ''),
  scope: optional(4, enumOf('Cluster', 'Namespaced', '*'), ''),
})
export interface Rule extends Stored<typeof rule> {}

export const ruleWithOperations = struct('admissionregistration.v1.RuleWithOperations', '', {
  operations: omitEmpty(
    1,
    listOf(enumOf('*', 'CREATE', 'UPDATE', 'DELETE', 'CONNECT'), { listType: 'atomic' }),
    '',
  ),
  rule: inline(2, rule),
})
export interface RuleWithOperations extends Stored<typeof ruleWithOperations> {}

export const matchCondition = struct('admissionregistration.v1.MatchCondition', '', {
  name: always(1, string, ''),
  expression: always(2, string, ''),
})
export interface MatchCondition extends Stored<typeof matchCondition> {}

export const namedRuleWithOperations = struct(
  'admissionregistration.v1.NamedRuleWithOperations',
  '',
  {
    resourceNames: omitEmpty(1, listOf(string, { listType: 'atomic' }), ''),
    ruleWithOperations: inline(2, ruleWithOperations),
  },
  { atomic: true },
)
export interface NamedRuleWithOperations extends Stored<typeof namedRuleWithOperations> {}

export const matchResources = struct(
  'admissionregistration.v1.MatchResources',
  '',
  {
    namespaceSelector: optional(1, labelSelector, ''),
    objectSelector: optional(2, labelSelector, ''),
    resourceRules: omitEmpty(3, listOf(namedRuleWithOperations, { listType: 'atomic' }), ''),
    excludeResourceRules: omitEmpty(4, listOf(namedRuleWithOperations, { listType: 'atomic' }), ''),
    matchPolicy: optional(7, enumOf('Exact', 'Equivalent'), ''),
  },
  { atomic: true },
)
export interface MatchResources extends Stored<typeof matchResources> {}
