/** What bindings of policies that change objects and of those that only judge have in common. */
import { omitEmpty, optional, string } from '../../schema.ts'
import { ageColumn, column, nameColumn } from '../../table.ts'
import { matchResources } from './matching.ts'
import { type ParamRef, paramRef } from './policy.ts'
import { paramRefCell } from './policy-columns.ts'

export const bindingFieldsFor = (policyKind: string) => ({
  policyName: omitEmpty(1, string, `Name of the ${policyKind}.`),
  paramRef: optional(2, paramRef, 'The parameters of the policy; unset when it has none.'),
  matchResources: optional(
    3,
    matchResources,
    'Limits the policy further than its own matchConstraints.',
  ),
})

interface Binding {
  readonly spec: { readonly policyName?: string; readonly paramRef?: ParamRef }
}

export const bindingColumns = [
  nameColumn,
  column(
    'PolicyName',
    'string',
    'The policy that is put into effect.',
    ({ spec }: Binding) => spec.policyName ?? '',
  ),
  column('ParamRef', 'string', 'The parameters of the policy.', ({ spec }: Binding) =>
    paramRefCell(spec.paramRef),
  ),
  ageColumn,
]
