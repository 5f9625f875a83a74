/** FIXME: one sentence. */
import { defineMessage } from '../../kind.ts'
import { always, object, type Stored, string } from '../../schema.ts'

export const WatchEvent = defineMessage({
  group: '',
  version: 'v1',
  kind: 'WatchEvent',
  name: 'meta.v1.WatchEvent',
  doc: '',
  fields: {
    type: always(1, string, ''),
    object: always(2, object, ''),
  },
})
export interface WatchEvent extends Stored<typeof WatchEvent> {}
