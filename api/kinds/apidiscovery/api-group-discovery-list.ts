/** APIGroupDiscoveryList: everything that the server has, in one discovery document. */
import { defineMessage } from '../../kind.ts'
import { listMeta } from '../../parts/meta/list-meta.ts'
import { always, listOf, omitEmpty, type Stored } from '../../schema.ts'
import { APIGroupDiscovery } from './api-group-discovery.ts'

export const APIGroupDiscoveryList = defineMessage({
  group: 'apidiscovery.k8s.io',
  version: 'v2',
  kind: 'APIGroupDiscoveryList',
  doc: 'Every group, version and resource that the server has, in one document.',
  fields: {
    metadata: omitEmpty(1, listMeta, 'What a list says about itself.'),
    items: always(2, listOf(APIGroupDiscovery.schema), 'The groups, in order of preference.'),
  },
})
export interface APIGroupDiscoveryList extends Stored<typeof APIGroupDiscoveryList> {}
