/** FIXME: one sentence. */
import { defineMessage } from '../../kind.ts'
import { omitEmpty, type Stored, string } from '../../schema.ts'

export const GetOptions = defineMessage({
  group: '',
  version: 'v1',
  kind: 'GetOptions',
  name: 'meta.v1.GetOptions',
  doc: '',
  fields: {
    resourceVersion: omitEmpty(1, string, ''),
  },
})
export interface GetOptions extends Stored<typeof GetOptions> {}
