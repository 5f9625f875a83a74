/** FIXME: one sentence. */
import { defineMessage } from '../../kind.ts'
import { boolean, int64, omitEmpty, optional, type Stored, string, wordOf } from '../../schema.ts'

export const ListOptions = defineMessage({
  group: '',
  version: 'v1',
  kind: 'ListOptions',
  name: 'meta.v1.ListOptions',
  doc: '',
  fields: {
    labelSelector: omitEmpty(1, string, ''),
    fieldSelector: omitEmpty(2, string, ''),
    watch: omitEmpty(3, boolean, ''),
    allowWatchBookmarks: omitEmpty(9, boolean, ''),
    resourceVersion: omitEmpty(4, string, ''),
    resourceVersionMatch: omitEmpty(10, wordOf('NotOlderThan', 'Exact'), ''),
    timeoutSeconds: optional(5, int64, ''),
    limit: omitEmpty(7, int64, ''),
    continue: omitEmpty(8, string, ''),
    sendInitialEvents: optional(11, boolean, ''),
    shardSelector: omitEmpty(15, string, ''), // gate: ShardedListAndWatch
  },
})
export interface ListOptions extends Stored<typeof ListOptions> {}
