/** ListMeta: what a list says about itself, above all the version that it was read at. */
import { int64, omitEmpty, optional, required, type Stored, string, struct } from '../../schema.ts'

export const shardInfo = struct('meta.v1.ShardInfo', 'Which part of a collection a list holds.', {
  selector: required(1, string, 'The shard selector that the request named.'),
})
export interface ShardInfo extends Stored<typeof shardInfo> {}

export const listMeta = struct('meta.v1.ListMeta', 'What a list says about itself.', {
  selfLink: omitEmpty(1, string, 'Not used any more; always empty.'),
  resourceVersion: omitEmpty(2, string, 'Version of the whole collection, to start a watch from.'),
  continue: omitEmpty(3, string, 'Token for the next page; empty when this is the last one.'),
  remainingItemCount: optional(4, int64, 'How many objects follow this page, where known.'),
  shardInfo: optional(5, shardInfo, 'Set when the list holds one shard of the collection.'),
})
export interface ListMeta extends Stored<typeof listMeta> {}
