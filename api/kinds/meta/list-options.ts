/** ListOptions: how a list or watch request is to be carried out. */
import { defineMessage } from '../../kind.ts'
import { boolean, int64, omitEmpty, optional, type Stored, string, wordOf } from '../../schema.ts'

export const ListOptions = defineMessage({
  group: '',
  version: 'v1',
  kind: 'ListOptions',
  name: 'meta.v1.ListOptions',
  doc: 'How a list or watch request is to be carried out.',
  fields: {
    labelSelector: omitEmpty(1, string, 'Only objects whose labels match this selector.'),
    fieldSelector: omitEmpty(2, string, 'Only objects whose fields match this selector.'),
    watch: omitEmpty(3, boolean, 'Follow changes instead of returning a list.'),
    allowWatchBookmarks: omitEmpty(
      9,
      boolean,
      'Whether a watch may send bookmarks, which only say how far it has come.',
    ),
    resourceVersion: omitEmpty(4, string, 'The version to list at, or to watch from.'),
    resourceVersionMatch: omitEmpty(
      10,
      wordOf('NotOlderThan', 'Exact'),
      'How resourceVersion is meant: NotOlderThan or Exact.',
    ),
    timeoutSeconds: optional(5, int64, 'Seconds after which the request ends, whatever happens.'),
    limit: omitEmpty(
      7,
      int64,
      'How many objects to return at most; the answer says where to continue.',
    ),
    continue: omitEmpty(8, string, 'The token of the previous page.'),
    sendInitialEvents: optional(
      11,
      boolean,
      'Whether a watch starts with the objects that exist, followed by a bookmark.',
    ),
    shardSelector: omitEmpty(15, string, 'Only the objects of one shard of the collection.'),
  },
})
export interface ListOptions extends Stored<typeof ListOptions> {}
