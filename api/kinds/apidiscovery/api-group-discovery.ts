/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import { apiVersionDiscovery } from '../../parts/apidiscovery/resources.ts'
import { listOf, omitEmpty, type Stored } from '../../schema.ts'

export const APIGroupDiscovery = defineKind({
  group: 'apidiscovery.k8s.io',
  version: 'v2',
  kind: 'APIGroupDiscovery',
  doc: '',
  fields: {
    versions: omitEmpty(2, listOf(apiVersionDiscovery, { keys: ['version'] }), ''),
  },
})
export interface APIGroupDiscovery extends Stored<typeof APIGroupDiscovery> {}
