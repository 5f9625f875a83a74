/** The answer to GET /apis: every API group and its versions. */
import { defineMessage } from '../../kind.ts'
import { always, listOf, type Stored } from '../../schema.ts'
import { APIGroup } from './api-group.ts'

export const APIGroupList = defineMessage({
  group: '',
  version: 'v1',
  kind: 'APIGroupList',
  name: 'meta.v1.APIGroupList',
  doc: 'Every API group that the server has, as /apis answers.',
  fields: {
    groups: always(
      1,
      listOf(APIGroup.schema, { listType: 'atomic' }),
      'The groups, each with its versions.',
    ),
  },
})
export interface APIGroupList extends Stored<typeof APIGroupList> {}
