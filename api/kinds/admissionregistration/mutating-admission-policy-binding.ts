/** MutatingAdmissionPolicyBinding: puts a MutatingAdmissionPolicy into effect. */
import { defineKind } from '../../kind.ts'
import { matchResources } from '../../parts/admissionregistration/matching.ts'
import { paramRef } from '../../parts/admissionregistration/policy.ts'
import { paramRefCell } from '../../parts/admissionregistration/policy-columns.ts'
import { validateMatchResources } from '../../rules/admission-matching.ts'
import {
  validateMutableOperations,
  validateParamRef,
  validatePolicyName,
} from '../../rules/admission-policies.ts'
import { omitEmpty, optional, type Stored, string, struct } from '../../schema.ts'
import { ageColumn, column, nameColumn } from '../../table.ts'

export const mutatingAdmissionPolicyBindingSpec = struct(
  'admissionregistration.v1.MutatingAdmissionPolicyBindingSpec',
  'Which policy is put into effect, where and with what parameters.',
  {
    policyName: omitEmpty(1, string, 'Name of the MutatingAdmissionPolicy.'),
    paramRef: optional(2, paramRef, 'The parameters of the policy; unset when it has none.'),
    matchResources: optional(
      3,
      matchResources,
      'Limits the policy further than its own matchConstraints.',
    ),
  },
)
export interface MutatingAdmissionPolicyBindingSpec
  extends Stored<typeof mutatingAdmissionPolicyBindingSpec> {}

export const MutatingAdmissionPolicyBinding = defineKind({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingAdmissionPolicyBinding',
  plural: 'mutatingadmissionpolicybindings',
  categories: ['api-extensions'],
  scope: 'Cluster',
  generation: true,
  conditionalUpdates: true,
  doc: 'Puts a MutatingAdmissionPolicy into effect.',
  fields: {
    spec: omitEmpty(
      2,
      mutatingAdmissionPolicyBindingSpec,
      'Which policy is put into effect, where and with what parameters.',
    ),
  },
  validateWhole({ spec }, at, problems) {
    const path = at.child('spec')
    validatePolicyName(spec.policyName, path.child('policyName'), problems)
    validateParamRef(spec.paramRef, path.child('paramRef'), problems)
    validateMatchResources(spec.matchResources, path.child('matchResources'), problems)
    if (spec.matchResources) {
      validateMutableOperations(spec.matchResources, path.child('matchResources'), problems)
    }
  },
  columns: [
    nameColumn,
    column(
      'PolicyName',
      'string',
      'The policy that is put into effect.',
      ({ spec }) => spec.policyName ?? '',
    ),
    column('ParamRef', 'string', 'The parameters of the policy.', ({ spec }) =>
      paramRefCell(spec.paramRef),
    ),
    ageColumn,
  ],
})
export interface MutatingAdmissionPolicyBinding
  extends Stored<typeof MutatingAdmissionPolicyBinding> {}
