/** FIXME: one sentence. */
import { defineMessage } from '../../kind.ts'
import { serverAddressByClientCIDR } from '../../parts/meta/discovery.ts'
import { groupVersionForDiscovery } from '../../parts/meta/group-version.ts'
import { always, listOf, omitEmpty, type Stored, string } from '../../schema.ts'

export const APIGroup = defineMessage({
  group: '',
  version: 'v1',
  kind: 'APIGroup',
  name: 'meta.v1.APIGroup',
  doc: '',
  fields: {
    name: always(1, string, ''),
    versions: always(2, listOf(groupVersionForDiscovery, { listType: 'atomic' }), ''),
    preferredVersion: omitEmpty(3, groupVersionForDiscovery, ''),
    serverAddressByClientCIDRs: omitEmpty(
      4,
      listOf(serverAddressByClientCIDR, { listType: 'atomic' }),
      '',
    ),
  },
})
export interface APIGroup extends Stored<typeof APIGroup> {}
