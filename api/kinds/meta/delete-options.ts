/** DeleteOptions: how a delete request is to be carried out. */
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
  doc: 'How a delete request is to be carried out.',
  fields: {
    gracePeriodSeconds: optional(
      1,
      int64,
      'Seconds until the object is gone; zero is at once. Unset takes the default of its kind.',
    ),
    preconditions: optional(2, preconditions, 'What must hold for the delete to be carried out.'),
    orphanDependents: optional(
      3,
      boolean,
      'Replaced by propagationPolicy: true stands for Orphan, false for Background.',
    ),
    propagationPolicy: optional(
      4,
      wordOf('Orphan', 'Background', 'Foreground'),
      'What becomes of the objects that this one owns: Orphan, Background or Foreground.',
    ),
    dryRun: omitEmpty(
      5,
      listOf(string, { listType: 'atomic' }),
      'With the one value All, everything is checked and nothing is deleted.',
    ),
    ignoreStoreReadErrorWithClusterBreakingPotential: optional(
      6,
      boolean,
      'Deletes an object that cannot be read back from storage, without its usual safeguards.',
    ),
  },
})
export interface DeleteOptions extends Stored<typeof DeleteOptions> {}
