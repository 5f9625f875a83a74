/** PodProxyOptions: what a request to the HTTP server inside a pod may say. */
import { defineMessage } from '../../kind.ts'
import { omitEmpty, type Stored, string } from '../../schema.ts'

export const PodProxyOptions = defineMessage({
  group: '',
  version: 'v1',
  kind: 'PodProxyOptions',
  doc: 'Options of a request that is passed on to a pod.',
  fields: {
    path: omitEmpty(1, string, 'Path of the request at the pod.'),
  },
})
export interface PodProxyOptions extends Stored<typeof PodProxyOptions> {}
