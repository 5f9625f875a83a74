/** FIXME: one sentence. */
import { defineMessage } from '../../kind.ts'
import { always, boolean, listOf, omitEmpty, type Stored, string } from '../../schema.ts'

export const PodExecOptions = defineMessage({
  group: '',
  version: 'v1',
  kind: 'PodExecOptions',
  doc: '',
  fields: {
    stdin: omitEmpty(1, boolean, ''),
    stdout: omitEmpty(2, boolean, ''),
    stderr: omitEmpty(3, boolean, ''),
    tty: omitEmpty(4, boolean, ''),
    container: omitEmpty(5, string, ''),
    command: always(6, listOf(string, { listType: 'atomic' }), ''),
  },
})
export interface PodExecOptions extends Stored<typeof PodExecOptions> {}
