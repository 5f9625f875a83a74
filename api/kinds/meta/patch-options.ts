/** FIXME: one sentence. */
import { defineMessage } from '../../kind.ts'
import { boolean, listOf, omitEmpty, optional, type Stored, string } from '../../schema.ts'

export const PatchOptions = defineMessage({
  group: '',
  version: 'v1',
  kind: 'PatchOptions',
  name: 'meta.v1.PatchOptions',
  doc: '',
  fields: {
    dryRun: omitEmpty(1, listOf(string, { listType: 'atomic' }), ''),
    force: optional(2, boolean, ''),
    fieldManager: omitEmpty(3, string, ''),
    fieldValidation: omitEmpty(4, string, ''),
  },
})
export interface PatchOptions extends Stored<typeof PatchOptions> {}
