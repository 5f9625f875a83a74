/** Table columns that both kinds of role bindings have. */
import type { ObjectMeta } from '../../parts/meta/object-meta.ts'
import { ageColumn, column, nameColumn } from '../../table.ts'
import type { RoleRef, Subject } from './rules.ts'

interface Binding {
  readonly metadata: ObjectMeta
  readonly subjects?: Subject[] | null
  readonly roleRef: RoleRef
}

export const bindingColumns = [
  nameColumn,
  column<Binding>(
    'Role',
    'string',
    'Kind and name of the role that is granted.',
    ({ roleRef: { kind, name } }) => `${kind}/${name}`,
  ),
  ageColumn,
  column<Binding>('Users', 'string', 'Users who are granted the role.', namesOf('User'), {
    priority: 1,
  }),
  column<Binding>('Groups', 'string', 'Groups who are granted the role.', namesOf('Group'), {
    priority: 1,
  }),
  column<Binding>(
    'ServiceAccounts',
    'string',
    'Service accounts who are granted the role.',
    namesOf('ServiceAccount'),
    { priority: 1 },
  ),
]

/** Names of one kind of subject; service accounts with their namespace. */
function namesOf(kind: Subject['kind']): (binding: Binding) => string {
  return ({ subjects }) =>
    (subjects ?? [])
      .filter((each) => each.kind === kind)
      .map(({ name, namespace = '' }) =>
        kind === 'ServiceAccount' ? `${namespace}/${name}` : name,
      )
      .join(', ')
}
