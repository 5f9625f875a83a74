/** FIXME: one sentence. */
import { defineMessage } from '../../kind.ts'
import { listOf, omitEmpty, type Stored, string } from '../../schema.ts'

export const CreateOptions = defineMessage({
  group: '',
  version: 'v1',
  kind: 'CreateOptions',
  name: 'meta.v1.CreateOptions',
  doc: '',
  fields: {
    dryRun: omitEmpty(1, listOf(string, { listType: 'atomic' }), ''),
    fieldManager: omitEmpty(3, string, ''),
    fieldValidation: omitEmpty(4, string, ''),
  },
})
export interface CreateOptions extends Stored<typeof CreateOptions> {}
