/** FIXME: one sentence. */
import { defineMessage } from '../../kind.ts'
import { listOf, omitEmpty, type Stored, string } from '../../schema.ts'

export const UpdateOptions = defineMessage({
  group: '',
  version: 'v1',
  kind: 'UpdateOptions',
  name: 'meta.v1.UpdateOptions',
  doc: '',
  fields: {
    dryRun: omitEmpty(1, listOf(string, { listType: 'atomic' }), ''),
    fieldManager: omitEmpty(2, string, ''),
    fieldValidation: omitEmpty(3, string, ''),
  },
})
export interface UpdateOptions extends Stored<typeof UpdateOptions> {}
