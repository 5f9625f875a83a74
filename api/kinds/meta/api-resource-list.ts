/** The answer to GET /apis/<group>/<version>: the resources of one group and version. */
import { defineMessage } from '../../kind.ts'
import { always, boolean, listOf, omitEmpty, type Stored, string, struct } from '../../schema.ts'

export const apiResource = struct(
  'meta.v1.APIResource',
  'A resource that the server has: its names and what can be done with it.',
  {
    name: always(1, string, 'The plural name, as in URLs; a subresource is named after a slash.'),
    singularName: always(6, string, 'The singular name, for users to type.'),
    namespaced: always(2, boolean, 'Whether the objects live in namespaces.'),
    group: omitEmpty(8, string, 'Group of the kind, when it is not that of the list.'),
    version: omitEmpty(9, string, 'Version of the kind, when it is not that of the list.'),
    kind: always(3, string, 'The kind of the objects, such as Deployment.'),
    verbs: always(
      4,
      listOf(string, { message: 'meta.v1.Verbs' }),
      'What can be done with the resource, such as get and watch.',
    ),
    shortNames: omitEmpty(
      5,
      listOf(string, { listType: 'atomic' }),
      'Shorter names for users to type, such as deploy.',
    ),
    categories: omitEmpty(
      7,
      listOf(string, { listType: 'atomic' }),
      'Sets of resources that include this one, such as all.',
    ),
    storageVersionHash: omitEmpty(
      10,
      string,
      'A hash of the version that objects are stored in, which changes when that does.',
    ),
  },
)
export interface APIResource extends Stored<typeof apiResource> {}

export const APIResourceList = defineMessage({
  group: '',
  version: 'v1',
  kind: 'APIResourceList',
  name: 'meta.v1.APIResourceList',
  doc: 'Every resource that the server has of one group and version.',
  fields: {
    groupVersion: always(1, string, 'The group and version, such as apps/v1.'),
    resources: always(
      2,
      listOf(apiResource, { listType: 'atomic' }),
      'The resources and their subresources.',
    ),
  },
})
export interface APIResourceList extends Stored<typeof APIResourceList> {}
