/** The answer to GET /api: the versions of the core group. */
import { defineMessage } from '../../kind.ts'
import { serverAddressByClientCIDR } from '../../parts/meta/discovery.ts'
import { always, listOf, type Stored, string } from '../../schema.ts'

export const APIVersions = defineMessage({
  group: '',
  version: 'v1',
  kind: 'APIVersions',
  name: 'meta.v1.APIVersions',
  doc: 'The versions of the core group, as /api answers.',
  fields: {
    versions: always(1, listOf(string, { listType: 'atomic' }), 'The versions, such as v1.'),
    serverAddressByClientCIDRs: always(
      2,
      listOf(serverAddressByClientCIDR, { listType: 'atomic' }),
      'Which address of the server to use from which network.',
    ),
  },
})
export interface APIVersions extends Stored<typeof APIVersions> {}
