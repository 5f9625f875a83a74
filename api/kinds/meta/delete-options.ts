/** FIXME: one sentence. */
import { defineMessage } from '../../kind.ts'
import { preconditions } from '../../parts/meta/discovery.ts'
import {
  boolean,
  int64,
  listOf,
  omitEmpty,
  optional,
  type Stored,
  string,
  wordOf,
} from '../../schema.ts'

export const DeleteOptions = defineMessage({
  group: '',
  version: 'v1',
  kind: 'DeleteOptions',
  name: 'meta.v1.DeleteOptions',
  doc: '',
  fields: {
    gracePeriodSeconds: optional(1, int64, ''),
    preconditions: optional(2, preconditions, ''),
    orphanDependents: optional(3, boolean, ''),
    propagationPolicy: optional(4, wordOf('Orphan', 'Background', 'Foreground'), ''),
    dryRun: omitEmpty(5, listOf(string, { listType: 'atomic' }), ''),
    ignoreStoreReadErrorWithClusterBreakingPotential: optional(6, boolean, ''),
  },
})
export interface DeleteOptions extends Stored<typeof DeleteOptions> {}
