/** FIXME: one sentence. */
import { defineMessage } from '../../kind.ts'
import { boolean, int64, omitEmpty, optional, type Stored, string, time } from '../../schema.ts'

export const PodLogOptions = defineMessage({
  group: '',
  version: 'v1',
  kind: 'PodLogOptions',
  doc: '',
  fields: {
    container: omitEmpty(1, string, ''),
    follow: omitEmpty(2, boolean, ''),
    previous: omitEmpty(3, boolean, ''),
    sinceSeconds: optional(4, int64, ''),
    sinceTime: optional(5, time, ''),
    timestamps: omitEmpty(6, boolean, ''),
    tailLines: optional(7, int64, ''),
    limitBytes: optional(8, int64, ''),
    insecureSkipTLSVerifyBackend: omitEmpty(9, boolean, ''),
    stream: optional(10, string, ''), // gate: PodLogsQuerySplitStreams
  },
})
export interface PodLogOptions extends Stored<typeof PodLogOptions> {}
