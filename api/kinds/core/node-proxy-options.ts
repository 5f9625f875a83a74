/** FIXME: one sentence. */
import { defineMessage } from '../../kind.ts'
import { omitEmpty, type Stored, string } from '../../schema.ts'

export const NodeProxyOptions = defineMessage({
  group: '',
  version: 'v1',
  kind: 'NodeProxyOptions',
  doc: '',
  fields: {
    path: omitEmpty(1, string, ''),
  },
})
export interface NodeProxyOptions extends Stored<typeof NodeProxyOptions> {}
