/** ServiceProxyOptions: the query of a request that the API server passes on to a service. */
import { defineMessage } from '../../kind.ts'
import { omitEmpty, type Stored, string } from '../../schema.ts'

export const ServiceProxyOptions = defineMessage({
  group: '',
  version: 'v1',
  kind: 'ServiceProxyOptions',
  doc: 'The query of a request that is passed on to a service.',
  fields: {
    path: omitEmpty(1, string, 'Path of the request at the service; the root unless set.'),
  },
})
export interface ServiceProxyOptions extends Stored<typeof ServiceProxyOptions> {}
