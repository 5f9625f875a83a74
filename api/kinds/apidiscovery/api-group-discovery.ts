/** APIGroupDiscovery: the versions of one API group and the resources of each. */
import { defineKind } from '../../kind.ts'
import { apiVersionDiscovery } from '../../parts/apidiscovery/resources.ts'
import { listOf, omitEmpty, type Stored } from '../../schema.ts'

export const APIGroupDiscovery = defineKind({
  group: 'apidiscovery.k8s.io',
  version: 'v2',
  kind: 'APIGroupDiscovery',
  doc: 'An API group with its versions and their resources; metadata.name is the group.',
  fields: {
    versions: omitEmpty(
      2,
      listOf(apiVersionDiscovery, { keys: ['version'] }),
      'The versions, the preferred one first.',
    ),
  },
})
export interface APIGroupDiscovery extends Stored<typeof APIGroupDiscovery> {}
