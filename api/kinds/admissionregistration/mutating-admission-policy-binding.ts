/** MutatingAdmissionPolicyBinding: puts a MutatingAdmissionPolicy into effect. */
import { defineKind } from '../../kind.ts'
import {
  bindingColumns,
  bindingFieldsFor,
} from '../../parts/admissionregistration/policy-binding.ts'
import { validateMatchResources } from '../../rules/admission-matching.ts'
import {
  validateMutableOperations,
  validateParamRef,
  validatePolicyName,
} from '../../rules/admission-policies.ts'
import { omitEmpty, type Stored, struct } from '../../schema.ts'

export const mutatingAdmissionPolicyBindingSpec = struct(
  'admissionregistration.v1.MutatingAdmissionPolicyBindingSpec',
  'Which policy is put into effect, where and with what parameters.',
  {
    ...bindingFieldsFor('MutatingAdmissionPolicy'),
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
  columns: bindingColumns,
})
export interface MutatingAdmissionPolicyBinding
  extends Stored<typeof MutatingAdmissionPolicyBinding> {}
