/** How kinds and versions of the API are named inside other objects. */
import { always, type Stored, string, struct } from '../../schema.ts'

export const groupVersionKind = struct('meta.v1.GroupVersionKind', 'The full name of a kind.', {
  group: always(1, string, 'API group; empty for the core group.'),
  version: always(2, string, 'Version within the group, such as v1.'),
  kind: always(3, string, 'Name of the kind, such as Pod.'),
})
export interface GroupVersionKind extends Stored<typeof groupVersionKind> {}

export const groupVersionForDiscovery = struct(
  'meta.v1.GroupVersionForDiscovery',
  'A version of a group, in both spellings.',
  {
    groupVersion: always(1, string, 'Group and version as one text, such as apps/v1.'),
    version: always(2, string, 'The version alone, such as v1.'),
  },
)
export interface GroupVersionForDiscovery extends Stored<typeof groupVersionForDiscovery> {}
