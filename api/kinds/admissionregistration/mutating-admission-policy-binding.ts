/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import { matchResources } from '../../parts/admissionregistration/matching.ts'
import { paramRef } from '../../parts/admissionregistration/policy.ts'
import { omitEmpty, optional, type Stored, string, struct } from '../../schema.ts'

export const mutatingAdmissionPolicyBindingSpec = struct(
  'admissionregistration.v1.MutatingAdmissionPolicyBindingSpec',
  '',
  {
    policyName: omitEmpty(1, string, ''),
    paramRef: optional(2, paramRef, ''),
    matchResources: optional(3, matchResources, ''),
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
  doc: '',
  fields: {
    spec: omitEmpty(2, mutatingAdmissionPolicyBindingSpec, ''),
  },
  // columns: Name, PolicyName, ParamRef, Age
})
export interface MutatingAdmissionPolicyBinding
  extends Stored<typeof MutatingAdmissionPolicyBinding> {}
