/** FIXME: one sentence. */
import { defineMessage } from '../../kind.ts'
import { serverAddressByClientCIDR } from '../../parts/meta/discovery.ts'
import { always, listOf, type Stored, string } from '../../schema.ts'

export const APIVersions = defineMessage({
  group: '',
  version: 'v1',
  kind: 'APIVersions',
  name: 'meta.v1.APIVersions',
  doc: '',
  fields: {
    versions: always(1, listOf(string, { listType: 'atomic' }), ''),
    serverAddressByClientCIDRs: always(
      2,
      listOf(serverAddressByClientCIDR, { listType: 'atomic' }),
      '',
    ),
  },
})
export interface APIVersions extends Stored<typeof APIVersions> {}
