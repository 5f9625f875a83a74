/** FIXME: one sentence. */
import { defineMessage } from '../../kind.ts'
import { int32, listOf, omitEmpty, type Stored } from '../../schema.ts'

export const PodPortForwardOptions = defineMessage({
  group: '',
  version: 'v1',
  kind: 'PodPortForwardOptions',
  doc: '',
  fields: {
    ports: omitEmpty(1, listOf(int32, { listType: 'atomic' }), ''),
  },
})
export interface PodPortForwardOptions extends Stored<typeof PodPortForwardOptions> {}
