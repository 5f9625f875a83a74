/** ServiceAccount: an identity for what runs in pods. */
import { defineKind } from '../../kind.ts'
import { localObjectReference, objectReference } from '../../parts/core/references.ts'
import { boolean, listOf, omitEmpty, optional, type Stored } from '../../schema.ts'
import { ageColumn, column, nameColumn } from '../../table.ts'

const mountableSecrets = 'kubernetes.io/enforce-mountable-secrets'

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
  deletion: { returnsObject: true },
  doc: 'An identity for what runs in pods.',
  fields: {
    secrets: omitEmpty(
      2,
      listOf(objectReference, { keys: ['name'], mergeKey: 'name', patch: 'merge' }),
      'Secrets of the account by name; the only ones its pods may mount when an annotation says so.',
    ),
    imagePullSecrets: omitEmpty(
      3,
      listOf(localObjectReference, { listType: 'atomic' }),
      'Secrets with registry logins, given to pods of the account that name none.',
    ),
    automountServiceAccountToken: optional(
      4,
      boolean,
      'Whether pods get a token unless they say otherwise; true unless set.',
    ),
  },
  columns: [
    nameColumn,
    column('Secrets', 'string', 'How many secrets it names.', secretCount),
    ageColumn,
  ],
  prepareCreate: keepSecretNames,
  prepareUpdate: keepSecretNames,
  warnings({ metadata }, previous) {
    const isNew = !previous?.metadata.annotations?.[mountableSecrets]
    if (!isNew || !metadata.annotations?.[mountableSecrets]) return []
    const place = `metadata.annotations[${mountableSecrets}]`
    const advice = 'prefer separate namespaces to isolate access to mounted secrets'
    return [`${place}: deprecated in v1.32+; ${advice}`]
  },
})
export interface ServiceAccount extends Stored<typeof ServiceAccount> {}

/** Secrets are in the namespace of the account, so nothing but their names means anything. */
function keepSecretNames(object: Pick<ServiceAccount, 'secrets'>): void {
  const { secrets } = object
  if (secrets) object.secrets = secrets.map(({ name }) => (name ? { name } : {}))
}

function secretCount({ secrets = [] }: Pick<ServiceAccount, 'secrets'>): number {
  return secrets.length
}
