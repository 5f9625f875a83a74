/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import { always, int64, object, omitEmpty, type Stored } from '../../schema.ts'

export const ControllerRevision = defineKind({
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  scope: 'Namespaced',
  doc: '',
  fields: {
    data: omitEmpty(2, object, ''),
    revision: always(3, int64, ''),
  },
  // columns: Name, Controller, Revision, Age
})
export interface ControllerRevision extends Stored<typeof ControllerRevision> {}
