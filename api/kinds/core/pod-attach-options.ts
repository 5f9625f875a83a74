/** PodAttachOptions: which streams of a running container to attach to. */
import { defineMessage } from '../../kind.ts'
import { boolean, omitEmpty, type Stored, string } from '../../schema.ts'

export const PodAttachOptions = defineMessage({
  group: '',
  version: 'v1',
  kind: 'PodAttachOptions',
  doc: 'Options of a connection to the streams of a running container.',
  fields: {
    stdin: omitEmpty(1, boolean, 'Whether to carry standard input. Defaults to false.'),
    stdout: omitEmpty(2, boolean, 'Whether to carry standard output.'),
    stderr: omitEmpty(3, boolean, 'Whether to carry standard error.'),
    tty: omitEmpty(4, boolean, 'Whether to allocate a terminal. Defaults to false.'),
    container: omitEmpty(5, string, 'Container to use. Needed only when the pod has several.'),
  },
})
export interface PodAttachOptions extends Stored<typeof PodAttachOptions> {}
