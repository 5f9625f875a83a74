/** ControllerRevision: one past or present state of a DaemonSet or StatefulSet, to roll back to. */
import { defineKind } from '../../kind.ts'
import type { ObjectMeta } from '../../parts/meta/object-meta.ts'
import { always, int64, object, omitEmpty, type Stored } from '../../schema.ts'
import { ageColumn, column, nameColumn } from '../../table.ts'

export const ControllerRevision = defineKind({
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  scope: 'Namespaced',
  doc: 'A snapshot of what a controller wants, kept so that it can be rolled back to.',
  fields: {
    data: omitEmpty(2, object, 'The snapshot, in a form that only its controller knows.', {
      immutable: true,
    }),
    revision: always(3, int64, 'Number of the revision; the highest one is the newest.'),
  },
  validateWhole({ data, revision }, at, problems) {
    if (!data) problems.required(at.child('data'), 'data is mandatory')
    if (revision < 0) {
      problems.invalid(at.child('revision'), revision, 'must be greater than or equal to 0')
    }
  },
  columns: [
    nameColumn,
    column('Controller', 'string', 'Who the revision belongs to.', ({ metadata }) =>
      controllerText(metadata),
    ),
    column('Revision', 'string', 'Number of the revision.', ({ revision }) => revision),
    ageColumn,
  ],
})
export interface ControllerRevision extends Stored<typeof ControllerRevision> {}

/** `statefulset.apps/web`, or `<none>`. */
function controllerText({ ownerReferences }: ObjectMeta): string {
  const owner = ownerReferences?.find(({ controller }) => controller)
  if (!owner) return '<none>'
  const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : ''
  return `${owner.kind.toLowerCase()}${group}/${owner.name}`
}
