/** FIXME: one sentence. */
import { defineMessage } from '../../kind.ts'
import { omitEmpty, type Stored, string } from '../../schema.ts'

export const ServiceProxyOptions = defineMessage({
  group: '',
  version: 'v1',
  kind: 'ServiceProxyOptions',
  doc: '',
  fields: {
    path: omitEmpty(1, string, ''),
  },
})
export interface ServiceProxyOptions extends Stored<typeof ServiceProxyOptions> {}
