/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import { matchCondition, matchResources } from '../../parts/admissionregistration/matching.ts'
import { paramKind, variable } from '../../parts/admissionregistration/policy.ts'
import {
  always,
  enumOf,
  listOf,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
} from '../../schema.ts'

export const applyConfiguration = struct('admissionregistration.v1.ApplyConfiguration', '', {
  expression: omitEmpty(1, string, ''),
})
export interface ApplyConfiguration extends Stored<typeof applyConfiguration> {}

export const jsonPatch = struct('admissionregistration.v1.JSONPatch', '', {
  expression: omitEmpty(1, string, ''),
})
export interface JSONPatch extends Stored<typeof jsonPatch> {}

export const mutation = struct('admissionregistration.v1.Mutation', '', {
  patchType: always(2, enumOf('ApplyConfiguration', 'JSONPatch'), ''),
  applyConfiguration: optional(3, applyConfiguration, ''),
  jsonPatch: optional(4, jsonPatch, ''),
})
export interface Mutation extends Stored<typeof mutation> {}

export const mutatingAdmissionPolicySpec = struct(
  'admissionregistration.v1.MutatingAdmissionPolicySpec',
  '',
  {
    paramKind: optional(1, paramKind, ''),
    matchConstraints: optional(2, matchResources, ''),
    variables: omitEmpty(3, listOf(variable, { listType: 'atomic' }), ''),
    mutations: omitEmpty(4, listOf(mutation, { listType: 'atomic' }), ''),
    failurePolicy: optional(5, enumOf('Ignore', 'Fail'), ''),
    matchConditions: omitEmpty(
      6,
      listOf(matchCondition, { keys: ['name'], mergeKey: 'name', patch: 'merge' }),
      '',
    ),
    reinvocationPolicy: omitEmpty(7, enumOf('Never', 'IfNeeded'), ''),
  },
)
export interface MutatingAdmissionPolicySpec extends Stored<typeof mutatingAdmissionPolicySpec> {}

export const MutatingAdmissionPolicy = defineKind({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingAdmissionPolicy',
  plural: 'mutatingadmissionpolicies',
  categories: ['api-extensions'],
  scope: 'Cluster',
  doc: '',
  fields: {
    spec: omitEmpty(2, mutatingAdmissionPolicySpec, ''),
  },
  // columns: Name, Mutations, ParamKind, Age
})
export interface MutatingAdmissionPolicy extends Stored<typeof MutatingAdmissionPolicy> {}
