/** CreateOptions: how a create request is to be carried out. */
import { defineMessage } from '../../kind.ts'
import { listOf, omitEmpty, type Stored, string } from '../../schema.ts'

export const CreateOptions = defineMessage({
  group: '',
  version: 'v1',
  kind: 'CreateOptions',
  name: 'meta.v1.CreateOptions',
  doc: 'How a create request is to be carried out.',
  fields: {
    dryRun: omitEmpty(
      1,
      listOf(string, { listType: 'atomic' }),
      'With the one value All, everything is checked and nothing is stored.',
    ),
    fieldManager: omitEmpty(3, string, 'Name of the writer, for managed fields.'),
    fieldValidation: omitEmpty(
      4,
      string,
      'What to do about unknown and duplicate fields: Strict, Warn (default) or Ignore.',
    ),
  },
})
export interface CreateOptions extends Stored<typeof CreateOptions> {}
