/** PodPortForwardOptions: which ports of a pod a connection leads to. */
import { defineMessage } from '../../kind.ts'
import { int32, listOf, omitEmpty, type Stored } from '../../schema.ts'

export const PodPortForwardOptions = defineMessage({
  group: '',
  version: 'v1',
  kind: 'PodPortForwardOptions',
  doc: 'Options of a connection that carries ports of a pod.',
  fields: {
    ports: omitEmpty(
      1,
      listOf(int32, { listType: 'atomic' }),
      'Ports to forward. Required over WebSockets.',
    ),
  },
})
export interface PodPortForwardOptions extends Stored<typeof PodPortForwardOptions> {}
