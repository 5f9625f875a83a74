/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import { localObjectReference, objectReference } from '../../parts/core/references.ts'
import { boolean, listOf, omitEmpty, optional, type Stored } from '../../schema.ts'

export const ServiceAccount = defineKind({
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  shortNames: ['sa'],
  scope: 'Namespaced',
  subresources: {
    token: {
      group: 'authentication.k8s.io',
      version: 'v1',
      kind: 'TokenRequest',
      verbs: ['create'],
    },
  },
  doc: '',
  fields: {
    secrets: omitEmpty(
      2,
      listOf(objectReference, { keys: ['name'], mergeKey: 'name', patch: 'merge' }),
      '',
    ),
    imagePullSecrets: omitEmpty(3, listOf(localObjectReference, { listType: 'atomic' }), ''),
    automountServiceAccountToken: optional(4, boolean, ''),
  },
  // columns: Name, Secrets, Age
})
export interface ServiceAccount extends Stored<typeof ServiceAccount> {}
