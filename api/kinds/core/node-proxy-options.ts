/** NodeProxyOptions: the query of a request that the API server passes on to a node. */
import { defineMessage } from '../../kind.ts'
import { omitEmpty, type Stored, string } from '../../schema.ts'

export const NodeProxyOptions = defineMessage({
  group: '',
  version: 'v1',
  kind: 'NodeProxyOptions',
  doc: 'The query of a request that is passed on to the kubelet of a node.',
  fields: {
    path: omitEmpty(1, string, 'Path of the request at the kubelet; the root unless set.'),
  },
})
export interface NodeProxyOptions extends Stored<typeof NodeProxyOptions> {}
