/** GetOptions: how a get request is to be carried out. */
import { defineMessage } from '../../kind.ts'
import { omitEmpty, type Stored, string } from '../../schema.ts'

export const GetOptions = defineMessage({
  group: '',
  version: 'v1',
  kind: 'GetOptions',
  name: 'meta.v1.GetOptions',
  doc: 'How a get request is to be carried out.',
  fields: {
    resourceVersion: omitEmpty(
      1,
      string,
      'Which version of the object will do: unset the latest, 0 any, else none older than this.',
    ),
  },
})
export interface GetOptions extends Stored<typeof GetOptions> {}
