/** FIXME: one sentence. */
import { defineMessage } from '../../kind.ts'
import { always, listOf, type Stored } from '../../schema.ts'
import { APIGroup } from './api-group.ts'

export const APIGroupList = defineMessage({
  group: '',
  version: 'v1',
  kind: 'APIGroupList',
  name: 'meta.v1.APIGroupList',
  doc: '',
  fields: {
    groups: always(1, listOf(APIGroup.schema, { listType: 'atomic' }), ''),
  },
})
export interface APIGroupList extends Stored<typeof APIGroupList> {}
