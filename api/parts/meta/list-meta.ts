/** FIXME: one sentence. */
import { int64, omitEmpty, optional, required, type Stored, string, struct } from '../../schema.ts'

export const shardInfo = struct('meta.v1.ShardInfo', '', {
  selector: required(1, string, ''),
})
export interface ShardInfo extends Stored<typeof shardInfo> {}

export const listMeta = struct('meta.v1.ListMeta', '', {
  selfLink: omitEmpty(1, string, ''),
  resourceVersion: omitEmpty(2, string, ''),
  continue: omitEmpty(3, string, ''),
  remainingItemCount: optional(4, int64, ''),
  shardInfo: optional(5, shardInfo, ''), // gate: ShardedListAndWatch
})
export interface ListMeta extends Stored<typeof listMeta> {}
