/** The answer to GET /apis/<group>: one API group and its versions. */
import { defineMessage } from '../../kind.ts'
import { serverAddressByClientCIDR } from '../../parts/meta/discovery.ts'
import { groupVersionForDiscovery } from '../../parts/meta/group-version.ts'
import { always, listOf, omitEmpty, type Stored, string } from '../../schema.ts'

export const APIGroup = defineMessage({
  group: '',
  version: 'v1',
  kind: 'APIGroup',
  name: 'meta.v1.APIGroup',
  doc: 'An API group: its name and its versions.',
  fields: {
    name: always(1, string, 'Name of the group, such as apps.'),
    versions: always(
      2,
      listOf(groupVersionForDiscovery, { listType: 'atomic' }),
      'The versions that the server has of this group.',
    ),
    preferredVersion: omitEmpty(
      3,
      groupVersionForDiscovery,
      'The version that clients should use unless they know better.',
    ),
    serverAddressByClientCIDRs: omitEmpty(
      4,
      listOf(serverAddressByClientCIDR, { listType: 'atomic' }),
      'Which address of the server to use from which network.',
    ),
  },
})
export interface APIGroup extends Stored<typeof APIGroup> {}
