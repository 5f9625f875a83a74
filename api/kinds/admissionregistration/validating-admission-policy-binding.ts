/** ValidatingAdmissionPolicyBinding: puts a ValidatingAdmissionPolicy into effect. */
import { defineKind } from '../../kind.ts'
import {
  bindingColumns,
  bindingFieldsFor,
} from '../../parts/admissionregistration/policy-binding.ts'
import type { Path, Problems } from '../../problems.ts'
import { validateMatchResources } from '../../rules/admission-matching.ts'
import { validateParamRef, validatePolicyName } from '../../rules/admission-policies.ts'
import { enumOf, listOf, omitEmpty, type Stored, struct } from '../../schema.ts'

export const validatingAdmissionPolicyBindingSpec = struct(
  'admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec',
  'Which policy is put into effect, where, with what parameters and consequences.',
  {
    ...bindingFieldsFor('ValidatingAdmissionPolicy'),
    validationActions: omitEmpty(
      4,
      listOf(enumOf('Deny', 'Warn', 'Audit'), { listType: 'set' }),
      'What follows when a validation fails: Deny, Warn or Audit.',
    ),
  },
)
export interface ValidatingAdmissionPolicyBindingSpec
  extends Stored<typeof validatingAdmissionPolicyBindingSpec> {}

export const ValidatingAdmissionPolicyBinding = defineKind({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  plural: 'validatingadmissionpolicybindings',
  categories: ['api-extensions'],
  scope: 'Cluster',
  generation: true,
  conditionalUpdates: true,
  doc: 'Puts a ValidatingAdmissionPolicy into effect.',
  fields: {
    spec: omitEmpty(
      2,
      validatingAdmissionPolicyBindingSpec,
      'Which policy is put into effect, where, with what parameters and consequences.',
    ),
  },
  validateWhole({ spec }, at, problems) {
    const path = at.child('spec')
    validatePolicyName(spec.policyName, path.child('policyName'), problems)
    validateParamRef(spec.paramRef, path.child('paramRef'), problems)
    validateMatchResources(spec.matchResources, path.child('matchResources'), problems)
    validateActions(spec.validationActions ?? [], path.child('validationActions'), problems)
  },
  columns: bindingColumns,
})
export interface ValidatingAdmissionPolicyBinding
  extends Stored<typeof ValidatingAdmissionPolicyBinding> {}

const validationActions: readonly string[] = ['Audit', 'Deny', 'Warn']

function validateActions(actions: readonly string[], at: Path, problems: Problems): void {
  const seen = new Set<string>()
  for (const [position, action] of actions.entries()) {
    if (!validationActions.includes(action)) {
      problems.notSupported(at.index(position), action, validationActions)
    }
    if (seen.has(action)) problems.duplicate(at.index(position), action)
    seen.add(action)
  }
  if (seen.has('Deny') && seen.has('Warn')) {
    const why =
      'repeating the same validation failure information in the API response and headers serves no purpose'
    problems.invalid(at, actions, `must not contain both Deny and Warn (${why})`)
  }
  if (!seen.size) problems.required(at, 'at least one validation action is required')
}
