/** FIXME: one sentence. */
import { always, type Stored, string, struct } from '../../schema.ts'

export const groupVersionKind = struct('meta.v1.GroupVersionKind', '', {
  group: always(1, string, ''),
  version: always(2, string, ''),
  kind: always(3, string, ''),
})
export interface GroupVersionKind extends Stored<typeof groupVersionKind> {}

export const groupVersionForDiscovery = struct('meta.v1.GroupVersionForDiscovery', '', {
  groupVersion: always(1, string, ''),
  version: always(2, string, ''),
})
export interface GroupVersionForDiscovery extends Stored<typeof groupVersionForDiscovery> {}
