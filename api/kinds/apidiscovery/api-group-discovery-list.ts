/** FIXME: one sentence. */
import { defineMessage } from '../../kind.ts'
import { listMeta } from '../../parts/meta/list-meta.ts'
import { always, listOf, omitEmpty, type Stored } from '../../schema.ts'
import { APIGroupDiscovery } from './api-group-discovery.ts'

export const APIGroupDiscoveryList = defineMessage({
  group: 'apidiscovery.k8s.io',
  version: 'v2',
  kind: 'APIGroupDiscoveryList',
  doc: '',
  fields: {
    metadata: omitEmpty(1, listMeta, ''),
    items: always(2, listOf(APIGroupDiscovery.schema), ''),
  },
})
export interface APIGroupDiscoveryList extends Stored<typeof APIGroupDiscoveryList> {}
