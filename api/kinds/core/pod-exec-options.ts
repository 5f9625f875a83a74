/** PodExecOptions: which program to run in a container, and which of its streams to carry. */
import { defineMessage } from '../../kind.ts'
import { always, boolean, listOf, omitEmpty, type Stored, string } from '../../schema.ts'

export const PodExecOptions = defineMessage({
  group: '',
  version: 'v1',
  kind: 'PodExecOptions',
  doc: 'Options of a program that is run in a container.',
  fields: {
    stdin: omitEmpty(1, boolean, 'Whether to carry standard input. Defaults to false.'),
    stdout: omitEmpty(2, boolean, 'Whether to carry standard output.'),
    stderr: omitEmpty(3, boolean, 'Whether to carry standard error.'),
    tty: omitEmpty(4, boolean, 'Whether to allocate a terminal. Defaults to false.'),
    container: omitEmpty(5, string, 'Container to use. Needed only when the pod has several.'),
    command: always(
      6,
      listOf(string, { listType: 'atomic' }),
      'Program and arguments, run without a shell.',
    ),
  },
})
export interface PodExecOptions extends Stored<typeof PodExecOptions> {}
