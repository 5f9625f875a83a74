/** UpdateOptions: how an update request is to be carried out. */
import { defineMessage } from '../../kind.ts'
import { listOf, omitEmpty, type Stored, string } from '../../schema.ts'

export const UpdateOptions = defineMessage({
  group: '',
  version: 'v1',
  kind: 'UpdateOptions',
  name: 'meta.v1.UpdateOptions',
  doc: 'How an update request is to be carried out.',
  fields: {
    dryRun: omitEmpty(
      1,
      listOf(string, { listType: 'atomic' }),
      'With the one value All, everything is checked and nothing is stored.',
    ),
    fieldManager: omitEmpty(2, string, 'Name of the writer, for managed fields.'),
    fieldValidation: omitEmpty(
      3,
      string,
      'What to do about unknown and duplicate fields: Strict, Warn (default) or Ignore.',
    ),
  },
})
export interface UpdateOptions extends Stored<typeof UpdateOptions> {}
