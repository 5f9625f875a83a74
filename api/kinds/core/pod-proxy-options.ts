/** FIXME: one sentence. */
import { defineMessage } from '../../kind.ts'
import { omitEmpty, type Stored, string } from '../../schema.ts'

export const PodProxyOptions = defineMessage({
  group: '',
  version: 'v1',
  kind: 'PodProxyOptions',
  doc: '',
  fields: {
    path: omitEmpty(1, string, ''),
  },
})
export interface PodProxyOptions extends Stored<typeof PodProxyOptions> {}
