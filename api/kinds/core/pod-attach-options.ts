/** FIXME: one sentence. */
import { defineMessage } from '../../kind.ts'
import { boolean, omitEmpty, type Stored, string } from '../../schema.ts'

export const PodAttachOptions = defineMessage({
  group: '',
  version: 'v1',
  kind: 'PodAttachOptions',
  doc: '',
  fields: {
    stdin: omitEmpty(1, boolean, ''),
    stdout: omitEmpty(2, boolean, ''),
    stderr: omitEmpty(3, boolean, ''),
    tty: omitEmpty(4, boolean, ''),
    container: omitEmpty(5, string, ''),
  },
})
export interface PodAttachOptions extends Stored<typeof PodAttachOptions> {}
