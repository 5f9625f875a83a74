/** FIXME: one sentence. */
import { defineMessage } from '../../kind.ts'
import { objectReference } from '../../parts/core/references.ts'
import { omitEmpty, type Stored } from '../../schema.ts'

export const SerializedReference = defineMessage({
  group: '',
  version: 'v1',
  kind: 'SerializedReference',
  doc: '',
  fields: {
    reference: omitEmpty(1, objectReference, ''),
  },
})
export interface SerializedReference extends Stored<typeof SerializedReference> {}
