/** SerializedReference: what a pod's creator once wrote into an annotation of the pod. */
import { defineMessage } from '../../kind.ts'
import { objectReference } from '../../parts/core/references.ts'
import { omitEmpty, type Stored } from '../../schema.ts'

export const SerializedReference = defineMessage({
  group: '',
  version: 'v1',
  kind: 'SerializedReference',
  doc: 'A reference to an object as a document of its own.',
  fields: {
    reference: omitEmpty(1, objectReference, 'The object that is referred to.'),
  },
})
export interface SerializedReference extends Stored<typeof SerializedReference> {}
