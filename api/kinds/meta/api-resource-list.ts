/** FIXME: one sentence. */
import { defineMessage } from '../../kind.ts'
import { always, boolean, listOf, omitEmpty, type Stored, string, struct } from '../../schema.ts'

export const apiResource = struct('meta.v1.APIResource', '', {
  name: always(1, string, ''),
  singularName: always(6, string, ''),
  namespaced: always(2, boolean, ''),
  group: omitEmpty(8, string, ''),
  version: omitEmpty(9, string, ''),
  kind: always(3, string, ''),
  verbs: always(4, listOf(string), ''),
  shortNames: omitEmpty(5, listOf(string, { listType: 'atomic' }), ''),
  categories: omitEmpty(7, listOf(string, { listType: 'atomic' }), ''),
  storageVersionHash: omitEmpty(10, string, ''),
})
export interface APIResource extends Stored<typeof apiResource> {}

export const APIResourceList = defineMessage({
  group: '',
  version: 'v1',
  kind: 'APIResourceList',
  name: 'meta.v1.APIResourceList',
  doc: '',
  fields: {
    groupVersion: always(1, string, ''),
    resources: always(2, listOf(apiResource, { listType: 'atomic' }), ''),
  },
})
export interface APIResourceList extends Stored<typeof APIResourceList> {}
