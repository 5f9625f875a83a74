/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import { matchResources } from '../../parts/admissionregistration/matching.ts'
import { paramRef } from '../../parts/admissionregistration/policy.ts'
import { enumOf, listOf, omitEmpty, optional, type Stored, string, struct } from '../../schema.ts'

export const validatingAdmissionPolicyBindingSpec = struct(
  'admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec',
  '',
  {
    policyName: omitEmpty(1, string, ''),
    paramRef: optional(2, paramRef, ''),
    matchResources: optional(3, matchResources, ''),
    validationActions: omitEmpty(
      4,
      listOf(enumOf('Deny', 'Warn', 'Audit'), { listType: 'set' }),
      '',
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
  doc: '',
  fields: {
    spec: omitEmpty(2, validatingAdmissionPolicyBindingSpec, ''),
  },
  // columns: Name, PolicyName, ParamRef, Age
})
export interface ValidatingAdmissionPolicyBinding
  extends Stored<typeof ValidatingAdmissionPolicyBinding> {}
