/** FIXME: one sentence. */

import {
  always,
  listOf,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
  wordOf,
} from '../../schema.ts'
import { groupVersionKind } from '../meta/group-version.ts'

export const apiSubresourceDiscovery = struct('apidiscovery.v2.APISubresourceDiscovery', '', {
  subresource: always(1, string, ''),
  responseKind: optional(2, groupVersionKind, ''),
  acceptedTypes: omitEmpty(3, listOf(groupVersionKind, { keys: ['group', 'version', 'kind'] }), ''),
  verbs: always(4, listOf(string, { listType: 'set' }), ''),
})
export interface APISubresourceDiscovery extends Stored<typeof apiSubresourceDiscovery> {}

export const apiResourceDiscovery = struct('apidiscovery.v2.APIResourceDiscovery', '', {
  resource: always(1, string, ''),
  responseKind: optional(2, groupVersionKind, ''),
  scope: always(3, wordOf('Cluster', 'Namespaced'), ''),
  singularResource: always(4, string, ''),
  verbs: always(5, listOf(string, { listType: 'set' }), ''),
  shortNames: omitEmpty(6, listOf(string, { listType: 'set' }), ''),
  categories: omitEmpty(7, listOf(string, { listType: 'set' }), ''),
  subresources: omitEmpty(8, listOf(apiSubresourceDiscovery, { keys: ['subresource'] }), ''),
})
export interface APIResourceDiscovery extends Stored<typeof apiResourceDiscovery> {}

export const apiVersionDiscovery = struct('apidiscovery.v2.APIVersionDiscovery', '', {
  version: always(1, string, ''),
  resources: omitEmpty(2, listOf(apiResourceDiscovery, { keys: ['resource'] }), ''),
  freshness: omitEmpty(3, wordOf('Current', 'Stale'), ''),
})
export interface APIVersionDiscovery extends Stored<typeof apiVersionDiscovery> {}
