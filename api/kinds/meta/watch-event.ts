/** WatchEvent: one message of a watch. */
import { defineMessage } from '../../kind.ts'
import { always, object, type Stored, string } from '../../schema.ts'

export const WatchEvent = defineMessage({
  group: '',
  version: 'v1',
  kind: 'WatchEvent',
  name: 'meta.v1.WatchEvent',
  doc: 'One message of a watch.',
  fields: {
    type: always(1, string, 'What happened: ADDED, MODIFIED, DELETED, BOOKMARK or ERROR.'),
    object: always(2, object, 'The object after the change, or a Status when the type is ERROR.'),
  },
})
export interface WatchEvent extends Stored<typeof WatchEvent> {}
