/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import { podTemplateSpec } from '../../parts/core/pod-template.ts'
import { omitEmpty, type Stored } from '../../schema.ts'

export const PodTemplate = defineKind({
  group: '',
  version: 'v1',
  kind: 'PodTemplate',
  plural: 'podtemplates',
  scope: 'Namespaced',
  generation: true,
  deletion: { returnsObject: true },
  doc: '',
  fields: {
    template: omitEmpty(2, podTemplateSpec, ''),
  },
  // columns: Name, Containers, Images, Pod Labels
})
export interface PodTemplate extends Stored<typeof PodTemplate> {}
