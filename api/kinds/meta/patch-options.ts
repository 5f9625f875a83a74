/** PatchOptions: how a patch request is to be carried out. */
import { defineMessage } from '../../kind.ts'
import { boolean, listOf, omitEmpty, optional, type Stored, string } from '../../schema.ts'

export const PatchOptions = defineMessage({
  group: '',
  version: 'v1',
  kind: 'PatchOptions',
  name: 'meta.v1.PatchOptions',
  doc: 'How a patch request is to be carried out.',
  fields: {
    dryRun: omitEmpty(
      1,
      listOf(string, { listType: 'atomic' }),
      'With the one value All, everything is checked and nothing is stored.',
    ),
    force: optional(2, boolean, 'Whether an apply takes over fields that other managers own.'),
    fieldManager: omitEmpty(
      3,
      string,
      'Name of the writer, for managed fields. An apply must name one.',
    ),
    fieldValidation: omitEmpty(
      4,
      string,
      'What to do about unknown and duplicate fields: Strict, Warn (default) or Ignore.',
    ),
  },
})
export interface PatchOptions extends Stored<typeof PatchOptions> {}
