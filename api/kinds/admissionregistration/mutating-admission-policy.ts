/** MutatingAdmissionPolicy: changes objects as they are written, by CEL expressions. */
import { defineKind } from '../../kind.ts'
import { matchCondition, matchResources } from '../../parts/admissionregistration/matching.ts'
import { paramKind, variable } from '../../parts/admissionregistration/policy.ts'
import { paramKindCell } from '../../parts/admissionregistration/policy-columns.ts'
import type { Path, Problems } from '../../problems.ts'
import { reinvocationPolicies, validateRequiredWord } from '../../rules/admission-matching.ts'
import { validateMutableOperations, validatePolicy } from '../../rules/admission-policies.ts'
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
import { ageColumn, column, nameColumn } from '../../table.ts'

export const applyConfiguration = struct(
  'admissionregistration.v1.ApplyConfiguration',
  'A change in the form of a server-side apply.',
  {
    expression: omitEmpty(1, string, 'A CEL expression that makes up the fields to apply.'),
  },
)
export interface ApplyConfiguration extends Stored<typeof applyConfiguration> {}

export const jsonPatch = struct(
  'admissionregistration.v1.JSONPatch',
  'A change in the form of a JSON patch.',
  {
    expression: omitEmpty(
      1,
      string,
      'A CEL expression that makes up the list of patch operations.',
    ),
  },
)
export interface JSONPatch extends Stored<typeof jsonPatch> {}

export const mutation = struct(
  'admissionregistration.v1.Mutation',
  'A change to the object. The field named after patchType is set.',
  {
    patchType: always(
      2,
      enumOf('ApplyConfiguration', 'JSONPatch'),
      'The form of the change: ApplyConfiguration or JSONPatch.',
    ),
    applyConfiguration: optional(3, applyConfiguration, 'The fields to apply.'),
    jsonPatch: optional(4, jsonPatch, 'The operations to carry out.'),
  },
)
export interface Mutation extends Stored<typeof mutation> {}

export const mutatingAdmissionPolicySpec = struct(
  'admissionregistration.v1.MutatingAdmissionPolicySpec',
  'Which objects are changed, and how.',
  {
    paramKind: optional(1, paramKind, 'The kind of the parameters; unset when there are none.'),
    matchConstraints: optional(2, matchResources, 'Which requests this is about.'),
    variables: omitEmpty(
      3,
      listOf(variable, { listType: 'atomic' }),
      'Expressions with a name, for the others to use.',
    ),
    mutations: omitEmpty(
      4,
      listOf(mutation, { listType: 'atomic' }),
      'The changes, one after the other.',
    ),
    failurePolicy: optional(
      5,
      enumOf('Ignore', 'Fail'),
      'Whether a request fails or goes on when this one cannot be carried out. Defaults to Fail.',
      { default: 'Fail' },
    ),
    matchConditions: omitEmpty(
      6,
      listOf(matchCondition, { keys: ['name'], mergeKey: 'name', patch: 'merge' }),
      'Conditions that must all be true for the policy to be carried out.',
    ),
    reinvocationPolicy: omitEmpty(
      7,
      enumOf('Never', 'IfNeeded'),
      'Whether it runs again after others changed the object: Never or IfNeeded.',
    ),
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
  generation: true,
  conditionalUpdates: true,
  doc: 'Changes objects as they are written, by CEL expressions. A binding puts it into effect.',
  fields: {
    spec: omitEmpty(2, mutatingAdmissionPolicySpec, 'Which objects are changed, and how.'),
  },
  validateWhole({ spec }, at, problems) {
    const path = at.child('spec')
    validatePolicy(spec, path, problems, validateMutableOperations)
    validateMutations(spec.mutations ?? [], path.child('mutations'), problems)
    const policy = spec.reinvocationPolicy || undefined
    validateRequiredWord(policy, reinvocationPolicies, path.child('reinvocationPolicy'), problems)
  },
  columns: [
    nameColumn,
    column('Mutations', 'integer', 'How many mutations there are.', mutationCount),
    column('ParamKind', 'string', 'The kind of the parameters.', ({ spec }) =>
      paramKindCell(spec.paramKind),
    ),
    ageColumn,
  ],
})
export interface MutatingAdmissionPolicy extends Stored<typeof MutatingAdmissionPolicy> {}

interface Counted {
  readonly spec: MutatingAdmissionPolicySpec
}

function mutationCount({ spec }: Counted): number {
  return spec.mutations?.length ?? 0
}

function validateMutations(mutations: readonly Mutation[], at: Path, problems: Problems): void {
  if (!mutations.length) problems.required(at, 'mutations must contain at least one item')
  for (const [position, each] of mutations.entries()) {
    validateMutation(each, at.index(position), problems)
  }
}

/** The patch that patchType names must be there, and the other one must not. */
function validateMutation(each: Mutation, at: Path, problems: Problems): void {
  const { patchType } = each
  if (!patchType) {
    problems.required(at.child('patchType'))
    return
  }
  if (patchType !== 'JSONPatch' && patchType !== 'ApplyConfiguration') {
    problems.notSupported(at.child('patchType'), patchType, ['ApplyConfiguration', 'JSONPatch'])
    return
  }
  const [wanted, other] =
    patchType === 'JSONPatch'
      ? (['jsonPatch', 'applyConfiguration'] as const)
      : (['applyConfiguration', 'jsonPatch'] as const)
  const patch = each[wanted]
  if (!patch) {
    problems.required(at.child(wanted), `must be specified when patchType is ${patchType}`)
  } else if (!patch.expression?.trim()) problems.required(at.child(wanted).child('expression'))
  if (each[other]) {
    const message = `must not be specified when patchType is ${patchType}`
    problems.invalid(at.child(other), `{${other}}`, message)
  }
}
