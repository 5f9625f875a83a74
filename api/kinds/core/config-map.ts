/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import { boolean, bytes, mapOf, omitEmpty, optional, type Stored, string } from '../../schema.ts'

export const ConfigMap = defineKind({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  shortNames: ['cm'],
  scope: 'Namespaced',
  doc: '',
  fields: {
    immutable: optional(4, boolean, ''),
    data: omitEmpty(2, mapOf(string), ''),
    binaryData: omitEmpty(3, mapOf(bytes), ''),
  },
  // columns: Name, Data, Age
})
export interface ConfigMap extends Stored<typeof ConfigMap> {}
