/** What aggregated discovery says about a version, its resources and their subresources. */
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

export const apiSubresourceDiscovery = struct(
  'apidiscovery.v2.APISubresourceDiscovery',
  'A part of a resource that has a path of its own.',
  {
    subresource: always(1, string, 'Name of the subresource, such as scale.'),
    responseKind: optional(
      2,
      groupVersionKind,
      'The kind that it answers with, where that is an object.',
    ),
    acceptedTypes: omitEmpty(
      3,
      listOf(groupVersionKind, { keys: ['group', 'version', 'kind'] }),
      'The kinds that it takes, where they differ from responseKind.',
    ),
    verbs: always(
      4,
      listOf(string, { listType: 'set' }),
      'What can be done with it, such as get and patch.',
    ),
  },
)
export interface APISubresourceDiscovery extends Stored<typeof apiSubresourceDiscovery> {}

export const apiResourceDiscovery = struct(
  'apidiscovery.v2.APIResourceDiscovery',
  'A resource: its names and what can be done with it.',
  {
    resource: always(1, string, 'The plural name, as in URLs.'),
    responseKind: optional(2, groupVersionKind, 'The kind of its objects.'),
    scope: always(
      3,
      wordOf('Cluster', 'Namespaced'),
      'Whether its objects live in namespaces: Cluster or Namespaced.',
    ),
    singularResource: always(4, string, 'The singular name, for users to type.'),
    verbs: always(
      5,
      listOf(string, { listType: 'set' }),
      'What can be done with it, such as get and watch.',
    ),
    shortNames: omitEmpty(
      6,
      listOf(string, { listType: 'set' }),
      'Shorter names for users to type, such as deploy.',
    ),
    categories: omitEmpty(
      7,
      listOf(string, { listType: 'set' }),
      'Sets of resources that include this one, such as all.',
    ),
    subresources: omitEmpty(
      8,
      listOf(apiSubresourceDiscovery, { keys: ['subresource'] }),
      'Its subresources.',
    ),
  },
)
export interface APIResourceDiscovery extends Stored<typeof apiResourceDiscovery> {}

export const apiVersionDiscovery = struct(
  'apidiscovery.v2.APIVersionDiscovery',
  'A version of a group.',
  {
    version: always(1, string, 'Name of the version, such as v1.'),
    resources: omitEmpty(
      2,
      listOf(apiResourceDiscovery, { keys: ['resource'] }),
      'The resources of the version.',
    ),
    freshness: omitEmpty(
      3,
      wordOf('Current', 'Stale'),
      'Whether this was read just now: Current, or Stale when the server behind it does not answer.',
    ),
  },
)
export interface APIVersionDiscovery extends Stored<typeof apiVersionDiscovery> {}
